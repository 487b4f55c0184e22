"""Where the addresses of pods lead: each open 10.x port is an app, and a port on loopback."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from inference.simulator.world.asgi import App, Receive, Scope, Send
from inference.simulator.world.serving import Listener

Place = tuple[str, int]
"""An address and a port, as pods see them."""


class Gone(Exception):
    """The process that was answering has ended."""


@dataclass(eq=False)
class Open:
    """One open port of a pod. Calling it is a request; `close` cuts off whoever is inside."""

    app: App
    listener: Listener | None
    _inside: set["asyncio.Future[None]"] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Gone when the port closes before the answer is complete."""
        task = asyncio.ensure_future(self.app(scope, receive, send))
        self._inside.add(task)
        try:
            await asyncio.wait([task])
        finally:
            self._inside.discard(task)
            gone = task.cancelled()
            task.cancel()
        if gone:
            raise Gone
        task.result()

    def close(self) -> None:
        for task in list(self._inside):
            task.cancel()
        if self.listener is not None:
            self.listener.close()


class Network:
    """`listens`: whether a pod's port is also open on loopback, for those outside the process."""

    def __init__(self, *, listens: bool) -> None:
        self._listens = listens
        self._open: dict[Place, Open] = {}

    def open(self, address: str, port: int, app: App) -> None:
        self.close(address, port)
        place = Open(app, None)
        if self._listens:
            place.listener = Listener(place)
        self._open[address, port] = place

    def close(self, address: str, port: int) -> None:
        place = self._open.pop((address, port), None)
        if place is not None:
            place.close()

    def at(self, address: str, port: int) -> Open | None:
        """What answers there, or None where a connection would be refused."""
        return self._open.get((address, port))

    def dial(self, address: str, port: int) -> Place | None:
        """Where on loopback that port is; None where a connection would be refused."""
        place = self._open.get((address, port))
        if place is None or place.listener is None:
            return None
        return ("127.0.0.1", place.listener.port)

    def __iter__(self) -> Iterator[Place]:
        return iter(list(self._open))

    def close_all(self) -> None:
        for address, port in list(self._open):
            self.close(address, port)
