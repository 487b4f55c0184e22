"""Answers as they come off a connection: cut anywhere, one after another, and only when asked."""

from collections.abc import Iterable, Iterator
from http.client import InvalidURL
from random import Random

import pytest
import urllib3

from inference.clusters.client.connection import Connection, Timeouts
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.client.pool import Pool
from inference.clusters.client.tls import context_for
from inference.manifests import ObjectRef
from tests.clusters.client.authority import Authority
from tests.clusters.client.conftest import TOKEN, Open, Serve, always
from tests.clusters.client.peers import Peer, Request, Respond, chunk, chunked, http

REF = ObjectRef("v1", "ConfigMap", "chat", "a")
OBJECT = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}}
OTHER = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "b"}}
INTERIM = b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n"


def saying(content: bytes) -> Respond:
    """These bytes at once, whatever is asked."""

    def respond(request: Request, peer: Peer) -> Iterable[bytes]:
        return [content]

    return respond


def in_pieces(content: bytes, random: Random) -> Iterator[bytes]:
    while content:
        size = random.choice([1, 2, 7, 50, len(content)])
        yield content[:size]
        content = content[size:]


def an_answer(random: Random) -> bytes:
    """`OBJECT` with a length or in chunks, behind as many interim answers as there may be."""
    (whole,) = http(200, OBJECT)
    if random.random() < 0.5:
        body = whole.partition(b"\r\n\r\n")[2]
        parts = map(chunk, in_pieces(body, random))
        whole = chunked() + b"".join(parts) + b"0\r\n\r\n"
    return INTERIM * random.choice([0, 0, 1, 3]) + whole


@pytest.mark.parametrize("seed", range(8))
def test_an_answer_is_the_same_wherever_it_is_cut(serve: Serve, connect: Open, seed: int) -> None:
    random = Random(seed)

    def cut(request: Request, peer: Peer) -> Iterable[bytes]:
        return in_pieces(an_answer(random), random)

    peer = serve(cut)
    client = connect(peer.url)

    assert [client.get(REF) for _ in range(10)] == [OBJECT] * 10
    assert peer.connections == 1


def test_an_answer_that_nobody_asked_for_is_not_the_next_one(serve: Serve, connect: Open) -> None:
    def one_too_many(request: Request, peer: Peer) -> Iterator[bytes]:
        yield from http(200, OBJECT)
        if len(peer.requests) == 1:
            yield from http(200, OTHER)
            peer.pause(0.2)

    peer = serve(one_too_many)
    client = connect(peer.url)
    client.get(REF)
    peer.pause(0.1)

    assert client.get(REF) == OBJECT
    assert peer.connections == 2


def test_two_answers_in_one_piece_are_none(serve: Serve, connect: Open) -> None:
    peer = serve(saying(http(200, OBJECT)[0] + http(200, OTHER)[0]))

    with pytest.raises(ClusterUnavailable) as refused:
        connect(peer.url).get(REF)

    assert refused.value.reason is Unavailable.NOT_KUBERNETES


def test_a_connection_that_the_server_closed_is_not_used_again(serve: Serve, connect: Open) -> None:
    def once(request: Request, peer: Peer) -> Iterator[bytes]:
        yield from http(200, OBJECT)
        raise ConnectionError

    peer = serve(once)
    client = connect(peer.url)
    for _ in range(3):
        assert client.get(REF) == OBJECT
        peer.pause(0.1)

    assert len(peer.requests) == peer.connections == 3


def test_a_server_that_wants_to_close_gets_another_connection(serve: Serve, connect: Open) -> None:
    peer = serve(always(200, OBJECT, connection="close"))
    client = connect(peer.url)

    assert [client.get(REF), client.get(REF)] == [OBJECT, OBJECT]
    assert peer.connections == 2


def test_a_body_of_unknown_length_ends_with_the_connection(serve: Serve, connect: Open) -> None:
    def without_a_length(request: Request, peer: Peer) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"
        yield b'{"kind":"ConfigMap"}'
        raise ConnectionError

    peer = serve(without_a_length)

    assert connect(peer.url).get(REF) == {"kind": "ConfigMap"}


@pytest.mark.parametrize(
    "head", ["content-length: 100", "transfer-encoding: chunked", "transfer-encoding: gzip"]
)
def test_a_body_that_ends_before_its_time_is_cut_off(
    serve: Serve, connect: Open, head: str
) -> None:
    def short(request: Request, peer: Peer) -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{head}\r\n\r\n".encode()
        raise ConnectionError

    peer = serve(short)

    with pytest.raises(ClusterUnavailable) as refused:
        connect(peer.url).get(REF)

    assert refused.value.reason is Unavailable.CUT_OFF


def test_an_upgrade_is_no_success_and_ends_the_connection(serve: Serve, connect: Open) -> None:
    head = b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n"
    peer = serve(saying(head))
    client = connect(peer.url)

    for _ in range(2):
        with pytest.raises(ClusterUnavailable) as refused:
            client.get(REF)
        assert refused.value.reason is Unavailable.REDIRECTED

    assert peer.connections == 2


@pytest.mark.parametrize(
    ("target", "header", "error"),
    [
        ("/a b", "x", InvalidURL),
        ("/a\r\nx: y", "x", InvalidURL),
        ("/a", "x\r\nhost: other", ValueError),
        ("/a", "x\0", ValueError),
    ],
)
def test_nothing_is_sent_that_could_be_read_as_another_request(
    serve: Serve, authority: Authority, target: str, header: str, error: type[Exception]
) -> None:
    peer = serve(always(200, OBJECT))
    tls = context_for(Connection(peer.url, authority.pem, TOKEN))
    pool = Pool(tls, "127.0.0.1", Timeouts())

    with pytest.raises(error):
        pool.request(
            "GET", peer.url + target, timeout=urllib3.Timeout(total=5), headers={"x": header}
        )

    pool.clear()
    assert peer.requests == []


def test_a_pool_that_is_cleared_keeps_nothing(serve: Serve, authority: Authority) -> None:
    peer = serve(always(200, OBJECT))
    pool = Pool(context_for(Connection(peer.url, authority.pem, TOKEN)), "127.0.0.1", Timeouts())

    def ask() -> None:
        timeout = urllib3.Timeout(total=5)
        pool.request("GET", f"{peer.url}/a", timeout=timeout, headers={}).read(1000)

    ask()
    pool.clear()
    ask()
    ask()

    assert peer.connections == 3
