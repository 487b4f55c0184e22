"""P18, cold-start: `make demo` in a clean clone, and once more where all is installed and migrated.

Cold, to 60 s: until `/` answers and one event of its stream has come; nothing is downloaded where
pip's cache is warm. Warm, to three times `manage.py check` in the same checkout.
"""

import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import installation
from tests.benchmarks.demos import Demo, running
from tests.benchmarks.report import Row
from tests.databases import ROOT

RUNS = 3
BUDGET = 60.0


def measure() -> Iterator[Row]:
    with installation.folder() as where:
        colds = [_cold(where / f"clone-{number}") for number in range(RUNS)]
        yield _cold_row(sorted(colds, key=lambda one: one[0].live)[RUNS // 2])
        clone = where / f"clone-{RUNS - 1}"
        pairs = [(_demo(clone, to_the_end=False), _check(clone)) for _ in range(RUNS)]
        ratio = statistics.median(demo.served / check for demo, check in pairs)
        seconds = " and ".join(f"{statistics.median(one):.1f} s" for one in _columns(pairs))
        yield Row("demo-warm", ratio, 3.0, f"{seconds} for manage.py check")


def _columns(pairs: list[tuple[Demo, float]]) -> tuple[list[float], list[float]]:
    return [demo.served for demo, _ in pairs], [check for _, check in pairs]


def _cold(clone: Path) -> tuple[Demo, float, float]:
    """And when packages were installed, and the tables made."""
    began = time.time()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    cloned = time.time() - began
    found = _demo(clone, to_the_end=True)
    installed = (clone / ".venv" / ".app").stat().st_mtime - began - cloned
    [tables] = (clone / "var" / "demo-databases").glob("*.sqlite3")
    return found, installed, tables.stat().st_mtime - began - cloned


def _cold_row(run: tuple[Demo, float, float]) -> Row:
    found, installed, migrated = run
    notes = (
        f"install {installed:.1f} s, start and migrate {migrated - installed:.1f} s,"
        f" boot {found.served - migrated:.1f} s, first event {found.live - found.served:.1f} s;"
        f" all furnished {found.furnished:.1f} s after the start; median of {RUNS}"
    )
    return Row("demo-cold", found.live / BUDGET, 1.0, notes)


def _demo(clone: Path, *, to_the_end: bool) -> Demo:
    with running(clone) as starting:
        return starting.follow(to_the_end=to_the_end)


def _check(clone: Path) -> float:
    began = time.time()
    python = clone / ".venv" / "bin" / "python"
    subprocess.run(
        [python, "manage.py", "check"],
        cwd=clone,
        env={"PATH": os.environ["PATH"], "WAYBILL_LOG_LEVEL": "ERROR"},
        check=True,
        capture_output=True,
    )
    return time.time() - began
