"""How one watch stands: from what it tells, to what readers of its rows may believe. Pure.

Times are seconds of the monotonic clock.
"""

from dataclasses import dataclass, field
from typing import Any

from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected
from inference.clusters.client.events import Event, EventType
from inference.clusters.client.watch import LISTED_ANEW
from inference.messages import Message
from inference.messages import observation as messages

GRACE = 20.0
"""A stream that is open again within this has missed nothing, and nobody needs to hear of it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A watch and how it stands. `is_synced` once its list was complete; `age` in seconds."""

    namespace: str
    group: str
    kind: str
    is_synced: bool
    age: float | None
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class Standing:
    """What was told until now. A watch that has told nothing has just begun."""

    is_synced: bool = False
    message: Message | None = messages.STARTING_TO_WATCH
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    lost_at: float | None = None
    needs_list: bool = False

    def take(self, event: Event, now: float) -> None:
        if event.type is EventType.SYNCED:
            self.is_synced, self.needs_list = True, False
            self._forgive()
        elif event.type is EventType.MALFORMED:
            if self.message is None:
                self.message, self.params = messages.WATCH_MALFORMED, {}
        elif event.type is EventType.LOST:
            self._lose(event.error, now)

    def heard(self, namespace: str, group: str, kind: str, *, heard_at: float, now: float) -> Heard:
        """`heard_at`: when the server last gave the watch what it asked for."""
        since = heard_at
        if self.lost_at is not None:
            if heard_at > self.lost_at and not self.needs_list:
                self._forgive()
            elif self.needs_list:
                since = min(heard_at, self.lost_at)
        message = None if self._is_forgivable(now) else self.message
        return Heard(
            namespace,
            group,
            kind,
            is_synced=self.is_synced,
            age=max(0.0, now - since) if self.is_synced else None,
            code=message.code if message else "",
            params=self.params if message else {},
        )

    def _lose(self, error: ClusterUnavailable | ManifestRejected, now: float) -> None:
        if self.lost_at is None:
            self.lost_at = now
        self.message, self.params = error.message, error.params
        self.needs_list = self.needs_list or error.reason in LISTED_ANEW

    def _forgive(self) -> None:
        self.message, self.params, self.lost_at = None, {}, None

    def _is_forgivable(self, now: float) -> bool:
        """A list that never came has no grace: nothing is known."""
        return self.is_synced and self.lost_at is not None and now - self.lost_at < GRACE
