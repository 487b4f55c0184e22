"""One request on its way through the API, and what it is answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Send

from inference.simulator.api.paths import Target
from inference.simulator.authorization import UserInfo
from inference.simulator.decoding import WARN
from inference.simulator.errors import Object
from inference.simulator.rules import Attributes

JSON = "application/json"
Stream = Callable[[Receive, Send], Awaitable[None]]


@dataclass(slots=True)
class Call:
    """A request of somebody who is known."""

    method: str
    path: str
    query: QueryParams
    headers: Headers
    body: bytes
    target: Target
    verb: str
    user: UserInfo
    options: dict[str, str] = field(default_factory=dict)
    """What the body says beside an object: the options of a deletion."""
    warnings: list[str] = field(default_factory=list)
    """What is answered beside the object, for people to read."""

    @property
    def attributes(self) -> Attributes:
        if not self.target.resource:
            return Attributes(self.verb, path=self.path)
        target = self.target
        return Attributes(
            self.verb,
            target.group,
            target.resource,
            target.subresource,
            target.namespace,
            target.name or self._selected_name,
        )

    @property
    def _selected_name(self) -> str:
        """A collection of one object by its name is that object to roles."""
        for part in self.query.get("fieldSelector", "").split(","):
            path, _, name = part.partition("=")
            if path == "metadata.name" and self.verb in {"list", "watch", "deletecollection"}:
                found: str = name.lstrip("=")
                return found
        return ""

    @property
    def media(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_dry_run(self) -> bool:
        return "All" in self.query.getlist("dryRun")

    @property
    def validation(self) -> str:
        return self.query.get("fieldValidation") or WARN

    @property
    def manager(self) -> str:
        """Who writes: as it says itself, or else the first word of its agent."""
        agent: str = self.headers.get("user-agent", "").partition("/")[0][:128]
        return self.query.get("fieldManager") or agent or "unknown"

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() in {"true", "1"}


@dataclass(slots=True)
class Reply:
    """An answer. `stream` takes the place of the body where the answer goes on.

    Faults may let it break after some bytes of the body, or come slowly.
    """

    body: Object | bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media: str = JSON
    stream: Stream | None = None
    breaks_after: int | None = None
    seconds_a_byte: float = 0.0

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else dumped(self.body)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Of the object in it; empty where there is none."""
        if isinstance(self.body, bytes):
            return {}
        return self.body.get("metadata") or {}


def dumped(value: Any) -> bytes:
    return orjson.dumps(value) + b"\n"
