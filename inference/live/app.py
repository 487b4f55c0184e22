"""The ASGI application at /live/: a stream for a page, what such a stream would say now, or a try.

Bare, because a stream lives for hours: Django is asked who connects, in a thread, and then let go.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import DatabaseError

from inference.live import access, frames, requests, trying
from inference.live.desk import DeskClosed
from inference.live.hub import Hub
from inference.live.pace import Pace
from inference.live.registry import told_as
from inference.live.requests import Refused, Request
from inference.live.seats import Poller, Send, Stream
from inference.live.stopping import before_signals
from inference.live.trying import Tries

PAGES_PER_PERSON = 24
PAGES = 2000
RETRY = 1000
"""Milliseconds that a browser waits before it connects again, at first."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Scope = MutableMapping[str, Any]

_log = structlog.get_logger("waybill.live")


@dataclass
class _Running:
    hub: Hub
    loop: asyncio.AbstractEventLoop
    tries: Tries = field(default_factory=Tries)
    ending: asyncio.Task[None] | None = None
    """Of a hub that has failed: what is left of it."""


class LiveApp:
    """One per process. Its hub begins with the first request, in the loop that serves it."""

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._running: _Running | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"] == trying.PATH:
                running = self._run()
                await running.tries.serve(running.hub.door, scope, receive, send)
                return
            request = requests.parse(scope)
            if request.is_stream:
                await self._stream(request, receive, send)
            else:
                await self._now(request, send)
        except Refused as refused:
            await requests.answer(send, refused.status, refused.body, refused.headers)
        except DeskClosed:
            await requests.answer(send, 503, "This server is about to stop.")
        except (DatabaseError, TimeoutError) as error:
            _log.warning("database-unavailable", error=type(error).__name__)
            await requests.answer(send, 503, "The database does not answer. Try again soon.")

    def close_soon(self) -> None:
        """From any thread: end all streams, so that the server can stop."""
        running = self._running
        if running and not running.loop.is_closed():
            asyncio.run_coroutine_threadsafe(self.close(), running.loop)

    async def close(self) -> None:
        running, self._running = self._running, None
        if running and running.loop is asyncio.get_running_loop():
            await running.tries.close()
            await running.hub.close()

    def _run(self) -> _Running:
        loop = asyncio.get_running_loop()
        running = self._running
        if running is None or running.loop is not loop:
            self._running = running = _Running(Hub(self._pace), loop)
            before_signals(self.close_soon)
        elif running.hub.has_failed:
            running.ending = loop.create_task(running.hub.close())
            running.hub = Hub(self._pace)
        return running

    async def _admit(self, hub: Hub, request: Request) -> access.Admission:
        admission = await hub.door.ask(access.admit, request.session_key, request.names)
        if admission is None:
            raise Refused(401, "Sign in to see this live.")
        if not admission.feeds:
            raise Refused(404, "There is nothing of that name, or it is not yours to see.")
        if len(hub.seats) >= PAGES:
            raise Refused(503, "Too many pages are open.", [(b"retry-after", b"10")])
        if sum(seat.user_id == admission.user_id for seat in hub.seats) >= PAGES_PER_PERSON:
            raise Refused(429, "You have too many pages open.", [(b"retry-after", b"10")])
        return admission

    async def _stream(self, request: Request, receive: Receive, send: Send) -> None:
        hub = self._run().hub
        admission = await self._admit(hub, request)
        stream = Stream(admission.user_id, request.session_key, admission.standing, request.names)
        stream.begin(RETRY)
        hub.join(stream, admission.feeds)
        hung_up = asyncio.create_task(_until_hung_up(receive, stream))
        try:
            await requests.start(send, 200, requests.STREAM)
            with suppress(TimeoutError):  # it does not read: the connection is closed unfinished
                await stream.run(send, self._pace.send_within)
        finally:
            hung_up.cancel()
            hub.leave(stream)

    async def _now(self, request: Request, send: Send) -> None:
        """The same parts as an answer, with an ETag: for pages that poll, and after a pause."""
        hub = self._run().hub
        seat = hub.poller(request.session_key, request.names)
        if seat is None:
            admission = await self._admit(hub, request)
            seat = Poller(
                admission.user_id,
                request.session_key,
                admission.standing,
                request.names,
                self._pace.poller_stays,
            )
            hub.join(seat, admission.feeds)
        channels = hub.channels_of(seat)
        async with asyncio.timeout(self._pace.shown_within):
            shown = [await channel.now() for channel in channels]
        etag = frames.tag(tag for _, tag in shown)
        headers = [(b"etag", etag.encode()), *requests.PRIVATE]
        if request.known == etag:
            await requests.answer(send, requests.NOT_MODIFIED, "", headers)
            return
        told = [told_as(channel.name) for channel in channels if channel.feed.tells]
        if told:
            headers.append((b"hx-trigger", ", ".join(told).encode()))
        await requests.answer(send, 200, "".join(html for html, _ in shown), headers)


async def _until_hung_up(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.leave()
