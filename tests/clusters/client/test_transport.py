"""Servers that are slow, broken, hostile or not what they seem."""

import gzip
import socket
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from inference.clusters.client.connection import Connection, Timeouts
from inference.clusters.client.door import ClusterClient
from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected, Unavailable
from inference.manifests import ObjectRef
from tests.clusters.client.authority import NOW, Authority
from tests.clusters.client.conftest import LOOPBACK, PATIENT, QUICK, TOKEN, Open, Serve, always
from tests.clusters.client.peers import Peer, Request, chunk, chunked, http, status

REF = ObjectRef("v1", "ConfigMap", "chat", "a")
OBJECT = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}}


def fine(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(200, OBJECT)


def redirect(request: Request, peer: Peer) -> Iterable[bytes]:
    return http(302, b"", location="https://169.254.169.254/latest/meta-data")


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


def _url(listener: socket.socket) -> str:
    return f"https://127.0.0.1:{listener.getsockname()[1]}"


def _reason(client: ClusterClient) -> Unavailable:
    with pytest.raises(ClusterUnavailable) as refused:
        client.get(REF)
    return refused.value.reason


def test_a_certificate_of_another_ca_is_not_trusted(serve: Serve, connect: Open) -> None:
    peer = serve(fine, Authority("another").issue("127.0.0.1"))

    assert _reason(connect(peer.url)) is Unavailable.TLS_UNTRUSTED
    assert peer.requests == []


def test_a_certificate_that_has_ended_is_not_taken(
    serve: Serve, connect: Open, authority: Authority
) -> None:
    peer = serve(fine, authority.issue("127.0.0.1", ends=NOW - timedelta(days=1)))

    assert _reason(connect(peer.url)) is Unavailable.TLS_EXPIRED


@pytest.mark.parametrize("host", ["127.0.0.2", "api.example.com"])
def test_a_certificate_for_another_host_is_not_taken(
    serve: Serve, connect: Open, authority: Authority, host: str
) -> None:
    peer = serve(fine, authority.issue(host))

    assert _reason(connect(peer.url)) is Unavailable.WRONG_HOST


def test_a_server_that_changes_its_certificate_is_trusted_under_the_same_ca_only(
    serve: Serve, connect: Open, authority: Authority
) -> None:
    renewed = serve(fine, authority.issue("127.0.0.1"))
    foreign = serve(fine, Authority("test-ca").issue("127.0.0.1"))

    assert connect(renewed.url).get(REF) == OBJECT
    assert _reason(connect(foreign.url)) is Unavailable.TLS_UNTRUSTED


def test_a_port_where_nobody_listens_is_unreachable(connect: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = _url(listener)

    assert _reason(connect(url)) is Unavailable.UNREACHABLE


def test_a_server_that_takes_the_connection_and_shakes_no_hands_times_out(
    authority: Authority,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = _url(listener)
        client = ClusterClient(
            Connection(url, authority.pem, TOKEN),
            allowed_networks=LOOPBACK,
            timeouts=Timeouts(connect=0.2),
        )

        assert _reason(client) is Unavailable.TIMED_OUT


def test_plain_http_on_the_port_is_named(connect: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as threads:
        listener.settimeout(10)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threads.submit(answer)

        assert _reason(connect(_url(listener))) is Unavailable.TLS_FAILED


def test_what_the_caller_was_handling_is_not_taken_for_the_failure(connect: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = _url(listener)

    try:
        Path("/dev/null/nothing").read_bytes()
    except OSError as error:
        error.__cause__ = TimeoutError("of somebody else")
        assert _reason(connect(url)) is Unavailable.UNREACHABLE


def test_a_name_is_dialled_at_the_address_that_was_checked_and_asked_by_its_name(
    serve: Serve, authority: Authority
) -> None:
    peer = serve(fine, authority.issue("api.example.com"))
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        moved = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (moved, port))]

    client = ClusterClient(
        Connection(f"https://api.example.com:{peer.port}", authority.pem, TOKEN),
        allowed_networks=LOOPBACK,
        resolve=resolve,
    )
    client.get(REF)
    client.get(REF)
    client.close()

    assert asked == ["api.example.com"]
    assert peer.server_names == ["api.example.com"]
    assert peer.requests[0].headers["host"] == f"api.example.com:{peer.port}"


def test_a_name_that_moves_to_a_refused_address_is_not_followed(
    serve: Serve, authority: Authority
) -> None:
    peer = serve(redirect, authority.issue("api.example.com"))
    addresses = iter(["127.0.0.2", "169.254.169.254"])

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(addresses), port))]

    client = ClusterClient(
        Connection(f"https://api.example.com:{peer.port}", authority.pem, TOKEN),
        allowed_networks=LOOPBACK,
        resolve=resolve,
    )

    assert _reason(client) is Unavailable.UNREACHABLE
    assert _reason(client) is Unavailable.EGRESS_REFUSED
    assert peer.requests == []


def test_a_resolver_that_is_silent_does_not_hold_the_request(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)

        def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
            listener.accept()[0].close()
            return []

        client = ClusterClient(
            Connection("https://api.example.com", authority.pem, TOKEN),
            timeouts=Timeouts(connect=0.2),
            resolve=resolve,
        )

        assert _reason(client) is Unavailable.NAME_UNKNOWN
        socket.create_connection(listener.getsockname()).close()


def test_another_name_in_the_certificate_is_expected_where_the_connection_says_so(
    serve: Serve, authority: Authority
) -> None:
    peer = serve(fine, authority.issue("kubernetes.default.svc"))
    connection = Connection(
        peer.url, authority.pem, TOKEN, tls_server_name="kubernetes.default.svc"
    )
    client = ClusterClient(connection, allowed_networks=LOOPBACK)

    assert client.get(REF) == OBJECT
    client.close()


def test_proxies_of_the_environment_are_not_used(
    serve: Serve, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    peer = serve(fine)

    assert connect(peer.url).get(REF) == OBJECT


def test_a_client_certificate_is_shown_and_leaves_no_file(
    serve: Serve, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    peer = serve(fine)
    client_pair = authority.issue()
    connection = Connection(
        peer.url,
        authority.pem,
        client_cert_pem=client_pair.certificate,
        client_key_pem=client_pair.key,
    )
    client = ClusterClient(connection, allowed_networks=LOOPBACK)

    assert client.get(REF) == OBJECT
    assert "authorization" not in peer.requests[0].headers
    assert list(tmp_path.iterdir()) == []
    client.close()


def test_a_ca_that_cannot_be_read_is_said_when_the_client_is_made() -> None:
    with pytest.raises(ClusterUnavailable) as refused:
        ClusterClient(Connection("https://127.0.0.1:6443", "no PEM", "token"))

    assert refused.value.reason is Unavailable.TLS_FAILED


def test_connections_are_kept_for_the_next_request(serve: Serve, connect: Open) -> None:
    peer = serve(fine)
    client = connect(peer.url)

    for _ in range(20):
        client.get(REF)

    assert len(peer.requests) == 20
    assert peer.connections == 1
