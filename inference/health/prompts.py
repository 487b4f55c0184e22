"""What somebody asks of a model when they try a route. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.errors import Invalid
from inference.messages import trials as messages

MOST_TOKENS = 256
USUAL_TOKENS = 128
LONGEST = 8000
"""Characters of a prompt, and of the system prompt before it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question, as the form of a route has it."""

    text: str
    system: str = ""
    max_tokens: int = USUAL_TOKENS

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "Prompt":
        """From the fields `prompt`, `system` and `max_tokens`. Raises Invalid."""
        text, system = (_text(sent.get(name, "")) for name in ("prompt", "system"))
        if not text.strip():
            raise Invalid(messages.NO_PROMPT)
        return cls(text, system, _number(sent.get("max_tokens", "")))

    def body(self, model: str) -> dict[str, Any]:
        """The request of the OpenAI API that says this, streamed, with its tokens counted."""
        said = [{"role": "user", "content": self.text}]
        if self.system.strip():
            said.insert(0, {"role": "system", "content": self.system})
        return {
            "model": model,
            "messages": said,
            "max_tokens": self.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    @property
    def digest(self) -> str:
        """By which a ticket knows the prompt that it is for, without holding it."""
        parts = json.dumps([self.text, self.system, self.max_tokens])
        return hashlib.sha256(parts.encode()).hexdigest()


def _text(given: str) -> str:
    """Forms send line ends as they like."""
    text = given.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST:
        raise Invalid(messages.PROMPT_TOO_LONG, most=LONGEST, length=len(text))
    return text


def _number(given: str) -> int:
    text = given.strip()
    is_number = text.isascii() and text.isdigit() and len(text) < 5  # noqa: PLR2004  (digits)
    number = int(text) if is_number else 0
    if not 0 < number <= MOST_TOKENS:
        raise Invalid(messages.BAD_LENGTH, most=MOST_TOKENS)
    return number
