"""A CA for the suite, and servers and clients that trust it."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from inference.clusters.client.connection import Connection, Timeouts
from inference.clusters.client.door import ClusterClient
from inference.clusters.client.events import Event
from inference.clusters.client.streams import Streams
from inference.clusters.client.watch import Watch, WatchSettings
from tests.clusters.client.authority import Authority, Pair
from tests.clusters.client.peers import Peer, Request, Respond, http, peer
from tests.clusters.client.stories import HASTY, PODS, Follow, first

TOKEN = "canary-token-of-the-first-cluster"
QUICK = Timeouts(connect=5.0, first_byte=0.3, total=0.6, write=0.6)
PATIENT = Timeouts(connect=10.0, first_byte=20.0, total=30.0, write=30.0)
LOOPBACK = ("127.0.0.0/8",)

Serve = Callable[..., Peer]
Open = Callable[..., ClusterClient]


def always(status: int, body: bytes | dict[str, Any], **headers: str) -> Respond:
    """The same answer to every request."""

    def respond(request: Request, peer: Peer) -> Iterable[bytes]:
        return http(status, body, **headers)

    return respond


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def pair(authority: Authority) -> Pair:
    return authority.issue("127.0.0.1")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def serve(stack: ExitStack, tmp_path_factory: pytest.TempPathFactory, pair: Pair) -> Serve:
    """Start a server that answers as the test says, with a good certificate or another."""

    def start(respond: Respond, certificate: Pair = pair) -> Peer:
        folder: Path = tmp_path_factory.mktemp("peer")
        return stack.enter_context(peer(folder, certificate, respond))

    return start


@pytest.fixture
def connect(stack: ExitStack, authority: Authority) -> Open:
    """A client of a server of this suite."""

    def opened(url: str, token: str = TOKEN, timeouts: Timeouts = PATIENT) -> ClusterClient:
        client = ClusterClient(
            Connection(url, authority.pem, token), allowed_networks=LOOPBACK, timeouts=timeouts
        )
        stack.callback(client.close)
        return client

    return opened


@pytest.fixture
def follow(authority: Authority) -> Follow:
    """The first events that a watch of this server tells."""

    def run(
        peer: Peer, count: int, settings: WatchSettings = HASTY, timeouts: Timeouts = PATIENT
    ) -> list[Event]:
        async def main() -> list[Event]:
            connection = Connection(peer.url, authority.pem, TOKEN)
            async with Streams(connection, allowed_networks=LOOPBACK, timeouts=timeouts) as streams:
                watch = Watch(streams, PODS, "chat", labels="app=x", settings=settings)
                return await first(aiter(watch), count)

        return asyncio.run(main())

    return run
