"""What a simulated cluster was asked, in the order in which it answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType

import orjson

from inference.simulator.api.calls import Call, Reply

_WRITES = {"create", "update", "patch", "delete", "deletecollection"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its answer. Status 0: it was cut off without one.

    `version` is the resourceVersion of the object in the answer; `before` and `after` are those
    of the whole store, and differ where the request, and not a dry run of it, changed something.
    """

    verb: str
    user: str
    path: str
    api_version: str
    resource: str
    subresource: str
    namespace: str
    name: str
    uid: str
    status: int
    version: str
    before: int
    after: int
    is_dry_run: bool
    media: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def line(self) -> bytes:
        told = {part.name: getattr(self, part.name) for part in fields(self)}
        return orjson.dumps({**told, "options": dict(self.options)}) + b"\n"

    @property
    def is_write(self) -> bool:
        return self.verb in _WRITES and not self.is_dry_run

    @property
    def is_done(self) -> bool:
        return self.is_write and self.status in {200, 201}

    @property
    def is_change(self) -> bool:
        return self.after > self.before


_observers: list[Callable[[Entry], None]] = []


def observe(observer: Callable[[Entry], None]) -> Callable[[], None]:
    """Hear, on its thread, of each entry of every cluster in this process; returns how to stop."""
    _observers.append(observer)
    return lambda: _observers.remove(observer)


class Journal:
    """Written on the loop of the cluster; read from anywhere.

    With a `file` each entry is a line there at once, for whoever looks on from another process.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._entries: list[Entry] = []
        self._file = file

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        if self._file is not None:
            with self._file.open("ab") as out:
                out.write(entry.line())
        for observer in tuple(_observers):
            observer(entry)

    def place(self) -> int:
        """Where it ends now."""
        return len(self._entries)

    def since(self, place: int = 0, last: str = "") -> list[Entry]:
        """What was answered after `place`, up to the request whose path ends in `last`."""
        found = self._entries[place:]
        if not last:
            return found
        return [entry for entry in found if not entry.path.endswith(last)]


def read(file: Path, place: int = 0) -> tuple[list[Entry], int]:
    """What another process has written after `place`, and the place where that ends.

    A line that is not whole yet is left for later.
    """
    with file.open("rb") as written:
        written.seek(place)
        text = written.read()
    whole = text[: text.rfind(b"\n") + 1]
    return [Entry(**orjson.loads(line)) for line in whole.splitlines()], place + len(whole)


def entry(call: Call, reply: Reply, before: int, after: int) -> Entry:
    target, metadata = call.target, reply.metadata
    query = f"?{call.query}" if call.query else ""
    return Entry(
        verb=call.verb,
        user=call.user.name,
        path=f"{call.path}{query}",
        api_version=target.api_version,
        resource=target.resource,
        subresource=target.subresource,
        namespace=target.namespace,
        name=target.name or metadata.get("name", ""),
        uid=metadata.get("uid", ""),
        status=reply.status,
        version=metadata.get("resourceVersion", ""),
        before=before,
        after=after,
        is_dry_run=call.is_dry_run or call.options.get("dryRun") == "All",
        media=call.media,
        options=MappingProxyType({**dict(call.query), **call.options}),
    )
