"""Follows one kind in one namespace: a list, then its changes, again and again, without an end.

What is told never goes backwards: an event that is older than the newest one is not told, nor is
a list that is older than one before, unless it stays so. Deletions that were missed are told after
the next list.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from types import MappingProxyType

from inference.clusters.client import events, refusals
from inference.clusters.client.answers import Answer
from inference.clusters.client.errors import (
    ClusterUnavailable,
    ManifestRejected,
    Rejected,
    Unavailable,
)
from inference.clusters.client.events import Event, EventType
from inference.clusters.client.kinds import Resource
from inference.clusters.client.refusals import Asked
from inference.clusters.client.streams import Streams

_PATIENT = {
    Rejected.FORBIDDEN,
    Rejected.KIND_NOT_SERVED,
    Unavailable.CREDENTIAL_EXPIRED,
    Unavailable.EGRESS_REFUSED,
}
"""What a person has to mend first: asked again at the longest pause only."""
LISTED_ANEW = {
    Unavailable.LIST_EXPIRED,
    Unavailable.NOT_KUBERNETES,
    Unavailable.STREAM_STALLED,
    Unavailable.HISTORY_REWOUND,
}
"""After these, nothing is believed before the next list has come to its end. A stream that was
silent may be one that waits for versions that never come: a cluster that was restored from a backup
takes a watch from the version of before, and tells it neither changes nor bookmarks."""
_CHANGES = {EventType.ADDED, EventType.MODIFIED, EventType.DELETED}


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Times in seconds, sizes in bytes."""

    idle: float = 90.0
    shortest_stream: float = 240.0
    longest_stream: float = 300.0
    short_life: float = 5.0
    """A stream that ended before this without a change has failed, however politely."""
    first_pause: float = 0.5
    longest_pause: float = 30.0
    lag: float = 60.0
    """What is older for longer than this is no copy that lags behind, but what there is now."""
    page: int = 500
    largest_page: int = 32 * 1024 * 1024
    largest_line: int = 4 * 1024 * 1024


SETTINGS = WatchSettings()
EMPTY: Mapping[tuple[str, str], str] = MappingProxyType({})


