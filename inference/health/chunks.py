"""From the bytes of a streamed chat completion to what was said in it. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inference.errors import Refusal
from inference.messages import trials as messages
from inference.observation.summaries import mapping, mappings, number, text

DONE = "[DONE]"
LONGEST_EVENT = 32 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """One event. `thought` is what a reasoning model says to itself; `tokens` only at the end."""

    text: str = ""
    thought: str = ""
    finish: str = ""
    tokens: int | None = None

    @property
    def says_something(self) -> bool:
        return bool(self.text or self.thought)


class Chunks:
    """Takes bytes as they come. `is_done` once the stream has said that it ends."""

    def __init__(self) -> None:
        self.is_done = False
        self._rest = b""

    def take(self, data: bytes) -> Iterator[Chunk]:
        """The events that are whole now. Raises Refusal for what is no part of a completion.

        Each of them is one line of data; names, comments and empty lines say nothing here.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_EVENT:
            raise Refusal(messages.NOT_CHUNKS)
        for line in lines:
            name, _, value = line.rstrip(b"\r").partition(b":")
            if name != b"data" or self.is_done:
                continue
            event = value.strip().decode(errors="replace")
            if event == DONE:
                self.is_done = True
            elif event:
                yield chunk_of(event)


def chunk_of(event: str) -> Chunk:
    """Raises Refusal for an error that the engine sends in its stream, and for anything else."""
    try:
        found = json.loads(event)
    except (ValueError, RecursionError):
        raise Refusal(messages.NOT_CHUNKS) from None
    if not isinstance(found, dict):
        raise Refusal(messages.NOT_CHUNKS)
    if found.get("error"):
        raise Refusal(messages.FAILED, reason=error_in(found))
    if not isinstance(found.get("choices"), list):
        raise Refusal(messages.NOT_CHUNKS)
    choice = next(iter(mappings(found["choices"])), {})
    delta = mapping(choice.get("delta"))
    usage = mapping(found.get("usage"))
    return Chunk(
        text=_said(delta.get("content")),
        thought=_said(delta.get("reasoning_content")) or _said(delta.get("reasoning")),
        finish=text(choice.get("finish_reason"), 40),
        tokens=number(usage["completion_tokens"]) if "completion_tokens" in usage else None,
    )


def error_in(found: dict[str, Any], longest: int = 200) -> str:
    """The words of an error as engines, gateways and pickers spell it."""
    error = found.get("error")
    told = mapping(error).get("message") or error or found.get("detail") or found.get("message")
    return text(told, longest).rstrip(".") or "it does not say why"


def _said(value: Any) -> str:
    return value if isinstance(value, str) else ""
