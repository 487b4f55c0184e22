"""Figures of a try in words: what is not known is not said, and what is has its source."""

import pytest

from inference.health.chunks import Chunk
from inference.health.streaming import Told
from inference.health.tally import Tally
from inference.live.figures import UNKNOWN, shown


def told(*said: tuple[float, Chunk], replica: str | None = None) -> dict[str, str]:
    tally = Tally(began=0.0)
    for at, chunk in said:
        tally.take(chunk, at)
    return shown(Told(tally, replica))


def test_before_the_first_token_nothing_is_said_but_who_answers() -> None:
    assert told() == {}
    assert told(replica="qwen-a") == {
        "replica": "qwen-a",
        "replica-by": "named by a header of the answer",
    }
    assert told(replica="")["replica"] == UNKNOWN


def test_one_token_has_a_time_and_no_rate() -> None:
    found = told((0.1824, Chunk("a")))

    assert (found["first"], found["first-unit"], found["rate"]) == ("182", "ms", UNKNOWN)


def test_seconds_are_said_from_one_second_on() -> None:
    found = told((0.999, Chunk("a")), (1.9412, Chunk("b")))

    assert (found["first"], found["first-unit"]) == ("999", "ms")
    assert (found["whole"], found["whole-unit"]) == ("1.94", "s")


@pytest.mark.parametrize(
    ("tokens", "rate", "by"),
    [(None, "2.0", "2 pieces counted here"), (5, "8.0", "5 counted by the engine")],
)
def test_a_rate_says_who_has_counted(tokens: int | None, rate: str, by: str) -> None:
    found = told((1.0, Chunk("a")), (1.5, Chunk("b")), (1.5, Chunk(tokens=tokens)))

    assert (found["rate"], found["rate-by"]) == (rate, f"after the first; {by}")


@pytest.mark.parametrize(
    ("finish", "words"),
    [
        ("stop", "it came to its end"),
        ("length", "cut at the length asked for"),
        ("odd", "it ended by odd"),
    ],
)
def test_the_end_is_said_in_words(finish: str, words: str) -> None:
    assert told((1.0, Chunk("a", finish=finish)))["ended"] == words
