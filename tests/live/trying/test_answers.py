"""Trying a route over the wire: the answer as events, and what goes wrong as the last one."""

from typing import Any

import pytest

from inference.accounts.models import User
from inference.live import trying
from inference.messages import trials as messages
from tests.api import house as installation
from tests.health.gateways import ANSWER, DONE, chunk, gateway, nowhere, says, streams
from tests.live.house import House
from tests.live.trying.tries import FORM, Try, ticket_for, tried


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
