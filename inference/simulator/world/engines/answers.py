"""What an engine answers, in the shapes of the OpenAI API as vLLM fills them. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from inference.simulator.world.engines.arguments import Settings

_TEXT = (
    "a pool of replicas answers as one name while each engine keeps its own cache and the picker "
    "sends every request to the place that has seen the start of it before so that long prompts "
    "cost little the second time and the queue stays short"
)
_WORDS = _TEXT.split()


class Refused(Exception):
    """A request that the engine does not take."""

    def __init__(self, code: int, message: str, kind: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for tokens."""

    model: str
    prompt_tokens: int
    most_tokens: int
    streams: bool
    includes_usage: bool
    is_chat: bool
    prompt: str


def asked(body: bytes, settings: Settings, *, is_chat: bool) -> Asked:
    """Raises Refused."""
    given = _document(body)
    model = given.get("model") or settings.names[0]
    if model not in {*settings.names, *settings.adapters}:
        message = f"The model `{model}` does not exist."
        raise Refused(404, message, "NotFoundError", "model")
    prompt = _chat(given) if is_chat else _prompt(given)
    tokens = max(1, round(len(prompt) / 4)) + (8 if is_chat else 0)
    wanted = given.get("max_completion_tokens") or given.get("max_tokens")
    _check_amounts(given, wanted)
    room = settings.max_model_len - tokens
    if room <= 0 or (wanted or 0) > room:
        raise _too_long(settings.max_model_len, tokens, wanted or 0)
    usual = room if is_chat else min(16, room)
    options = given.get("stream_options") or {}
    return Asked(
        model=str(model),
        prompt_tokens=tokens,
        most_tokens=int(wanted or usual),
        streams=bool(given.get("stream")),
        includes_usage=bool(options.get("include_usage")),
        is_chat=is_chat,
        prompt=prompt,
    )


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        given = json.loads(body)
    except ValueError as error:
        raise _bad(f"[{{'type': 'json_invalid', 'msg': 'JSON decode error: {error}'}}]") from None
    if not isinstance(given, dict):
        raise _bad("[{'type': 'model_attributes_type', 'msg': 'Input should be an object'}]")
    return given


def _chat(given: Mapping[str, Any]) -> str:
    messages = given.get("messages")
    if not isinstance(messages, list):
        raise _bad("[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required'}]")
    if not messages:
        raise _bad("list index out of range")
    return "\n".join(_said(one) for one in messages)


def _said(message: Any) -> str:
    content = message.get("content") if isinstance(message, dict) else message
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _prompt(given: Mapping[str, Any]) -> str:
    prompt = given.get("prompt")
    if prompt is None:
        raise _bad("Either prompt or prompt_embeds must be provided and non-empty.")
    return " ".join(map(str, prompt)) if isinstance(prompt, list) else str(prompt)


def _check_amounts(given: Mapping[str, Any], wanted: Any) -> None:
    if wanted is not None and (not isinstance(wanted, int) or wanted < 1):
        raise _bad(f"max_tokens must be at least 1, got {wanted}.", "max_tokens")
    temperature = given.get("temperature")
    if isinstance(temperature, int | float) and temperature < 0:
        raise _bad(f"temperature must be non-negative, got {temperature}.", "temperature")


def _too_long(longest: int, tokens: int, wanted: int) -> Refused:
    asked_for = f"{wanted} output tokens and your prompt contains at least {tokens} input tokens"
    message = (
        f"This model's maximum context length is {longest} tokens. However, you requested "
        f"{asked_for}, for a total of at least {tokens + wanted} tokens. Please reduce the length "
        "of the input prompt or the number of requested output tokens."
    )
    return _bad(message, "input_tokens")


def _bad(message: str, param: str | None = None) -> Refused:
    return Refused(400, message, "BadRequestError", param)


def words(dice: Random, count: int) -> list[str]:
    """A made-up text of `count` tokens."""
    start = dice.randrange(len(_WORDS))
    return [
        _WORDS[(start + number) % len(_WORDS)] + (" " if number + 1 < count else "")
        for number in range(count)
    ]


def usage(prompt: int, output: int) -> dict[str, Any]:
    return {
        "prompt_tokens": prompt,
        "total_tokens": prompt + output,
        "completion_tokens": output,
        "prompt_tokens_details": None,
    }


def whole(asked: Asked, text: str, output: int, reason: str, name: str, now: int) -> dict[str, Any]:
    """The answer to a request that does not stream."""
    choice: dict[str, Any] = {"index": 0, "logprobs": None, "finish_reason": reason}
    if asked.is_chat:
        choice["message"] = {
            "role": "assistant", "content": text, "refusal": None, "tool_calls": [],
        }  # fmt: skip
    else:
        choice["text"] = text
    return {
        "id": name,
        "object": "chat.completion" if asked.is_chat else "text_completion",
        "created": now,
        "model": asked.model,
        "choices": [choice],
        "usage": usage(asked.prompt_tokens, output),
    }


def chunk(asked: Asked, text: str | None, reason: str | None, name: str, now: int) -> bytes:
    """One event of a stream; `text` None is the chat's first, which names the role only."""
    choice: dict[str, Any] = {"index": 0, "logprobs": None, "finish_reason": reason}
    if asked.is_chat:
        said = {"role": "assistant", "content": ""} if text is None else {"content": text}
        choice["delta"] = said
    else:
        choice["text"] = text or ""
    return _event(asked, [choice], name, now)


def last_chunk(asked: Asked, output: int, name: str, now: int) -> bytes:
    """The event with the usage, for who asked for it."""
    return _event(asked, [], name, now, usage=usage(asked.prompt_tokens, output))


def _event(asked: Asked, choices: list[Any], name: str, now: int, **more: Any) -> bytes:
    body = {
        "id": name,
        "object": "chat.completion.chunk" if asked.is_chat else "text_completion",
        "created": now,
        "model": asked.model,
        "choices": choices,
        **more,
    }
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"


def models(settings: Settings, now: int) -> dict[str, Any]:
    base = [_card(name, settings.model, None, settings, now) for name in settings.names]
    adapters: Sequence[dict[str, Any]] = [
        _card(name, name, settings.names[0], settings, now) for name in settings.adapters
    ]
    return {"object": "list", "data": [*base, *adapters]}


def _card(name: str, root: str, parent: str | None, settings: Settings, now: int) -> dict[str, Any]:
    return {
        "id": name,
        "object": "model",
        "created": now,
        "owned_by": "vllm",
        "root": root,
        "parent": parent,
        "max_model_len": settings.max_model_len if parent is None else None,
    }
