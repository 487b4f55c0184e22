"""Tries over the wire, as the script of the page makes them, and a gateway that waits."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.utils import timezone

from inference.accounts.models import User
from inference.health.actions import allow_try
from inference.health.prompts import Prompt
from inference.live import trying
from tests.api import house as installation
from tests.health.gateways import Behaviour, chunk, gateway, opening, piece
from tests.health.test_tasks import see
from tests.live.house import PATIENCE, House

FORM = {"prompt": "What is a cache for?", "system": "", "max_tokens": "16"}
PROMPT = Prompt.read(FORM)


def ticket_for(rows: installation.House, by: User, key: str, port: int) -> str:
    see(rows.route, port)
    return allow_try(route=rows.route, prompt=PROMPT, session_key=key, by=by, at=timezone.now())


class Try:
    """One POST to the stream, as the script of the page makes it. Left when the test ends."""

    opened: ClassVar[list["Try"]] = []

    def __init__(self, house: House, key: str, form: Any, **headers: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
        body = form if isinstance(form, str | bytes) else urlencode(form)
        told = {"Cookie": f"session={key}", "Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", trying.PATH, body, told | headers)
        self.response = self._connection.getresponse()
        self.status = self.response.status
        self.opened.append(self)

    def events(self) -> Iterator[tuple[str, dict[str, str]]]:
        while line := self.response.readline().decode():
            name = line.removeprefix("event: ").strip()
            yield name, json.loads(self.response.readline().decode().removeprefix("data: "))
            assert self.response.readline() == b"\n"

    def text(self) -> str:
        return self.response.read().decode()

    def leave(self) -> None:
        self.response.close()
        self._connection.close()


def tried(
    house: House, rows: installation.House, by: User, key: str, answer: bytes | Behaviour
) -> list[tuple[str, dict[str, str]]]:
    with gateway(answer) as there:
        ticket = ticket_for(rows, by, key, there.port)
        return list(Try(house, key, {**FORM, "ticket": ticket}).events())


class Held:
    """A gateway's behaviour: the first piece, and then nothing until the other side goes."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    def __call__(self, peer: socket.socket) -> None:
        peer.sendall(opening() + piece(chunk("one")))
        self.begun.set()
        peer.settimeout(PATIENCE)
        with suppress(ConnectionResetError):
            assert peer.recv(1) == b""
        self.ended.set()


def until(is_so: Any) -> None:
    pause = threading.Event()
    for _ in range(500):
        if is_so():
            return
        pause.wait(0.02)
    raise AssertionError("it never came to be")