class Watch:
    """`async for event in Watch(streams, resource, namespace)`. Ends when its reader does.

    Costs two short strings for each object that exists.
    """

    def __init__(
        self,
        streams: Streams,
        resource: Resource,
        namespace: str = "",
        *,
        labels: str = "",
        known: Mapping[tuple[str, str], str] = EMPTY,
        settings: WatchSettings = SETTINGS,
    ) -> None:
        """`known`: UIDs of objects that were there before, by namespace and name. Each of them is
        told at least once: as it is now, or as deleted."""
        self.heard_at = time.monotonic()
        """When the server last gave us what we ask for, on the monotonic clock."""
        self._streams = streams
        self._resource = resource
        self._path = resource.path(namespace)
        self._asked = Asked(
            "watch",
            resource.plural,
            resource.api_version,
            namespace,
            secrets=streams.secrets,
        )
        self._selector = {"labelSelector": labels} if labels else {}
        self._settings = settings
        self._random = random.SystemRandom()
        self._known = {where: (uid, "") for where, uid in known.items()}
        self._version = ""
        self._is_listed = False
        self._rewound_at: float | None = None
        self._failures = 0

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            try:
                turn = self._follow() if self._is_listed else self._list()
                async with aclosing(turn):
                    async for event in turn:
                        yield event
            except (ClusterUnavailable, ManifestRejected) as error:
                if error.reason in LISTED_ANEW:
                    self._is_listed = False
                yield events.lost(error)
                await asyncio.sleep(self._pause(error))

    async def _list(self) -> AsyncGenerator[Event, None]:
        """Tell the difference between what is known and what is listed, deletions at the end."""
        listed: set[tuple[str, str]] = set()
        version, is_readable = "", True
        async with aclosing(self._pages()) as pages:
            async for page in pages:
                version = page.resource_version
                for raw in page.items:
                    for event in self._listed(raw, listed):
                        is_readable = is_readable and event.type is not EventType.MALFORMED
                        yield event
        if self._known and not listed and is_readable:
            await self._confirm_that_nothing_is_left()
        # An object that cannot be read may be any of those that seem to be missing.
        for where in self._known.keys() - listed if is_readable else ():
            yield self._gone(where)
        self._version, self._is_listed = version, True
        yield Event(EventType.SYNCED, resource_version=version)

    async def _pages(self) -> AsyncGenerator[events.RawPage, None]:
        query = {"limit": str(self._settings.page), **self._selector}
        token = ""
        while True:
            answer = await self._streams.fetch(
                self._path,
                query | ({"continue": token} if token else {}),
                self._settings.largest_page,
            )
            self._check(answer)
            page = events.page(answer.body, self._resource.kind)
            self._check_history(page.resource_version)
            yield page
            if not page.next:
                return
            if page.next == token:
                raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
            token = page.next

    def _check_history(self, version: str) -> None:
        """A copy that lags catches up; a cluster that was restored from a backup stays behind, and
        is seen anew, its deletions included."""
        if not events.is_older(version, self._version):
            self._rewound_at = None
            return
        now = time.monotonic()
        self._rewound_at = now if self._rewound_at is None else self._rewound_at
        if now - self._rewound_at < self._settings.lag:
            raise ClusterUnavailable(Unavailable.HISTORY_REWOUND)
        self._version, self._rewound_at = "", None
        self._known = {where: (uid, "") for where, (uid, _) in self._known.items()}

    async def _confirm_that_nothing_is_left(self) -> None:
        """An empty list says that everything is gone; that is believed the second time."""
        await asyncio.sleep(self._settings.first_pause * self._random.uniform(0.5, 1))
        async with aclosing(self._pages()) as pages:
            async for page in pages:
                if page.items:
                    raise ClusterUnavailable(Unavailable.LIST_EXPIRED)

    def _listed(self, raw: bytes, listed: set[tuple[str, str]]) -> Iterator[Event]:
        found = events.metadata(raw)
        if found is None:
            yield Event(EventType.MALFORMED, raw=raw)
            return
        where = (found.namespace, found.name)
        listed.add(where)
        uid, version = self._known.get(where, ("", ""))
        if uid and uid != found.uid:
            yield self._gone(where)
            uid = ""
        if not uid:
            yield self._remember(EventType.ADDED, found, raw)
        elif version != found.resource_version and not events.is_older(
            found.resource_version, version
        ):
            yield self._remember(EventType.MODIFIED, found, raw)

    def _gone(self, where: tuple[str, str]) -> Event:
        uid, _ = self._known.pop(where)
        return Event(EventType.DELETED, *where, uid)

    async def _follow(self) -> AsyncGenerator[Event, None]:
        """One stream, from the version that was told last to its end."""
        began_at = time.monotonic()
        has_changed = False
        seconds = self._random.uniform(
            self._settings.shortest_stream, self._settings.longest_stream
        )
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(max(1, round(seconds))),
            **self._selector,
        }
        stream = self._streams.open(self._path, query, self._settings.largest_line)
        async with stream as (answer, lines):
            self._check(answer)
            async with aclosing(self._told(lines)) as told:
                async for event in told:
                    has_changed = has_changed or event.type in _CHANGES
                    self._failures = 0 if has_changed else self._failures
                    yield event
        if not has_changed and time.monotonic() - began_at < self._settings.short_life:
            raise ClusterUnavailable(Unavailable.STREAM_ENDED)
        self._failures = 0

    async def _told(self, lines: AsyncIterator[bytes]) -> AsyncGenerator[Event, None]:
        """Whole lines only keep a stream alive: a byte now and then does not."""
        while True:
            try:
                async with asyncio.timeout(self._settings.idle):
                    text = await anext(lines)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise ClusterUnavailable(Unavailable.STREAM_STALLED) from None
            self.heard_at = time.monotonic()
            if not text.strip():
                continue
            event = self._told_by(*events.line(text))
            if event is not None:
                yield event

    def _told_by(self, kind: str, raw: bytes) -> Event | None:
        if kind == "ERROR":
            raise self._error(raw)
        if kind == EventType.BOOKMARK:
            return self._bookmarked(events.bookmark(raw))
        found = events.metadata(raw)
        if found is None or kind not in _CHANGES:
            return Event(EventType.MALFORMED, raw=raw)
        if found.resource_version == self._version or events.is_older(
            found.resource_version, self._version
        ):
            return None
        self._version = found.resource_version
        return self._remember(EventType(kind), found, raw)

    def _bookmarked(self, version: str) -> Event | None:
        if not version or events.is_older(version, self._version):
            return None
        self._version = version
        return Event(EventType.BOOKMARK, resource_version=version)

    def _remember(self, kind: EventType, found: events.Metadata, raw: bytes) -> Event:
        where = (found.namespace, found.name)
        if kind is EventType.DELETED:
            self._known.pop(where, None)
        else:
            self._known[where] = (found.uid, found.resource_version)
        return Event(kind, *where, found.uid, found.resource_version, raw)

    def _error(self, raw: bytes) -> ClusterUnavailable | ManifestRejected:
        """A `Status` in the stream means what it would mean as an answer."""
        answer = Answer(events.status_code(raw), {"content-type": "application/json"}, raw)
        found = refusals.refusal(answer, self._asked)
        return found or ClusterUnavailable(Unavailable.NOT_KUBERNETES)

    def _check(self, answer: Answer) -> None:
        refused = refusals.refusal(answer, self._asked)
        if refused is not None:
            raise refused
        self.heard_at = time.monotonic()

    def _pause(self, error: ClusterUnavailable | ManifestRejected) -> float:
        """Longer after each failure in a row, and never the same for two watches."""
        self._failures += 1
        most = self._settings.longest_pause
        pause = min(most, self._settings.first_pause * 2.0 ** min(self._failures - 1, 16))
        if error.reason in _PATIENT:
            pause = most
        asked = error.retry_after if isinstance(error, ClusterUnavailable) else None
        return max(asked or 0.0, pause * self._random.uniform(0.5, 1))
