"""Who looks: the one stream of an open page, or somebody who polls."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from prometheus_client import Counter, Gauge

from inference.live import frames
from inference.live.access import Standing

STREAMS = Gauge("waybill_live_streams", "Open streams of live pages")
SENT = Counter("waybill_live_messages_total", "Messages sent to live pages")
DROPPED = Counter("waybill_live_dropped_total", "Streams that were ended by us", ["reason"])

MOST_PARTS = 1000
"""That may wait for one reader; a page has far fewer."""

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Seat:
    """A page and the person before it. What is offered here is dropped: pollers ask."""

    def __init__(
        self, user_id: UUID, session_key: str, standing: Standing, names: Sequence[str]
    ) -> None:
        self.user_id = user_id
        self.session_key = session_key
        self.standing = standing
        self.names = tuple(names)
        self.audiences: dict[str, str] = {}
        self.asked_at = 0.0
        self.is_closed = False

    @property
    def is_left(self) -> bool:
        """Whether nobody sits there any more, though nobody has said so."""
        return self.is_closed

    def offer_part(self, identity: str, data: bytes) -> None:
        """A part of the page, as the lines of an event that holds it."""

    def offer_event(self, name: str, frame: bytes) -> None:
        """An event that is worth hearing once, however often it comes."""

    def dismiss(self, reason: str) -> None:
        """It has to go, and hears why."""
        del reason
        self.is_closed = True


class Poller(Seat):
    """A page that asks now and then, where streams do not get through."""

    def __init__(
        self,
        user_id: UUID,
        session_key: str,
        standing: Standing,
        names: Sequence[str],
        stays: float,
    ) -> None:
        super().__init__(user_id, session_key, standing, names)
        self._stays = stays
        self._asked_last = time.monotonic()

    def asks(self) -> None:
        self._asked_last = time.monotonic()

    @property
    def is_left(self) -> bool:
        return self.is_closed or time.monotonic() - self._asked_last > self._stays


class Stream(Seat):
    """A page that listens. Of what waits to be sent, a newer part takes the place of an older.

    So a slow reader gets less, never what is outdated, and holds no more than the page is large.
    One that does not read for ten seconds is dropped: it connects again and gets everything.
    """

    def __init__(
        self, user_id: UUID, session_key: str, standing: Standing, names: Sequence[str]
    ) -> None:
        super().__init__(user_id, session_key, standing, names)
        self._parts: dict[str, bytes] = {}
        self._events: dict[str, bytes] = {}
        self._waiting = asyncio.Event()

    def offer_part(self, identity: str, data: bytes) -> None:
        self._parts.pop(identity, None)
        self._parts[identity] = data
        self._waiting.set()
        if len(self._parts) > MOST_PARTS:
            self.dismiss("slow")

    def offer_event(self, name: str, frame: bytes) -> None:
        self._events[name] = frame
        self._waiting.set()

    def dismiss(self, reason: str) -> None:
        if not self.is_closed:
            self.is_closed = True
            DROPPED.labels(reason).inc()
            self._parts.clear()
            self._events = {reason: frames.event(reason)}
            self._waiting.set()

    @property
    def is_left(self) -> bool:
        return False  # its own task says so

    def leave(self) -> None:
        """The browser has hung up."""
        self.is_closed = True
        self._waiting.set()

    def begin(self, retry: int) -> None:
        """What the browser hears first, so that it knows that it is connected."""
        beat = frames.event("beat", str(round(time.time() * 1000)))
        self.offer_event("beat", frames.opening(retry) + beat)

    async def run(self, send: Send, within: float) -> None:
        """Send what is offered until the page or we end it. TimeoutError: it does not read."""
        with STREAMS.track_inprogress():
            while not self.is_closed or self._events:
                await self._waiting.wait()
                self._waiting.clear()
                body = self._take()
                if body:
                    SENT.inc()
                    async with asyncio.timeout(within):
                        await send({"type": "http.response.body", "body": body, "more_body": True})
            async with asyncio.timeout(within):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _take(self) -> bytes:
        parts = frames.message(self._parts.values()) if self._parts else b""
        events = b"".join(self._events.values())
        self._parts, self._events = {}, {}
        return parts + events
