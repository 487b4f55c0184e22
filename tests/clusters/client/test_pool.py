"""Connections are kept for the next request, as long as they can be relied on."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from inference.clusters.client import pool
from tests.clusters.client.answers import REF, fine
from tests.clusters.client.conftest import Open, Serve
from tests.clusters.client.peers import Peer, Request


def test_connections_are_kept_for_the_next_request(serve: Serve, connect: Open) -> None:
    peer = serve(fine)
    client = connect(peer.url)

    for _ in range(20):
        client.get(REF)

    assert len(peer.requests) == 20
    assert peer.connections == 1


def test_a_connection_that_was_idle_for_long_is_not_trusted_with_a_request(
    serve: Serve, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in between forgets it without a word: the request would be lost."""
    peer = serve(fine)
    client = connect(peer.url)
    client.get(REF)

    monkeypatch.setattr(pool, "_IDLE_FOR", -1.0)
    client.get(REF)

    assert peer.connections == 2


def test_what_a_burst_leaves_behind_is_closed(
    serve: Serve, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(4)

    def after_all(request: Request, peer: Peer) -> Iterable[bytes]:
        if request.query:
            together.wait(30)
        return fine(request, peer)

    peer = serve(after_all)
    client = connect(peer.url)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: client.apply(REF, b'{"metadata":{}}'), range(4)))
    kept = client._caller._transport._client.rest_client.pool_manager._idle
    assert len(kept) == 4

    monkeypatch.setattr(pool, "_IDLE_FOR", 0.0)
    client.get(REF)

    assert len(kept) <= 1
