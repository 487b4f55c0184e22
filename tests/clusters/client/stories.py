"""What a server tells a watch, turn by turn, and what the watch makes of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any

from inference.clusters.client.events import Event, EventType
from inference.clusters.client.kinds import READ
from inference.clusters.client.watch import WatchSettings
from tests.clusters.client.peers import Peer, Request, chunk, chunked, http

PODS = READ[1]
HASTY = WatchSettings(first_pause=0.001, longest_pause=0.002, short_life=3600.0)
ADDED, MODIFIED, DELETED = EventType.ADDED, EventType.MODIFIED, EventType.DELETED
SYNCED, LOST, BOOKMARK = EventType.SYNCED, EventType.LOST, EventType.BOOKMARK

Turn = dict[str, Any] | list[bytes] | Callable[[Request, Peer], Iterable[bytes]]


def pod(name: str, version: int | str, uid: str = "") -> dict[str, Any]:
    metadata = {
        "name": name,
        "namespace": "chat",
        "uid": uid or f"uid-{name}",
        "resourceVersion": str(version),
    }
    return {"kind": "Pod", "apiVersion": "v1", "metadata": metadata}


def listed(version: int | str, *pods: Any, following: str = "") -> dict[str, Any]:
    metadata = {"resourceVersion": str(version)} | ({"continue": following} if following else {})
    return {"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": list(pods)}


def line(kind: str, obj: Any) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"


def bookmark(version: int) -> bytes:
    return line("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": str(version)}})


def stream(*lines: bytes) -> list[bytes]:
    """A watch that says this and ends."""
    return [chunked(), *map(chunk, lines), chunk(b"")]


def open_stream(*lines: bytes) -> Callable[[Request, Peer], Iterator[bytes]]:
    """A watch that says this and stays open."""

    def respond(request: Request, peer: Peer) -> Iterator[bytes]:
        yield chunked()
        for one in lines:
            yield chunk(one)
        peer.pause()

    return respond


def story(*turns: Turn) -> Callable[[Request, Peer], Iterable[bytes]]:
    """One answer after the other; the last one stays."""
    left = list(turns)

    def respond(request: Request, peer: Peer) -> Iterable[bytes]:
        turn = left.pop(0) if len(left) > 1 else left[0]
        if callable(turn):
            return turn(request, peer)
        return http(turn.get("code", 200), turn) if isinstance(turn, dict) else turn

    return respond


def told(event: Event) -> tuple[Any, ...]:
    if event.type is LOST:
        return LOST, event.error.reason
    if event.type in {SYNCED, BOOKMARK}:
        return event.type, event.resource_version
    return (event.type, event.name)


async def first(watch: AsyncIterator[Event], count: int) -> list[Event]:
    read: list[Event] = []
    async with asyncio.timeout(30), aclosing(watch) as events_told:  # type: ignore[type-var]  # generator
        async for event in events_told:
            read.append(event)
            if len(read) == count:
                break
    return read


Follow = Callable[..., list[Event]]
