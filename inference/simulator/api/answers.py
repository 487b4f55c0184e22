"""Writes an answer, whole or as a fault wants it."""

import asyncio
import json
from collections.abc import Iterable

from starlette.types import Receive, Send

from inference.simulator.api.calls import Reply


async def write(reply: Reply, warnings: Iterable[str], receive: Receive, send: Send) -> None:
    """Leaves an answer unfinished that breaks after some bytes: whoever calls cuts it off."""
    if reply.stream is not None:
        await reply.stream(receive, send)
        return
    content = reply.content
    headers = {
        "content-type": reply.media,
        "content-length": str(len(content)),
        "cache-control": "no-cache, private",
        **{name.lower(): value for name, value in reply.headers.items()},
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    raw += [(b"warning", f"299 - {json.dumps(text)}".encode()) for text in warnings]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    if reply.breaks_after is not None:
        begun = content[: reply.breaks_after]
        await send({"type": "http.response.body", "body": begun, "more_body": True})
        return
    if reply.seconds_a_byte:
        await _trickle(content, reply.seconds_a_byte, send)
        return
    await send({"type": "http.response.body", "body": content})


async def _trickle(content: bytes, seconds: float, send: Send) -> None:
    for place in range(len(content)):
        body = content[place : place + 1]
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await asyncio.sleep(seconds)
    await send({"type": "http.response.body", "body": b""})
