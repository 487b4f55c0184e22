"""Gateways that refuse, fall silent, hang up or cannot be trusted: each has a sentence."""

import socket
import threading
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from inference.health import streaming
from inference.health.exchange import LARGEST_BODY, LARGEST_HEAD
from inference.messages import Message
from inference.messages import trials as messages
from tests.contract.authorities import Authority
from tests.health.asking import LOOPBACK, asked, order, text, told
from tests.health.gateways import (
    ANSWER,
    Behaviour,
    chunk,
    gateway,
    nowhere,
    opening,
    piece,
    says,
    streams,
    usage,
)

STATUSES: list[tuple[bytes, Message, str]] = [
    (says(b"", 404), messages.NO_ROUTE, "no route for chat.example.com"),
    (says({"error": {"message": "The model `x` does not exist."}}, 404), messages.NO_MODEL, "`x`"),
    (says({"detail": "Not Found"}, 404), messages.NO_MODEL, "Not Found"),
    (says({"error": {"message": "too long"}}, 400), messages.NOT_TAKEN, "400: too long"),
    (says({"detail": "odd"}, 422), messages.NOT_TAKEN, "odd"),
    (says(b"", 401), messages.NOT_ADMITTED, "401"),
    (says(b"RBAC: access denied", 403), messages.NOT_ADMITTED, "403"),
    (says(b"saturated", 429), messages.SHED, "saturated"),
    (says(b"no healthy upstream", 503), messages.NO_REPLICA, "no healthy upstream"),
    (says(b"upstream request timeout", 504), messages.GATEWAY_TIMEOUT, "timeout"),
    (says(b"", 500), messages.REFUSED, "500: nothing else"),
    (says(b"\x1b[31mred", 502), messages.REFUSED, "[31mred"),
    (says(b"", 307, location="http://169.254.169.254/"), messages.REDIRECTED, "307"),
    (says({"choices": []}, content_type="application/json"), messages.NOT_A_STREAM, "json"),
    (says(b"hello"), messages.NOT_A_STREAM, "of no kind"),
    (streams(b"data: <html>\n\n"), messages.NOT_CHUNKS, "chat completion"),
    (streams(b'data: {"error": {"message": "boom"}}\n\n'), messages.FAILED, "boom"),
    (streams(), messages.CUT_OFF, "in the middle"),
    (streams(chunk("half")), messages.CUT_OFF, "in the middle"),
    (opening() + piece(chunk("half")), messages.CUT_OFF, "in the middle"),
    (opening()[:-10], messages.CUT_OFF, "in the middle"),
    (says(b"busy", 503)[:-2], messages.NO_REPLICA, "bu"),
    (b"SSH-2.0-OpenSSH_9.6\r\n", messages.NOT_HTTP, "does not speak HTTP"),
    (b"HTTP/1.1 101 Whatever\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", messages.NOT_HTTP, ""),
    (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * LARGEST_HEAD, messages.TOO_MUCH, "max_tokens"),
    (streams(*[b": \n\n" * 1000] * (LARGEST_BODY // 3000)), messages.TOO_MUCH, "max_tokens"),
    (streams(*[chunk("x")] * 40), messages.TOO_MUCH, "max_tokens"),
]


@pytest.mark.parametrize(("answer", "message", "words"), STATUSES, ids=range(len(STATUSES)))
def test_what_goes_wrong_is_a_sentence_that_says_what_to_do(
    answer: bytes, message: Message, words: str
) -> None:
    _, refusal = asked(answer)

    assert refusal is not None
    assert refusal.message is message
    assert words in str(refusal)
    assert str(refusal).count(". ") >= 1
    assert str(refusal).endswith(".")
    assert "{" not in str(refusal)


def test_what_came_before_it_was_cut_off_stays() -> None:
    found, refusal = asked(streams(chunk("half"), usage(1)))

    assert text(found) == "half"
    assert refusal is not None


def silent(peer: socket.socket) -> None:
    peer.recv(1)


def hangs_in_the_head(peer: socket.socket) -> None:
    peer.sendall(opening()[:-10])
    peer.recv(1)


def hangs_in_the_middle(peer: socket.socket) -> None:
    peer.sendall(opening() + piece(chunk("half")))
    peer.recv(1)


def drips(peer: socket.socket) -> None:
    """A byte now and then: no single wait is long."""
    pause = threading.Event()
    with suppress(OSError):
        for letter in streams(*ANSWER):
            peer.sendall(bytes([letter]))
            pause.wait(0.05)


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (silent, messages.NO_TOKEN_YET),
        (hangs_in_the_head, messages.NO_TOKEN_YET),
        (hangs_in_the_middle, messages.TOO_SLOW),
        (drips, messages.NO_TOKEN_YET),
    ],
)
def test_what_takes_too_long_is_cut_off(behaviour: Behaviour, message: Message) -> None:
    _, refusal = asked(behaviour, seconds=0.5)

    assert refusal is not None
    assert refusal.message is message
    assert "0.5 seconds" in str(refusal)


def test_where_nothing_listens_nothing_answers() -> None:
    _, refusal = told(order(nowhere()))

    assert refusal is not None
    assert refusal.message is messages.UNREACHABLE
    assert "127.0.0.1" in str(refusal)
    assert "refused" in str(refusal)


def hangs_up(peer: socket.socket) -> None:
    del peer


def test_who_hangs_up_at_once_does_not_answer() -> None:
    _, refusal = asked(hangs_up)

    assert refusal is not None
    assert refusal.message is messages.UNREACHABLE


def test_a_call_that_nobody_takes_is_given_up_before_the_minute_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "DIAL_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        _, refusal = told(order(listening.getsockname()[1], is_tls=True))

    assert refusal is not None
    assert refusal.message is messages.UNREACHABLE
    assert "nobody takes the call" in str(refusal)


def test_a_certificate_of_an_unknown_authority_is_not_trusted(tmp_path: Path) -> None:
    pair = Authority(tmp_path).client("chat.example.com", ())
    assert pair.certificate is not None
    assert pair.key is not None
    with gateway(streams(*ANSWER), (pair.certificate, pair.key)) as there:
        _, refusal = told(order(there.port, is_tls=True))

    assert refusal is not None
    assert refusal.message is messages.NOT_TRUSTED
    assert "chat.example.com" in str(refusal)
    assert there.requests == []


def test_an_authority_that_was_entered_for_the_gateway_is_trusted_there(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.server("127.0.0.1")
    assert pair.certificate is not None
    assert pair.key is not None
    with gateway(streams(*ANSWER), (pair.certificate, pair.key)) as there:
        at = order(there.port, is_tls=True)
        ca_pem = authority.certificate_file.read_text()
        found, refusal = told(
            replace(at, target=replace(at.target, hostname="localhost", ca_pem=ca_pem))
        )

    assert refusal is None
    assert text(found) == "To remember."


@pytest.mark.parametrize(
    ("address", "networks", "message"),
    [
        ("127.0.0.1", (), messages.NOT_DIALLED),
        ("169.254.169.254", (ip_network("169.254.0.0/16"),), messages.NOT_DIALLED),
        ("http://127.0.0.1/", LOOPBACK, messages.NOT_DIALLED),
        ("gateway.invalid", LOOPBACK, messages.UNREACHABLE),
    ],
)
def test_an_address_that_may_not_be_dialled_is_not_dialled(
    address: str, networks: Any, message: Message
) -> None:
    found, refusal = told(order(80, address=address, networks=networks))

    assert found == []
    assert refusal is not None
    assert refusal.message is message
