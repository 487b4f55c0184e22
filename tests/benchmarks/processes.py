"""CPU that servers of a measure have spent, from the kernel's own books."""

import os
from pathlib import Path

from django.db import connection

TICK = os.sysconf("SC_CLK_TCK")


def postgres_pid() -> int:
    """The first process of the server behind the default database, which runs on this machine."""
    with connection.cursor() as ask:
        ask.execute("show data_directory")
        (folder,) = ask.fetchone()
    return int((Path(folder) / "postmaster.pid").read_text().split()[0])


def cpu_of(parent: int) -> float:
    """Seconds of a process, of those it started that still run, and of those that have ended."""
    total = _ticks(parent)
    for child in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(_fields(child)[1]) == parent:
                total += _ticks(int(child.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / TICK


def _ticks(pid: int) -> int:
    return sum(int(one) for one in _fields(Path(f"/proc/{pid}/stat"))[11:15])


def _fields(stat: Path) -> tuple[str, ...]:
    """What follows the name, which may hold anything."""
    return tuple(stat.read_text().rpartition(")")[2].split())
