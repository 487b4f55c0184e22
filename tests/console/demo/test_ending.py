"""How a demo ends when it is told to, whatever it does at that moment."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import databases

PATIENCE = 60


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_told_to_stop_while_it_furnishes_ends_well(
    tmp_path: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "console.demo", "--port", "0", "--pace", "0.1"),
            *("--folder", str(tmp_path / "var" / "demo")),
        ],
        cwd=databases.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            next(line for line in process.stdout if "Waybill is at" in line)

            process.send_signal(number)
            rest, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()

    assert process.returncode == 0, rest
    assert "Traceback" not in rest
