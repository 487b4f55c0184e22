"""Trying a route through small gateways: what is told while it comes."""

import asyncio
import socket
import threading
from contextlib import aclosing, suppress

import pytest

from inference.health.streaming import ask
from tests.health.asking import PROMPT, asked, order, text, told
from tests.health.gateways import ANSWER, DONE, chunk, gateway, opening, piece, says, streams


def test_an_answer_is_told_as_it_comes_with_its_figures() -> None:
    found, refusal = asked(streams(*ANSWER, x_inference_pod="qwen3-a"))

    assert refusal is None
    assert [one.replica for one in found] == ["qwen3-a", *[None] * 5]
    assert text(found) == "To remember."
    tally = found[-1].tally
    assert (tally.pieces, tally.counted, tally.tokens, tally.finish) == (2, 4, 4, "stop")
    assert tally.first_token_ms is not None


def test_pieces_are_told_before_the_answer_has_ended() -> None:
    heard = threading.Event()

    def behaviour(peer: socket.socket) -> None:
        peer.sendall(opening() + piece(chunk("first")))
        assert heard.wait(30)
        peer.sendall(piece(chunk("", "stop")) + piece(DONE) + piece(b""))

    async def listen(port: int) -> list[str]:
        found = []
        async with aclosing(ask(order(port))) as answer:
            async for one in answer:
                found.append(one.chunk.text)
                if one.chunk.text:
                    heard.set()
        return found

    with gateway(behaviour) as there:
        assert asyncio.run(listen(there.port)) == ["", "first", ""]


def test_the_request_names_the_route_and_asks_for_a_counted_stream() -> None:
    with gateway(streams(*ANSWER)) as there:
        told(order(there.port, path_prefix="/v2"))

    ((head, body),) = there.requests
    assert head.startswith("POST /v2/v1/chat/completions HTTP/1.1\r\n")
    assert "Host: chat.example.com\r\n" in head
    assert "authorization" not in head.lower()
    assert body == PROMPT.body("qwen3")


@pytest.mark.parametrize(
    ("headers", "replica"),
    [
        ({"x_gateway_destination_endpoint_served": "10.0.0.7:8000"}, "qwen3-b"),
        ({"x_gateway_destination_endpoint_served": "10.0.0.8:8000"}, "10.0.0.8:8000"),
        ({"x_gateway_destination_endpoint": "[fd00::7]:8000"}, "qwen3-c"),
        ({"x_inference_pod": "qwen3-a", "x_inference_port": "8000"}, "qwen3-a"),
        ({"x_inference_port": "8000"}, ""),
        ({}, ""),
    ],
)
def test_a_replica_is_known_by_name_or_by_address(headers: dict[str, str], replica: str) -> None:
    pods = {"10.0.0.7": "qwen3-b", "fd00::7": "qwen3-c"}

    found, _ = asked(streams(*ANSWER, **headers), pods=pods)

    assert found[0].replica == replica


@pytest.mark.parametrize(
    "answer",
    [
        streams(chunk("Yes", "stop")),
        b"HTTP/1.1 100 Continue\r\n\r\n" + streams(chunk("Yes"), DONE),
        says(b"".join([chunk("Yes"), DONE]), content_type="Text/Event-Stream; charset=utf-8"),
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + chunk("Yes", "stop"),
    ],
    ids=["no last word", "continue", "not chunked", "until it hangs up"],
)
def test_answers_end_in_several_ways(answer: bytes) -> None:
    found, refusal = asked(answer)

    assert (text(found), refusal) == ("Yes", None)


def test_who_stops_listening_has_the_gateway_stop_talking() -> None:
    ended = threading.Event()

    def behaviour(peer: socket.socket) -> None:
        peer.sendall(opening() + piece(chunk("one")))
        with suppress(ConnectionResetError):
            assert peer.recv(1) == b""
        ended.set()

    async def listen(port: int) -> None:
        async with aclosing(ask(order(port))) as answer:
            async for one in answer:
                if one.chunk.text:
                    return

    with gateway(behaviour) as there:
        asyncio.run(listen(there.port))
        assert ended.wait(30)
