"""How a try ends early, and what it holds on to until then."""

import socket
import threading

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.health.actions import allow_try, take_try
from inference.live import trying
from inference.messages import trials as messages
from tests.api import house as installation
from tests.health.gateways import DONE, chunk, gateway, opening, piece
from tests.live.house import PATIENCE, House, aside, serving
from tests.live.trying.tries import FORM, PROMPT, Held, Try, ticket_for, until


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
