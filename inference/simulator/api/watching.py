"""Watches: one stream per request, fed by one listener on the store."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import Receive, Send

from inference.simulator.api import forms
from inference.simulator.api.calls import JSON, dumped
from inference.simulator.api.negotiation import Form
from inference.simulator.api.selection import Selection
from inference.simulator.errors import ApiError, Object
from inference.simulator.events import ADDED, DELETED, MODIFIED, Event
from inference.simulator.resources import Resource
from inference.simulator.store import Store

_BOOKMARK_SECONDS = 60.0
_BEFORE_THE_END = 2.0
_INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}
_MOST_WAITING = 10_000
"""Events that a watcher may be behind; one that is further behind is cut off, as by a server."""


@dataclass(eq=False)
class Watch:
    """One watcher. Its events wait here, encoded, until its connection takes them."""

    resource: Resource
    selection: Selection
    form: Form
    bookmarks: bool
    seconds: float
    include: str = ""
    after: int = 0
    waiting: deque[bytes] = field(default_factory=deque)
    awake: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False

    def put(self, kind: str, obj: Object) -> None:
        if len(self.waiting) >= _MOST_WAITING:
            self.end()
            return
        if self.form.word and kind in {ADDED, MODIFIED, DELETED}:
            obj = forms.one(self.form, self.resource, obj, time.time(), self.include)
        self.waiting.append(dumped({"type": kind, "object": obj}))
        self.awake.set()

    def tell(self, event: Event, store: Store) -> None:
        """What this watcher sees of a change: a selection makes objects come and go."""
        if event.resource_version <= self.after:
            return
        now = self.selection.holds(event.object)
        before = event.previous is not None and self.selection.holds(event.previous)
        obj = store.in_version(self.resource, event.object)
        if event.type == DELETED:
            if before or now:
                self.put(DELETED, obj)
        elif now:
            self.put(MODIFIED if before else ADDED, obj)
        elif before:
            self.put(DELETED, obj)

    def bookmark(self, version: int, annotations: Object | None = None) -> None:
        metadata: Object = {"resourceVersion": str(version)}
        if annotations:
            metadata["annotations"] = annotations
        self.waiting.append(
            dumped(
                {
                    "type": "BOOKMARK",
                    "object": {
                        "kind": self.resource.kind,
                        "apiVersion": self.resource.api_version,
                        "metadata": metadata,
                    },
                }
            )
        )
        self.awake.set()

    def refuse(self, refusal: ApiError) -> None:
        self.waiting.append(dumped({"type": "ERROR", "object": refusal.status()}))
        self.end()

    def end(self) -> None:
        self.is_over = True
        self.awake.set()


class Watches:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_shelf: dict[tuple[str, str], set[Watch]] = {}
        self._stop = store.subscribe(self._hear)

    def __len__(self) -> int:
        return sum(len(found) for found in self._by_shelf.values())

    def close(self) -> None:
        self._stop()
        self.end_all()

    def end_all(self) -> None:
        """As a server does that is about to stop: every stream ends in good order."""
        for watchers in list(self._by_shelf.values()):
            for watch in list(watchers):
                watch.end()

    def begin(self, watch: Watch, *, after: int | None, tells_end: bool) -> None:
        """Tell what came after a version, or what is there where it is None; then follow."""
        if after is None:
            for obj in self._store.scan(watch.resource):
                if watch.selection.holds(obj):
                    watch.put(ADDED, obj)
            if tells_end:
                watch.bookmark(self._store.revision, _INITIAL_EVENTS_END)
        else:
            watch.after = after
            missed = self._store.history.since(watch.resource.shelf, after)
            if missed is None:
                oldest = self._store.revision
                message = f"too old resource version: {after} ({oldest})"
                watch.refuse(ApiError(410, "Expired", message))
                return
            for event in missed:
                watch.tell(event, self._store)
        self._by_shelf.setdefault(watch.resource.shelf, set()).add(watch)

    async def stream(self, watch: Watch, receive: Receive, send: Send) -> None:
        """Write until the client goes, the time is over, or the watch ends."""
        headers = [(b"content-type", JSON.encode()), (b"cache-control", b"no-cache, private")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        # So that the client has its headers before the first event.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        gone = asyncio.ensure_future(_departure(receive, watch.end))
        try:
            await self._write(watch, send)
            if not gone.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self._by_shelf.get(watch.resource.shelf, set()).discard(watch)

    async def _write(self, watch: Watch, send: Send) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + watch.seconds
        next_bookmark = _next_bookmark(loop.time(), until) if watch.bookmarks else until
        while True:
            while watch.waiting:
                body = b"".join(watch.waiting)
                watch.waiting.clear()
                await send({"type": "http.response.body", "body": body, "more_body": True})
            now = loop.time()
            if watch.is_over or now >= until:
                return
            if now >= next_bookmark:
                watch.bookmark(self._store.revision)
                next_bookmark = _next_bookmark(now, until)
                continue
            watch.awake.clear()
            pause = min(until, next_bookmark) - now
            alarm = loop.call_later(pause, watch.awake.set)
            try:
                await watch.awake.wait()
            finally:
                alarm.cancel()

    def _hear(self, event: Event) -> None:
        for watch in list(self._by_shelf.get(event.resource.shelf, ())):
            watch.tell(event, self._store)


def _next_bookmark(now: float, until: float) -> float:
    """Each minute, and once more shortly before the end."""
    last = until - _BEFORE_THE_END
    return min(now + _BOOKMARK_SECONDS, last) if last > now else until


async def _departure(receive: Receive, then: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    then()
