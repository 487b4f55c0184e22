"""Who may try: by a ticket, once, in the session that has it."""

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from inference.accounts.models import User
from inference.errors import Conflict
from inference.health.actions import take_try
from inference.live import trying
from inference.messages import trials as messages
from tests.api import house as installation
from tests.api.callers import sign_in
from tests.health.gateways import ANSWER, gateway, streams
from tests.live.house import PATIENCE, House
from tests.live.trying.tries import FORM, PROMPT, Try, ticket_for


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


def test_a_form_that_does_not_come_is_told_as_such(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "READ_WITHIN", 0.2)
    slow = http.client.HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    slow.putrequest("POST", trying.PATH)
    slow.putheader("Cookie", f"session={key}")
    slow.putheader("Content-Length", "100")
    slow.endheaders(b"prompt=")

    answer = slow.getresponse()

    assert (answer.status, answer.read()) == (408, b"The form did not come in time. Try again.")
    slow.close()
