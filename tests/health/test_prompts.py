"""What may be asked when a route is tried, and what is then sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import Invalid
from inference.health.prompts import LONGEST, MOST_TOKENS, Prompt
from inference.messages import trials as messages


def sent(prompt: str = "Hello", system: str = "", max_tokens: str = "16") -> dict[str, str]:
    return {"prompt": prompt, "system": system, "max_tokens": max_tokens}


def test_a_form_becomes_a_request_that_streams_and_counts() -> None:
    body = Prompt.read(sent("Hello\r\nthere", "Be brief", "256")).body("qwen3")

    assert body == {
        "model": "qwen3",
        "messages": [
            {"role": "system", "content": "Be brief"},
            {"role": "user", "content": "Hello\nthere"},
        ],
        "max_tokens": 256,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_without_a_system_prompt_there_is_no_message_of_one() -> None:
    body = Prompt.read(sent(system=" \n")).body("qwen3")

    assert [one["role"] for one in body["messages"]] == ["user"]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, messages.NO_PROMPT),
        (sent(""), messages.NO_PROMPT),
        (sent(" \r\n\t"), messages.NO_PROMPT),
        (sent("x" * (LONGEST + 1)), messages.PROMPT_TOO_LONG),
        (sent(system="x" * (LONGEST + 1)), messages.PROMPT_TOO_LONG),
        *(
            (sent(max_tokens=number), messages.BAD_LENGTH)
            for number in ("", "0", "-1", str(MOST_TOKENS + 1), "1.5", "many", "\u0661", "9" * 9)
        ),
    ],
)
def test_what_cannot_be_asked_says_why(form: dict[str, str], message: object) -> None:
    with pytest.raises(Invalid) as refusal:
        Prompt.read(form)

    assert refusal.value.message is message
    assert "{" not in str(refusal.value)


prompts = st.builds(Prompt, st.text(), st.text(), st.integers(1, MOST_TOKENS))


@given(prompts, prompts)
def test_a_digest_is_of_one_prompt_alone(one: Prompt, other: Prompt) -> None:
    assert (one.digest == other.digest) == (one == other)
