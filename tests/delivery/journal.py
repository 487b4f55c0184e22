"""What a server was asked, in its own words: its journal, or the audit log of a real one."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from tests.contract.actors import Actor

PATIENCE = 60
_numbers = count(1)
POLICY: dict[str, Any] = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "omitManagedFields": True,
    "rules": [
        {"level": "RequestResponse", "verbs": ["create", "update", "patch", "delete"]},
        {"level": "Metadata"},
    ],
}


class Request(Protocol):
    """One request and how it was answered. `version` is the resourceVersion in the answer."""

    @property
    def verb(self) -> str: ...

    @property
    def user(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def resource(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def status(self) -> int: ...

    @property
    def version(self) -> str: ...

    @property
    def is_write(self) -> bool: ...

    @property
    def is_done(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Logged:
    """A request, as an audit log tells it."""

    verb: str
    user: str
    path: str
    resource: str
    name: str
    status: int
    version: str
    is_dry_run: bool

    @property
    def is_write(self) -> bool:
        return self.verb in {"create", "update", "patch", "delete"} and not self.is_dry_run

    @property
    def is_done(self) -> bool:
        return self.is_write and self.status in {200, 201}


class FileJournal:
    """The log of one server. Requests stand in it in the order in which they were completed."""

    def __init__(self, file: Path, root: Actor) -> None:
        self._file = file
        self._root = root

    def place(self) -> int:
        """Where it ends now."""
        return self._file.stat().st_size

    def since(self, place: int) -> list[Logged]:
        """What was completed after `place`, up to now.

        A server writes a request down just after it was answered, so one more is asked for.
        """
        last = f"?last={next(_numbers)}"
        self._root.request("GET", f"/version{last}")
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = list(self._read(place))
            if any(request.path.endswith(last) for request in found):
                return [request for request in found if not request.path.endswith(last)]
            time.sleep(0.01)
        raise TimeoutError(f"The server has not written down {last}.")

    def _read(self, place: int) -> Iterator[Logged]:
        with self._file.open("rb") as log:
            log.seek(place)
            for line in log.read().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    yield _request(json.loads(line))


def _request(event: dict[str, Any]) -> Logged:
    about, answer = event.get("objectRef") or {}, event.get("responseObject") or {}
    metadata = answer.get("metadata") or {}
    return Logged(
        verb=event["verb"],
        user=event["user"].get("username", ""),
        path=event["requestURI"],
        resource=about.get("resource", ""),
        name=about.get("name", ""),
        status=event.get("responseStatus", {}).get("code", 0),
        version=metadata.get("resourceVersion", ""),
        is_dry_run="dryRun=All" in event["requestURI"],
    )


def moves(requests: Iterable[Request], before: dict[str, str]) -> Counter[str]:
    """How often each object's resourceVersion has moved: `name` by updates and creations.

    `before` holds the resourceVersion of each name that was there.
    """
    versions: dict[tuple[str, str], set[str]] = {}
    for request in requests:
        if request.is_done and request.verb == "patch":
            versions.setdefault((request.resource, request.name), set()).add(request.version)
    return Counter(
        {
            name: len(found - {before.get(f"{resource}/{name}", "")})
            for (resource, name), found in versions.items()
        }
    )
