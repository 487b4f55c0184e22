"""The request as code: a shell and Python make exactly of it what the page would send."""

import json
import shlex
import subprocess
import sys
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inference.health.probing import Target
from inference.health.prompts import MOST_TOKENS, Prompt
from inference.web.calls import calls

PLAIN = Target("10.0.0.1", 8080, False, "chat.example.com", "", "qwen3")
SECURE = Target("2001:db8::1", 443, True, "chat.example.com", "/v2", "qwen3")
NASTY = Prompt("it's \"$HOME\" `id` $(id) \\ \n!! \0 \x7f \u2028 %s 'EOF' \U0001f600", "'\\''")

prompts = st.builds(Prompt, st.text(min_size=1), st.text(), st.integers(1, MOST_TOKENS))
models = st.text(min_size=1)


def split(line: str) -> list[str]:
    """As a shell does, which joins lines first. Within the data no line ends: JSON escapes it."""
    return shlex.split(line.replace("\\\n", ""))


def flags(words: list[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2], strict=True))


@given(prompts, models)
@example(NASTY, "qwen3")
def test_a_shell_reads_the_request_that_the_page_sends(prompt: Prompt, model: str) -> None:
    target = Target(PLAIN.address, PLAIN.port, False, PLAIN.hostname, "", model)
    curl, option, address, *rest = split(calls(target, prompt).curl)

    assert (curl, option) == ("curl", "--no-buffer")
    assert address == "http://chat.example.com:8080/v1/chat/completions"
    assert json.loads(flags(rest)["--data"]) == prompt.body(model)


@given(prompts)
@example(NASTY)
def test_bash_hands_it_to_curl_as_it_is(prompt: Prompt) -> None:
    line = calls(PLAIN, prompt).curl
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{line}\n"

    ran = subprocess.run(["bash", "-eu"], input=script.encode(), capture_output=True, check=True)

    words = ran.stdout.decode().split("\0")[:-1]
    assert json.loads(words[-1]) == prompt.body("qwen3")
    assert ran.stderr == b""


@given(prompts, st.sampled_from([PLAIN, SECURE]))
@example(NASTY, PLAIN)
def test_python_asks_what_the_page_sends(prompt: Prompt, target: Target) -> None:
    asked: dict[str, Any] = {}

    class OpenAI:
        def __init__(self, **made: Any) -> None:
            asked["made"] = made
            self.chat = self.completions = self

        def create(self, **body: Any) -> list[Any]:
            asked["body"] = body
            return []

    module = ModuleType("openai")
    module.OpenAI = OpenAI
    with patch.dict(sys.modules, {"openai": module}):
        exec(compile(calls(target, prompt).python, "call", "exec"), {})  # noqa: S102

    assert asked["body"] == prompt.body("qwen3")
    assert asked["made"]["base_url"].endswith("/v1")


@pytest.mark.parametrize(
    ("target", "address", "leads"),
    [
        (PLAIN, "http://chat.example.com:8080/v1", "chat.example.com:8080:10.0.0.1"),
        (SECURE, "https://chat.example.com/v2/v1", "chat.example.com:443:[2001:db8::1]"),
    ],
)
def test_curl_needs_no_dns_and_keeps_the_name(target: Target, address: str, leads: str) -> None:
    words = split(calls(target, Prompt("Hello")).curl)

    assert words[2] == f"{address}/chat/completions"
    assert flags(words[3:])["--resolve"] == leads


def test_python_dials_the_address_and_names_the_route() -> None:
    told = calls(PLAIN, Prompt("Hello")).python

    assert "base_url='http://10.0.0.1:8080/v1'" in told
    assert "default_headers={\"Host\": 'chat.example.com'}" in told
    assert "default_headers" not in calls(SECURE, Prompt("Hello")).python
