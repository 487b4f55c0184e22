"""What the cases of the contract ask, so that no other test asks a simulated cluster for more.

`WAYBILL_RECORD=1 pytest tests/contract` adds to `asked.json`: a line for each verb on
a kind and for each option of a verb, as far as a case was answered with success. Every other test
fails that asks for something else: it needs a case first, which passes on a real API server.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Self

from inference.simulator import journal
from inference.simulator.journal import Entry

FILE = Path(__file__).parent / "asked.json"
_FAILED = 400
_WORDS = {
    "allowWatchBookmarks",
    "dryRun",
    "fieldValidation",
    "force",
    "preconditions",
    "propagationPolicy",
    "resourceVersionMatch",
    "sendInitialEvents",
    "watch",
}
"""Options of which each value is something else."""
_asked: set[str] = set()


class Questions:
    """What simulated clusters were asked, and no test has answered for yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries: list[Entry] = []
        self._places: dict[Path, int] = {}

    def __enter__(self) -> Self:
        self._stop = journal.observe(self._entries.append)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def taken(self) -> list[Entry]:
        found = list(self._entries)
        del self._entries[: len(found)]
        for file in self.folder.glob("*.jsonl"):
            place = self._places.get(file, 0)
            if file.stat().st_size > place:
                entries, self._places[file] = journal.read(file, place)
                found += entries
        return found


@cache
def known() -> frozenset[str]:
    return frozenset(json.loads(FILE.read_text())) if FILE.exists() else frozenset()


def spelled(entry: Entry) -> Iterator[str]:
    """One request as the lines that must be known."""
    yield f"{entry.verb} {_place(entry)}"
    if entry.verb == "patch":
        yield f"patch with {entry.media}"
    for name, value in entry.options.items():
        yield f"{entry.verb} ?{name}={value}" if name in _WORDS else f"{entry.verb} ?{name}"


def remember(entries: Iterable[Entry]) -> None:
    """What a case has asked, and was not refused."""
    _asked.update(line for one in entries if one.status < _FAILED for line in spelled(one))


def forgotten() -> list[str]:
    """What cases of this run have asked, and nobody has written down."""
    return sorted(_asked - known())


def unknown(entries: Iterable[Entry]) -> list[str]:
    return sorted({line for entry in entries for line in spelled(entry)} - known())


def write() -> None:
    """Add to what is written down; a run of some cases forgets nothing of the others.

    Without the file a run of all of them, kubectl's too, writes it anew.
    """
    FILE.write_text(json.dumps(sorted(_asked | known()), indent=0) + "\n")
    known.cache_clear()


def _place(entry: Entry) -> str:
    if entry.resource:
        part = f"/{entry.subresource}" if entry.subresource else ""
        return f"{entry.api_version}/{entry.resource}{part}"
    path = entry.path.partition("?")[0].rstrip("/")
    first, *below = path.split("/")[1:]
    return f"/{first}/*" if below else f"/{first}"
