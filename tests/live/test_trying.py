"""Trying a route over the wire: a ticket, a stream, and no request that nobody waits for."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.clusters.models import EgressRange
from inference.errors import Conflict
from inference.health.actions import allow_try, take_try
from inference.health.prompts import Prompt
from inference.live import trying
from inference.messages import trials as messages
from tests.api import house as installation
from tests.health.gateways import (
    ANSWER,
    DONE,
    Behaviour,
    chunk,
    gateway,
    nowhere,
    opening,
    piece,
    says,
    streams,
)
from tests.health.test_tasks import see
from tests.live.house import PATIENCE, House, aside, serving, sign_in

FORM = {"prompt": "What is a cache for?", "system": "", "max_tokens": "16"}
PROMPT = Prompt.read(FORM)


@pytest.fixture
def house(database: str) -> Iterator[House]:
    with serving() as made:
        yield made


@pytest.fixture
def rows(database: str, chat: Team, author: User) -> installation.House:
    found = installation.furnish(chat, author)
    EgressRange.objects.get_or_create(cidr="127.0.0.0/8", defaults={"reason": "tests"})
    return found


@pytest.fixture
def key(author: User) -> str:
    return sign_in(author)


@pytest.fixture(autouse=True)
def left() -> Iterator[None]:
    yield
    while Try.opened:
        Try.opened.pop().leave()


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


def test_an_answer_streams_to_the_page_with_its_figures(
    house: House, rows: installation.House, author: User, key: str
) -> None:
    answer = streams(*ANSWER, x_inference_pod="llama-a")

    events = tried(house, rows, author, key, answer)

    said = [data["text"] for name, data in events if name == "said"]
    figures: dict[str, str] = {}
    for name, data in events:
        figures |= data if name == "figures" else {}
    assert said == ["To ", "remember."]
    assert (figures["replica"], figures["ended"]) == ("llama-a", "it came to its end")
    assert figures["rate-by"] == "after the first; 4 counted by the engine"
    assert figures["first"].isdecimal()
    assert figures["first-unit"] == "ms"
    assert {name for name, _ in events} == {"said", "figures"}


def test_the_stream_is_no_page_and_is_not_kept(
    house: House, rows: installation.House, author: User, key: str
) -> None:
    with gateway(streams(*ANSWER)) as there:
        ticket = ticket_for(rows, author, key, there.port)
        page = Try(house, key, {**FORM, "ticket": ticket})

    headers = page.response.headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"


def test_the_text_of_a_model_is_data_however_it_looks(
    house: House, rows: installation.House, author: User, key: str
) -> None:
    evil = (
        'a\n\nevent: problem\ndata: {"sentence": "x"}\n\n<img src=x onerror=alert(1)>\ud800\u2028'
    )

    events = tried(house, rows, author, key, streams(chunk(evil), DONE))

    assert [data["text"] for name, data in events if name == "said"] == [evil]
    assert "problem" not in {name for name, _ in events}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (says(b"", 404), messages.NO_ROUTE),
        (says(b"no healthy upstream", 503), messages.NO_REPLICA),
        (says(b"", 429), messages.SHED),
        (says(b"<html>"), messages.NOT_A_STREAM),
        (streams(chunk("half")), messages.CUT_OFF),
    ],
)
def test_what_goes_wrong_is_the_last_event(
    answer: bytes,
    message: Any,
    house: House,
    rows: installation.House,
    author: User,
    key: str,
) -> None:
    before = trying.TRIES.labels(message.code)._value.get()

    *_, (name, data) = tried(house, rows, author, key, answer)

    assert name == "problem"
    assert data["sentence"].endswith(message.sentence[-30:])
    assert trying.TRIES.labels(message.code)._value.get() == before + 1


def test_where_nothing_listens_the_page_hears_it(
    house: House, rows: installation.House, author: User, key: str
) -> None:
    ticket = ticket_for(rows, author, key, nowhere())

    ((name, data),) = Try(house, key, {**FORM, "ticket": ticket}).events()

    assert name == "problem"
    assert "does not answer" in data["sentence"]


def test_a_ticket_is_good_once_and_for_its_session(
    house: House, rows: installation.House, author: User, approver: User, key: str
) -> None:
    with gateway(streams(*ANSWER)) as there:
        ticket = ticket_for(rows, author, key, there.port)
        form = {**FORM, "ticket": ticket}
        others = [
            Try(house, sign_in(approver), form),
            Try(house, sign_in(author), form),
            Try(house, key, {**form, "prompt": "Another"}),
            Try(house, key, {**form, "ticket": "no such ticket"}),
        ]
        first, again = Try(house, key, form), Try(house, key, form)
        assert (first.status, again.status) == (200, 409)
        assert first.text().count("event: said") == 2

    assert {one.status for one in others} == {409}
    assert {one.text() for one in [*others, again]} == {messages.TICKET_SPENT.text()}
    assert len(there.requests) == 1


def test_of_many_who_come_at_once_one_gets_it(
    rows: installation.House, author: User, key: str
) -> None:
    ticket = ticket_for(rows, author, key, 80)
    barrier = threading.Barrier(6)

    def take(_: int) -> bool:
        barrier.wait(PATIENCE)
        try:
            return bool(take_try(ticket=ticket, prompt=PROMPT, session_key=key, by=author))
        except Conflict:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(take, range(6))) == [False] * 5 + [True]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({**FORM, "ticket": ""}, 409),
        ({**FORM, "max_tokens": "257"}, 422),
        ({**FORM, "prompt": "x" * 8001}, 422),
        (b"x=" + b"y" * trying.LARGEST, 413),
        ("&".join(f"f{number}=" for number in range(20)), 400),
        (b"prompt=\xff", 400),
    ],
    ids=range(7),
)
def test_what_is_not_asked_as_it_should_be_is_refused(
    form: Any, status: int, house: House, rows: installation.House, key: str
) -> None:
    assert Try(house, key, form).status == status


def test_nobody_and_other_sites_are_refused(house: House, author: User, key: str) -> None:
    assert Try(house, "no such session", FORM).status == 401
    assert Try(house, "", FORM).status == 401
    assert Try(house, key, FORM, **{"Sec-Fetch-Site": "cross-site"}).status == 403


def test_a_try_is_not_read_by_a_link(house: House, key: str) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    plain.request("GET", trying.PATH, headers={"Cookie": f"session={key}"})

    answer = plain.getresponse()
    assert (answer.status, answer.read()) == (405, b"Only POST.")
    plain.close()


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


def test_who_leaves_the_page_ends_the_request_to_the_gateway(
    house: House, rows: installation.House, author: User, key: str
) -> None:
    held = Held()
    before = trying.TRIES.labels("left")._value.get()
    with gateway(held) as there:
        ticket = ticket_for(rows, author, key, there.port)
        page = Try(house, key, {**FORM, "ticket": ticket})
        assert held.begun.wait(PATIENCE)

        page.leave()

        assert held.ended.wait(PATIENCE)
    until(lambda: trying.TRIES.labels("left")._value.get() == before + 1)
    assert trying.RUNNING._value.get() == 0


def until(is_so: Any) -> None:
    pause = threading.Event()
    for _ in range(500):
        if is_so():
            return
        pause.wait(0.02)
    raise AssertionError("it never came to be")


def test_a_server_runs_so_many_at_once_and_keeps_the_ticket_of_the_next(
    house: House,
    rows: installation.House,
    author: User,
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trying, "AT_ONCE", 1)
    held = Held()
    with serving() as small, gateway(held) as there:
        form = {**FORM, "ticket": ticket_for(rows, author, key, there.port)}
        page = Try(small, key, form)
        assert held.begun.wait(PATIENCE)
        next_ticket = allow_try(
            route=rows.route, prompt=PROMPT, session_key=key, by=author, at=timezone.now()
        )
        refused = Try(small, key, {**FORM, "ticket": next_ticket})
        assert refused.status == 503
        assert refused.response.headers["Retry-After"] == "10"
        assert "Wait until" in refused.text()

        page.leave()
        assert held.ended.wait(PATIENCE)
        assert take_try(ticket=next_ticket, prompt=PROMPT, session_key=key, by=author)


def test_a_server_that_stops_says_so_on_the_page(
    house: House, rows: installation.House, author: User, key: str
) -> None:
    held = Held()
    with gateway(held) as there:
        ticket = ticket_for(rows, author, key, there.port)
        page = Try(house, key, {**FORM, "ticket": ticket})
        assert held.begun.wait(PATIENCE)

        house.live.close_soon()

        *_, (name, data) = page.events()
        assert held.ended.wait(PATIENCE)
    assert (name, data) == ("problem", {"sentence": messages.STOPPING.text()})


def test_no_row_is_read_while_an_answer_streams(
    house: House, rows: installation.House, author: User, key: str
) -> None:
    """The database may go while somebody waits for the next token."""
    go_on = threading.Event()

    def behaviour(peer: socket.socket) -> None:
        peer.sendall(opening() + piece(chunk("one")))
        assert go_on.wait(PATIENCE)
        peer.sendall(piece(chunk(" two", "stop")) + piece(DONE) + piece(b""))

    with gateway(behaviour) as there:
        ticket = ticket_for(rows, author, key, there.port)
        page = Try(house, key, {**FORM, "ticket": ticket})
        events = page.events()
        assert next(events)[0] == "figures"
        assert next(events) == ("said", {"text": "one", "thought": ""})
        aside(rows.route.members.all().delete)
        aside(author.trials.all().delete)
        go_on.set()
        rest = [data["text"] for name, data in events if name == "said"]

    assert rest == [" two"]
