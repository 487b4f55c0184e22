"""Certificates, addresses, names and proxies: whom a connection reaches, and whom it trusts."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from inference.clusters.client.connection import Connection, Timeouts
from inference.clusters.client.door import ClusterClient
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.client.events import Event, EventType
from inference.clusters.client.streams import Streams
from inference.clusters.client.watch import Watch
from tests.clusters.client.answers import OBJECT, REF, fine, redirect
from tests.clusters.client.authority import NOW, Authority
from tests.clusters.client.conftest import LOOPBACK, TOKEN, Open, Serve
from tests.clusters.client.stories import HASTY, PODS, first, listed, story, told


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


def of_two_one_is_away(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
    """As a resolver that always names the same of several API servers first."""
    del host
    return [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
        for address in ("127.0.0.2", "127.0.0.1")
    ]


def test_of_several_servers_behind_a_name_one_that_is_away_is_left_alone(
    serve: Serve, authority: Authority
) -> None:
    peer = serve(fine, authority.issue("api.example.com"))
    client = ClusterClient(
        Connection(f"https://api.example.com:{peer.port}", authority.pem, TOKEN),
        allowed_networks=LOOPBACK,
        resolve=of_two_one_is_away,
    )

    assert _reason(client) is Unavailable.UNREACHABLE
    assert client.get(REF) == OBJECT
    assert client.get(REF) == OBJECT
    client.close()


def test_a_watch_finds_the_server_that_is_there(serve: Serve, authority: Authority) -> None:
    peer = serve(story(listed(5)), authority.issue("api.example.com"))
    connection = Connection(f"https://api.example.com:{peer.port}", authority.pem, TOKEN)

    async def main() -> list[Event]:
        streams = Streams(connection, allowed_networks=LOOPBACK, resolve=of_two_one_is_away)
        async with streams:
            return await first(aiter(Watch(streams, PODS, settings=HASTY)), 2)

    assert [told(one) for one in asyncio.run(main())] == [
        (EventType.LOST, Unavailable.UNREACHABLE),
        (EventType.SYNCED, "5"),
    ]


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
