"""A demo as `make demo` runs it, on a folder of its own. It ends by a signal, cleanly."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FURNISHED = "all is furnished"
PATIENCE = 120


@dataclass(frozen=True)
class Demo:
    """`folder` is where one would have typed the command."""

    folder: Path

    @property
    def told(self) -> str:
        return (self.folder / "demo.log").read_text()

    @property
    def address(self) -> str:
        return self._told(r"^Waybill is at (http://\S+?)/$")

    def password(self, person: str) -> str:
        return self._told(rf"^  {person} +password (\S+)")

    def token(self, person: str) -> str:
        return self._told(rf"^  {person} .*token (\S+)")

    def _told(self, pattern: str) -> str:
        found = re.search(pattern, self.told, re.MULTILINE)
        assert found, self.told
        return found[1]


@contextmanager
def running(folder: Path, *, pace: float = 0.1, clusters: Sequence[Path] = ()) -> Iterator[Demo]:
    """A furnished one; `pace` is real seconds in a second of its simulated clusters.

    With kubeconfigs of `clusters` from outside, it runs on those.
    """
    (folder / ".venv").symlink_to(Path(sys.prefix))
    with (folder / "demo.log").open("wb") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "console.demo", "--port", "0", "--pace", str(pace)),
                *("--folder", str(folder / "var" / "demo")),
                *(("--clusters", *map(str, clusters)) if clusters else ()),
            ],
            cwd=ROOT,
            stdout=out,
            stderr=out,
        )
        demo = Demo(folder)
        try:
            _wait(process, demo)
            yield demo
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(PATIENCE)
    assert status == 0, f"{status}: {demo.told}"
    assert "Traceback" not in demo.told, demo.told


def _wait(process: "subprocess.Popen[bytes]", demo: Demo) -> None:
    deadline = time.monotonic() + PATIENCE
    while FURNISHED not in demo.told:
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the demo was not furnished:\n{demo.told}")
        time.sleep(0.1)
