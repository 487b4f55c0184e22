"""`make demo-check`: on simulated clusters, each step told, from an edit to tokens."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
STEPS = (
    r"cluster east is connected: Kubernetes v1\.\d+",
    r"cluster west is connected: Kubernetes v1\.\d+",
    r"author drafted change 1, 'Serve Qwen3 with a canary': 8 definitions",
    r"plan [0-9a-f]{8} of change 1 is in review: \d+ green",
    r"author may not approve it: Nobody decides on a change that they had a hand in\.",
    r"approver approved plan [0-9a-f]{8} of change 1",
    r"every object was accepted: (verifying|succeeded)",
    r"engines, pickers and routes are ready",
    r"first token through the gateway after \d+ ms",
    r"first token through the gateway after \d+ ms",
    r"40 requests through east: canary 10, stable 30",
    r"40 requests through west: canary 10, stable 30",
)


def check(folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "demo", "--check", "--folder", str(folder), *more],
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )


def test_a_change_walks_from_an_edit_to_tokens(tmp_path: Path) -> None:
    ran = check(tmp_path / "demo")

    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    *steps, last = ran.stdout.splitlines()
    assert last == "The walk came to its end."
    assert len(steps) == len(STEPS)
    for told, step in zip(steps, STEPS, strict=True):
        assert re.fullmatch(rf" *\d+\.\d\d s  {step}.*", told), told
