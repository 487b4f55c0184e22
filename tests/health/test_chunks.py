"""Reading a streamed completion: however its bytes are cut, and whatever else is in it."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import Refusal
from inference.health.chunks import LONGEST_EVENT, Chunk, Chunks
from inference.health.tally import Tally
from inference.messages import trials as messages


def event(delta: Any = None, finish: str | None = None, **more: Any) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return b"data: " + json.dumps({"choices": choices, **more}).encode() + b"\n\n"


WHOLE = b"".join(
    [
        b": a comment\r\n\r\n",
        event({"role": "assistant", "content": ""}),
        b"event: chunk\nid: 7\n" + event({"reasoning_content": "Hm. "}),
        event({"reasoning": "Well."}),
        event({"content": "Gr\u00fc\u00dfe, "}),
        event({"content": None}),
        event({"content": "\u4f60\u597d"}, "stop").replace(b"\n", b"\r\n"),
        event(usage={"prompt_tokens": 3, "completion_tokens": 9}),
        b"data:[DONE]\n\n",
        event({"content": "after the end"}),
    ]
)
SAID = [
    Chunk(),
    Chunk(thought="Hm. "),
    Chunk(thought="Well."),
    Chunk("Gr\u00fc\u00dfe, "),
    Chunk(),
    Chunk("\u4f60\u597d", finish="stop"),
    Chunk(tokens=9),
]


@given(st.lists(st.integers(0, len(WHOLE)), max_size=40))
def test_bytes_may_be_cut_anywhere(cuts: list[int]) -> None:
    chunks, found = Chunks(), []
    places = [0, *sorted(cuts), len(WHOLE)]
    for start, end in pairwise(places):
        found += chunks.take(WHOLE[start:end])

    assert found == SAID
    assert chunks.is_done


@pytest.mark.parametrize(
    "data",
    [
        b"data: <html>\n",
        b"data: []\n",
        b"data: 7\n",
        b"data: {}\n",
        b'data: {"choices": {}}\n',
        b"data: \xff\xfe\n",
        b"data: " + b"[" * 100_000 + b"\n",
        b"data: " + b"x" * LONGEST_EVENT,
    ],
    ids=range(8),
)
def test_what_is_no_completion_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        list(Chunks().take(data))

    assert refusal.value.message is messages.NOT_CHUNKS


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"message": "CUDA out of memory.", "code": 500}, "CUDA out of memory"),
        ("engine died", "engine died"),
        ({"code": 500}, "{'code': 500}"),
    ],
)
def test_an_error_in_the_stream_is_told_in_its_words(error: Any, words: str) -> None:
    line = b"data: " + json.dumps({"error": error}).encode() + b"\n"

    with pytest.raises(Refusal) as refusal:
        list(Chunks().take(line))

    assert refusal.value.message is messages.FAILED
    told = words if "code" not in words else "it does not say why"
    assert refusal.value.params == {"reason": told}


@pytest.mark.parametrize("odd", ["text", ["list"], 7, {"content": 7}, {"content": ["a"]}])
def test_an_odd_delta_says_nothing(odd: Any) -> None:
    assert list(Chunks().take(event(odd))) == [Chunk()]


def tally(*said: tuple[float, Chunk]) -> Tally:
    made = Tally(began=10.0)
    for at, chunk in said:
        made.take(chunk, at)
    return made


def test_the_role_alone_is_no_first_token() -> None:
    found = tally((10.1, Chunk()), (10.5, Chunk("a")), (11.5, Chunk("b", finish="stop")))

    assert (found.first_token_ms, found.until_now_ms, found.finish) == (500, 1500, "stop")


def test_what_a_model_thinks_is_a_first_token() -> None:
    assert tally((10.25, Chunk(thought="Hm"))).first_token_ms == 250


def test_the_rate_is_of_the_tokens_after_the_first() -> None:
    pieces = [(11.0, Chunk("a")), (12.0, Chunk("b")), (13.0, Chunk("c"))]

    assert tally(*pieces).tokens_per_second == 1.0
    assert tally(*pieces, (13.1, Chunk(tokens=9))).tokens_per_second == 4.0


@pytest.mark.parametrize(
    "said", [[], [(11.0, Chunk("a"))], [(11.0, Chunk("a")), (11.0, Chunk("b"))]], ids=range(3)
)
def test_without_two_tokens_apart_there_is_no_rate(said: list[tuple[float, Chunk]]) -> None:
    assert tally(*said).tokens_per_second is None
