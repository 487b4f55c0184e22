"""Trying a route: a prompt that a page has a ticket for, and its answer as a stream of events.

A ticket is taken before the stream opens; from then on no row is read. Whoever leaves the page
ends the request to the gateway with it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import parse_qs

from prometheus_client import Counter, Gauge

from inference.errors import Refusal
from inference.health.actions import take_try
from inference.health.prompts import Prompt
from inference.health.streaming import Order, Told, ask
from inference.live import access, frames, requests
from inference.live.desk import Desk
from inference.live.figures import shown
from inference.live.requests import Refused
from inference.live.seats import Send
from inference.messages import trials as messages

PATH = "/live/try/"
AT_ONCE = 16
"""Tries in one process: each is a connection to a gateway for up to a minute."""
LARGEST = 256 * 1024
READ_WITHIN = 10.0
SEND_WITHIN = 10.0

TRIES = Counter("waybill_tries_total", "Routes tried from their pages", ["outcome"])
RUNNING = Gauge("waybill_tries_running", "Tries whose answers are streaming")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Scope = Mapping[str, Any]


class Tries:
    """Those that run in this process."""

    def __init__(self) -> None:
        self._places = AT_ONCE
        self._running: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def serve(self, door: Desk, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Refused for what is not asked as it should be, or not theirs to ask."""
        session_key, ticket, prompt = await _asked(scope, receive)
        if not self._places:
            raise Refused(503, messages.BUSY.text(most=AT_ONCE), [(b"retry-after", b"10")])
        self._places -= 1
        try:
            order = await door.ask(_taken, session_key, ticket, prompt)
            if self._is_stopping:
                raise Refused(503, messages.STOPPING.text())
            with RUNNING.track_inprogress():
                await self._run(order, receive, send)
        finally:
            self._places += 1

    async def close(self) -> None:
        """Tell each page that its answer ends here."""
        self._is_stopping = True
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    async def _run(self, order: Order, receive: Receive, send: Send) -> None:
        """Until the answer has ended, or the page has been left."""
        telling = asyncio.create_task(self._tell(order, send))
        leaving = asyncio.create_task(_until_hung_up(receive))
        self._running.add(telling)
        try:
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            has_left = not telling.done()
            telling.cancel()
            leaving.cancel()
            self._running.discard(telling)
        await asyncio.wait({telling})
        if has_left:
            TRIES.labels("left").inc()
        if not telling.cancelled():
            with suppress(TimeoutError):  # it does not read: the connection is closed unfinished
                telling.result()

    async def _tell(self, order: Order, send: Send) -> None:
        """The stream from its first byte to its last; what goes wrong in it is its last event."""
        await requests.start(send, 200, requests.STREAM)
        try:
            async with aclosing(ask(order)) as answer:
                async for told in answer:
                    await _send(send, _events(told))
        except Refusal as refusal:
            TRIES.labels(refusal.code).inc()
            await _send(send, _problem(str(refusal)))
        except asyncio.CancelledError:
            if not self._is_stopping:
                raise
            await _send(send, _problem(messages.STOPPING.text()))
        else:
            TRIES.labels("answered").inc()
        await _send(send, b"", more=False)


async def _asked(scope: Scope, receive: Receive) -> tuple[str, str, Prompt]:
    """Session, ticket and prompt. Raises Refused."""
    if scope["method"] != "POST":
        raise Refused(405, "Only POST.", [(b"allow", b"POST")])
    session_key = requests.session_key_in(requests.headers_of_a_page(scope))
    form = await _form(receive)
    try:
        return session_key, form.get("ticket", ""), Prompt.read(form)
    except Refusal as refusal:
        raise Refused(422, str(refusal)) from refusal


async def _form(receive: Receive) -> dict[str, str]:
    try:
        async with asyncio.timeout(READ_WITHIN):
            body = await _body(receive)
    except TimeoutError as error:
        raise Refused(408, "The form did not come in time. Try again.") from error
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=10)
    except ValueError as error:
        raise Refused(400, "This could not be read.") from error
    return {name: values[0] for name, values in fields.items()}


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > LARGEST:
            raise Refused(413, "This is too long.")
        if not message.get("more_body", False):
            return body


def _taken(session_key: str, ticket: str, prompt: Prompt) -> Order:
    """At the desk: who asks, and what their ticket allows. Raises Refused."""
    user = access.signed_in(session_key)
    if user is None:
        raise Refused(401, "Sign in to try this.")
    try:
        return take_try(ticket=ticket, prompt=prompt, session_key=session_key, by=user)
    except Refusal as refusal:
        raise Refused(409, str(refusal)) from refusal


def _events(told: Told) -> bytes:
    chunk, events = told.chunk, b""
    if chunk.says_something:
        said = {"text": chunk.text, "thought": chunk.thought}
        events += frames.event("said", json.dumps(said))
    return events + frames.event("figures", json.dumps(shown(told)))


def _problem(sentence: str) -> bytes:
    return frames.event("problem", json.dumps({"sentence": sentence}))


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(SEND_WITHIN):
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def _until_hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
