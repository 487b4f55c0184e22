"""Every block of the tutorial runs, one after the other, as somebody would paste them."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.requirements import ASSETS

ROOT = Path(__file__).resolve().parents[3]
TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TUTORIAL.read_text(), re.MULTILINE | re.DOTALL)
PATIENCE = 120


def run(folder: Path, script: str) -> str:
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": f"{ASSETS}:/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert "Traceback" not in ran.stderr
    return ran.stdout


@pytest.mark.real
def test_every_block_runs_and_says_what_the_text_says(furnished: Path) -> None:
    told = run(furnished, "".join(text for kind, text in BLOCKS if kind == "bash"))

    assert "This is change 5; it is a draft." in told
    assert "There is no pool h100-north that team chat may use." in told
    assert re.search(r"^create Deployment tutorial-\w+ in east$", told, re.MULTILINE)
    assert re.search(r"^create HTTPRoute tutorial-\w+ in east$", told, re.MULTILINE)
    assert "Nobody decides on a change that they had a hand in." in told
    assert "HTTP/1.1 200 OK" in told
    assert "x-inference-pod: tutorial-" in told
    # Waybill's own probes may take a turn in between.
    assert re.search(r"of 20 requests the canary had [123]$", told, re.MULTILINE)
    assert re.search(r"of 20 requests the canary had [456]$", told, re.MULTILINE)
    assert "+    replicas: 2" in told
    assert "differences: exit status 1" in told
    assert "Change 6 is cancelled." in told
    assert "Insufficient amd.com/gpu" in told
    assert re.search(r"approver approved Give the canary a quarter$", told, re.MULTILINE)


@pytest.mark.kubectl
def test_kubectl_does_what_the_text_says(furnished: Path) -> None:
    helpers = "".join(text for kind, text in BLOCKS[1:4] if kind == "bash")
    typed = [
        line.removeprefix("$ ")
        for kind, text in BLOCKS
        for line in text.splitlines()
        if kind == "console" and "make" not in line
    ]
    *deeds, look = typed

    told = run(
        furnished, "\n".join([helpers, *deeds, f"until {look} | grep drift; do sleep 0.1; done"])
    )

    assert "deployment.apps/qwen3-32b-" in told
    assert "inferencepool.inference.networking.k8s.io/" in told
    assert " scaled\n" in told
    assert told.endswith("drift\n")


def test_blocks_are_run_or_start_with_a_prompt() -> None:
    assert {kind for kind, _ in BLOCKS} == {"bash", "console"}
    lines = [line for kind, text in BLOCKS if kind == "console" for line in text.splitlines()]
    assert all(line.startswith("$ ") for line in lines)
