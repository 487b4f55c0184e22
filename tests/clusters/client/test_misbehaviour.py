"""Servers that break HTTP, JSON or their word; and what they may not bring to light."""

import gzip
from collections.abc import Callable, Iterable, Iterator

import pytest

from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected, Unavailable
from tests.clusters.client.answers import OBJECT, REF, redirect
from tests.clusters.client.conftest import PATIENT, QUICK, TOKEN, Open, Serve, always
from tests.clusters.client.peers import Peer, Request, chunk, chunked, http, status


def page_of_html(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(200, b"<html>Sign in</html>", content_type="text/html")


def html_that_claims_to_be_json(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(200, b"<html>Sign in</html>", content_type="application/json")


def a_list_where_an_object_belongs(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(200, b"[1]", content_type="application/json")


def json_nested_too_deep(request: Request, peer: Peer) -> Iterable[bytes]:
    depth = 100_000
    return http(200, b'{"a":' * depth + b"1" + b"}" * depth, content_type="application/json")


def json_nested_deeper_than_any_object(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(200, b'{"a":' * 200 + b"1" + b"}" * 200, content_type="application/json")


def not_http(request: Request, peer: Peer) -> Iterable[bytes]:
    return [b"220 mail.example.com ESMTP\r\n\r\n"]


def unknown_encoding(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(200, OBJECT, content_encoding="br")


def broken_gzip(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(200, b"no gzip at all", content_encoding="gzip", content_type="application/json")


def length_of_ten_gigabytes(request: Request, peer: Peer) -> Iterable[bytes]:
    yield b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    yield b"content-length: 10000000000\r\n\r\n"
    peer.pause()


def stream_without_an_end(request: Request, peer: Peer) -> Iterator[bytes]:
    yield chunked()
    while True:
        yield chunk(b" " * 65536)


def gzip_bomb(request: Request, peer: Peer) -> Iterable[bytes]:
    bomb = gzip.compress(b" " * (8 * 1024 * 1024))
    return http(200, bomb, content_encoding="gzip", content_type="application/json")


def silent(request: Request, peer: Peer) -> Iterable[bytes]:
    peer.pause()
    return []


def one_byte_of_head_now_and_then(request: Request, peer: Peer) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nx: "
    while True:
        peer.pause(0.05)
        yield b"x"


def one_byte_of_body_now_and_then(request: Request, peer: Peer) -> Iterator[bytes]:
    yield chunked()
    while True:
        peer.pause(0.05)
        yield chunk(b" ")


def interim_answers_without_an_end(request: Request, peer: Peer) -> Iterator[bytes]:
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n"


def headers_without_an_end(request: Request, peer: Peer) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"x: y\r\n"


@pytest.mark.parametrize(
    ("respond", "reason"),
    [
        (redirect, Unavailable.REDIRECTED),
        (page_of_html, Unavailable.NOT_KUBERNETES),
        (html_that_claims_to_be_json, Unavailable.NOT_KUBERNETES),
        (a_list_where_an_object_belongs, Unavailable.NOT_KUBERNETES),
        (json_nested_too_deep, Unavailable.NOT_KUBERNETES),
        (json_nested_deeper_than_any_object, Unavailable.NOT_KUBERNETES),
        (not_http, Unavailable.NOT_KUBERNETES),
        (unknown_encoding, Unavailable.NOT_KUBERNETES),
        (broken_gzip, Unavailable.NOT_KUBERNETES),
        (headers_without_an_end, Unavailable.NOT_KUBERNETES),
        (length_of_ten_gigabytes, Unavailable.ANSWER_TOO_LARGE),
        (stream_without_an_end, Unavailable.ANSWER_TOO_LARGE),
        (gzip_bomb, Unavailable.ANSWER_TOO_LARGE),
        (silent, Unavailable.TIMED_OUT),
        (one_byte_of_head_now_and_then, Unavailable.TOO_SLOW),
        (one_byte_of_body_now_and_then, Unavailable.TOO_SLOW),
        (interim_answers_without_an_end, Unavailable.TOO_SLOW),
    ],
)
def test_a_server_that_misbehaves_is_named_for_what_it_does(
    serve: Serve,
    connect: Open,
    respond: Callable[[Request, Peer], Iterable[bytes]],
    reason: Unavailable,
) -> None:
    peer = serve(respond)
    slow = reason in {Unavailable.TIMED_OUT, Unavailable.TOO_SLOW}
    client = connect(peer.url, timeouts=QUICK if slow else PATIENT)

    with pytest.raises(ClusterUnavailable) as refused:
        client.get(REF)

    assert refused.value.reason is reason
    assert len(peer.requests) == 1


@pytest.mark.parametrize("sent", [0, 20, 64, 120, 150])
def test_an_answer_that_breaks_off_is_no_answer(serve: Serve, connect: Open, sent: int) -> None:
    whole = b"".join(http(200, OBJECT, connection="close"))

    def cut(request: Request, peer: Peer) -> Iterator[bytes]:
        yield whole[:sent]
        raise ConnectionError

    peer = serve(cut)

    with pytest.raises(ClusterUnavailable) as refused:
        connect(peer.url).get(REF)

    assert refused.value.reason in {
        Unavailable.CUT_OFF,
        Unavailable.UNREACHABLE,
        Unavailable.NOT_KUBERNETES,
    }


def test_every_object_of_kubernetes_is_shallow_enough(serve: Serve, connect: Open) -> None:
    body = b'{"kind":"ConfigMap","a":' + b"[" * 90 + b"]" * 90 + b"}"
    peer = serve(always(200, body, content_type="application/json"))

    assert connect(peer.url).get(REF) is not None


def test_gzip_is_read_where_it_is_asked_for(serve: Serve, connect: Open) -> None:
    body = gzip.compress(b'{"kind":"ConfigMap","data":{"a":"b"}}')
    peer = serve(always(200, body, content_encoding="gzip", content_type="application/json"))

    found = connect(peer.url).get(REF)

    assert found == {"kind": "ConfigMap", "data": {"a": "b"}}


@pytest.mark.parametrize("token", [TOKEN, "x" * 64])
def test_a_server_that_sends_the_token_back_does_not_get_it_shown(
    serve: Serve, connect: Open, token: str
) -> None:
    def echo(request: Request, peer: Peer) -> Iterable[bytes]:
        said = request.headers["authorization"]
        causes = [{"reason": said, "field": said, "message": said}]
        return http(422, status(422, f"bad {said}", "Invalid", causes=causes))

    peer = serve(echo)

    with pytest.raises(ManifestRejected) as refused:
        connect(peer.url, token).apply(REF, b'{"metadata":{}}')

    shown = repr((refused.value, refused.value.params, refused.value.causes, refused.value.detail))
    assert token not in shown
    assert "[redacted]" in shown


def test_a_first_line_that_holds_the_token_is_not_shown(serve: Serve, connect: Open) -> None:
    def echo(request: Request, peer: Peer) -> Iterable[bytes]:
        return [request.headers["authorization"].encode() + b"\r\n\r\n"]

    peer = serve(echo)

    with pytest.raises(ClusterUnavailable) as refused:
        connect(peer.url).get(REF)

    assert TOKEN not in repr((refused.value, refused.value.params, refused.value.__cause__))
