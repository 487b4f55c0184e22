"""What a server was asked, in its own words: the audit log of a real API server, read in pieces."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 10
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


@dataclass(frozen=True, slots=True)
class Request:
    """One request and how it was answered. `version` is the resourceVersion in the answer."""

    verb: str
    user: str
    path: str
    resource: str
    name: str
    uid: str
    status: int
    version: str
    is_dry_run: bool

    @property
    def is_write(self) -> bool:
        return self.verb in {"create", "update", "patch", "delete"} and not self.is_dry_run

    @property
    def is_done(self) -> bool:
        return self.is_write and self.status in {200, 201}


class Journal:
    """The log of one server. Requests stand in it in the order in which they were completed."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def place(self) -> int:
        """Where it ends now."""
        return self._file.stat().st_size

    def since(self, place: int, last: str) -> list[Request]:
        """What was completed after `place`, up to the request whose path ends in `last`.

        A server writes a request down just after it was answered, so somebody asks for `last`.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = list(self._read(place))
            if any(request.path.endswith(last) for request in found):
                return [request for request in found if not request.path.endswith(last)]
            time.sleep(0.01)
        raise TimeoutError(f"The server has not written down {last}.")

    def _read(self, place: int) -> Iterator[Request]:
        with self._file.open("rb") as log:
            log.seek(place)
            for line in log.read().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    yield _request(json.loads(line))


def _request(event: dict[str, Any]) -> Request:
    about, answer = event.get("objectRef") or {}, event.get("responseObject") or {}
    metadata = answer.get("metadata") or {}
    return Request(
        verb=event["verb"],
        user=event["user"].get("username", ""),
        path=event["requestURI"],
        resource=about.get("resource", ""),
        name=about.get("name", ""),
        uid=metadata.get("uid", ""),
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
