"""Asking a gateway for one token: what counts as one, and each way that none comes."""

import socket
import threading
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from inference.health.probing import LARGEST, Answer, Target, ask
from inference.messages import Message
from inference.messages import health as messages
from tests.contract.authorities import Authority
from tests.health.gateways import (
    COMPLETION,
    Behaviour,
    gateway,
    no_longer_taking_calls,
    nowhere,
    says,
)

LOOPBACK = [ip_network("127.0.0.0/8")]


def target(port: int, **more: Any) -> Target:
    fields: dict[str, Any] = {
        "address": "127.0.0.1",
        "is_tls": False,
        "hostname": "chat.example.com",
        "path_prefix": "",
        "model": "qwen3",
        **more,
    }
    return Target(port=port, **fields)


def asked(answer: bytes | Behaviour, seconds: float = 10, **more: Any) -> Answer:
    with gateway(answer) as there:
        return ask(target(there.port, **more), LOOPBACK, seconds=seconds)


def test_a_token_is_timed_and_says_who_gave_it() -> None:
    found = asked(says(COMPLETION, x_inference_pod="qwen3-a"))

    assert found.message is None
    assert found.milliseconds is not None
    assert found.params == {"model": "qwen3", "replica": "qwen3-a"}


def test_a_port_alone_names_no_replica() -> None:
    found = asked(says(COMPLETION, x_inference_port="8000"))

    assert found.params == {"model": "qwen3", "replica": ""}


def test_what_a_gateway_calls_its_model_is_fit_to_be_stored() -> None:
    """PostgreSQL takes no NUL, and a page no end of a line."""
    found = asked(says({**COMPLETION, "model": "qwen3\0\n" + "x" * 200}))

    assert found.params == {"model": ("qwen3 " + "x" * 200)[:100], "replica": ""}


def test_the_request_is_small_and_names_the_route() -> None:
    with gateway(says(COMPLETION)) as there:
        ask(target(there.port, path_prefix="/v2"), LOOPBACK)

    ((head, body),) = there.requests
    assert head.startswith("POST /v2/v1/chat/completions HTTP/1.1\r\n")
    assert "Host: chat.example.com\r\n" in head
    assert (body["model"], body["max_tokens"]) == ("qwen3", 1)


def completion(message: Any, usage: Any = None) -> dict[str, Any]:
    return {**COMPLETION, "choices": [{"message": message}], "usage": usage}


@pytest.mark.parametrize(
    "body",
    [
        completion({"content": "Y"}),
        completion({"content": None, "reasoning_content": "Hm"}),
        completion({"content": None, "reasoning": "Hm"}),
        completion({"content": ""}, {"completion_tokens": 1}),
    ],
)
def test_whatever_shows_a_token_counts(body: Any) -> None:
    assert asked(says(body)).milliseconds is not None


