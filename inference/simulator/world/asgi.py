"""The few words of ASGI that the small servers of a world speak."""

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[str, str]]

LARGEST_BODY = 16 * 1024 * 1024


class BodyTooLarge(Exception):
    """A request's body is beyond what is read."""


async def read_body(receive: Receive) -> bytes:
    """Raises BodyTooLarge."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
        if not message.get("more_body"):
            return bytes(body)


async def answer(
    send: Send, status: int, body: bytes = b"", kind: str = "text/plain", headers: Headers = ()
) -> None:
    await begin(send, status, [*headers, ("content-length", str(len(body)))], kind)
    await send({"type": "http.response.body", "body": body})


async def answer_json(send: Send, status: int, body: object) -> None:
    await answer(send, status, json.dumps(body).encode(), "application/json")


async def begin(send: Send, status: int, headers: Headers = (), kind: str = "") -> None:
    given = [("content-type", kind), *headers] if kind else list(headers)
    raw = [(name.lower().encode(), value.encode()) for name, value in given]
    await send({"type": "http.response.start", "status": status, "headers": raw})


def header(scope: Scope, name: str) -> str:
    wanted = name.lower().encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == wanted), "")
