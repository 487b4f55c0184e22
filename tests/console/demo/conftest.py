"""One furnished demo for all who look at it. It ends by a signal, cleanly."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FURNISHED = "all is furnished"
PATIENCE = 120


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder beside which a demo runs as `make demo` runs it, ten times faster."""
    place = tmp_path_factory.mktemp("tutorial")
    (place / ".venv").symlink_to(Path(sys.prefix))
    log = place / "demo.log"
    with log.open("wb") as out:
        demo = subprocess.Popen(
            [
                *(sys.executable, "-m", "console.demo", "--port", "0", "--pace", "0.1"),
                *("--folder", str(place / "var" / "demo")),
            ],
            cwd=ROOT,
            stdout=out,
            stderr=out,
        )
        try:
            _wait(demo, log)
            yield place
        finally:
            demo.send_signal(signal.SIGTERM)
            assert demo.wait(PATIENCE) == 0
    assert "Traceback" not in log.read_text()


def _wait(demo: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while FURNISHED not in log.read_text():
        if demo.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the demo was not furnished:\n{log.read_text()}")
        time.sleep(0.1)