@pytest.mark.parametrize(
    "body",
    [
        completion({"content": ""}),
        completion({"content": ""}, {"completion_tokens": 0}),
        completion(None),
        {**COMPLETION, "choices": []},
        {**COMPLETION, "choices": {}},
        {"choices": COMPLETION["choices"]},
        {"object": "list", "data": []},
        [],
        None,
        b"",
        b"<html>welcome</html>",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"model": "qwen3", "choices": [{"message": {"content": "' + b"x" * LARGEST,
    ],
    ids=range(14),
)
def test_an_answer_without_a_token_is_no_completion(body: Any) -> None:
    found = asked(says(body))

    assert (found.milliseconds, found.message) == (None, messages.NOT_A_COMPLETION)


def test_an_answer_that_is_cut_off_is_no_completion() -> None:
    found = asked(says(COMPLETION)[:-10])

    assert (found.milliseconds, found.message) == (None, messages.NOT_A_COMPLETION)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 503])
def test_a_refusal_is_told_with_its_words(status: int) -> None:
    words = b'{"error": "no healthy upstream\x1b[31m"}'

    found = asked(says(words, status, location="http://169.254.169.254/"))

    assert (found.milliseconds, found.message) == (None, messages.REFUSED)
    assert found.message.text(**found.params or {}).startswith(f"The gateway answered {status}")
    assert "no healthy upstream[31m" in str(found.params)


def silent(peer: socket.socket) -> None:
    peer.recv(1)


def dripping(peer: socket.socket) -> None:
    """A byte now and then: no single wait is long."""
    pause = threading.Event()
    with suppress(OSError):
        for letter in says(COMPLETION):
            peer.sendall(bytes([letter]))
            pause.wait(0.05)


@pytest.mark.parametrize("behaviour", [silent, dripping])
def test_what_takes_too_long_is_cut_off(behaviour: Behaviour) -> None:
    found = asked(behaviour, seconds=0.5)

    assert (found.milliseconds, found.message) == (None, messages.TOO_SLOW)
    assert "0.5 seconds" in messages.TOO_SLOW.text(**found.params or {})


def hangs_up(peer: socket.socket) -> None:
    del peer


def babbles(peer: socket.socket) -> None:
    peer.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


@pytest.mark.parametrize("behaviour", [hangs_up, babbles])
def test_what_speaks_no_http_does_not_answer(behaviour: Behaviour) -> None:
    found = asked(behaviour)

    assert (found.milliseconds, found.message) == (None, messages.UNREACHABLE)
    assert "127.0.0.1" in messages.UNREACHABLE.text(**found.params or {})


def test_where_nothing_listens_nothing_answers() -> None:
    found = ask(target(nowhere()), LOOPBACK)

    assert found.message is messages.UNREACHABLE
    assert found.params == {"address": "127.0.0.1", "reason": "ConnectionRefusedError"}


def test_a_call_that_nobody_takes_is_no_slow_answer() -> None:
    """As behind a firewall that drops what comes; one that takes calls may be slow."""
    with no_longer_taking_calls() as port:
        found = ask(target(port), LOOPBACK, seconds=0.5)

    assert found.message is messages.UNREACHABLE
    assert found.params == {"address": "127.0.0.1", "reason": "nobody takes the call"}


def test_a_certificate_of_an_unknown_authority_is_not_trusted(tmp_path: Path) -> None:
    pair = Authority(tmp_path).client("chat.example.com", ())
    assert pair.certificate is not None
    assert pair.key is not None
    with gateway(says(COMPLETION), (pair.certificate, pair.key)) as there:
        found = ask(target(there.port, is_tls=True), LOOPBACK)

    assert found.message is messages.NOT_TRUSTED
    assert "Settings, Allowances" in found.message.text(**found.params or {})
    assert there.requests == []


def test_an_authority_that_was_entered_for_the_gateway_is_trusted_there(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.server("127.0.0.1")
    assert pair.certificate is not None
    assert pair.key is not None
    ca_pem = authority.certificate_file.read_text()
    with gateway(says(COMPLETION), (pair.certificate, pair.key)) as there:
        at = target(there.port, is_tls=True, hostname="localhost", ca_pem=ca_pem)
        found = ask(at, LOOPBACK)
        elsewhere = ask(replace(at, hostname="chat.example.com"), LOOPBACK)

    assert found.milliseconds is not None
    assert elsewhere.message is messages.NOT_TRUSTED


def test_tls_that_never_greets_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = ask(target(listening.getsockname()[1], is_tls=True), LOOPBACK, seconds=0.5)

    assert found.message is messages.TOO_SLOW


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("127.0.0.1", []),
        ("169.254.169.254", [ip_network("10.0.0.0/8")]),
        ("http://127.0.0.1/", LOOPBACK),
        ("", LOOPBACK),
    ],
)
def test_an_address_that_may_not_be_dialled_is_not_dialled(address: str, networks: Any) -> None:
    found = ask(target(80, address=address), networks)

    assert (found.milliseconds, found.message) == (None, messages.NOT_DIALLED)


def test_each_way_to_fail_has_its_own_code() -> None:
    ways: list[Message] = [
        messages.NO_ADDRESS,
        messages.GATEWAY_UNSEEN,
        messages.NO_LISTENER,
        messages.NOT_DIALLED,
        messages.UNREACHABLE,
        messages.TOO_SLOW,
        messages.REFUSED,
        messages.NOT_A_COMPLETION,
    ]

    assert len({way.code for way in ways}) == len(ways)


def test_a_name_that_dns_does_not_know_is_told_as_such() -> None:
    found = ask(target(80, address="gateway.invalid"), LOOPBACK)

    assert found.message is messages.UNREACHABLE
    assert found.params == {"address": "gateway.invalid", "reason": "DNS does not know its name"}
