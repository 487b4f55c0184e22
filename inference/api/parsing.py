"""Bodies under limits: JSON without tricks, and YAML where people send documents."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

import orjson
from rest_framework.parsers import BaseParser

from inference.api.refusals import Declined
from inference.clusters.client import safe_yaml
from inference.errors import Invalid
from inference.messages import api as messages

LARGEST = 1024 * 1024
DEEPEST = 32
DIGITS = 18


class JSONParser(BaseParser):
    """No NaN, no doubled keys, no halves of characters, at most `DEEPEST` levels."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        del media_type
        return loads(read(stream, parser_context))


class YAMLParser(BaseParser):
    """The loader that takes kubeconfigs: plain data, no aliases, no tags."""

    media_type = "application/yaml"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        del media_type
        try:
            return safe_yaml.load(read(stream, parser_context))
        except Invalid as refusal:
            raise Declined(400, refusal.message, **refusal.params) from None


def read(stream: IO[Any], context: Mapping[str, Any] | None) -> bytes:
    """The whole body, refused by its declared length before a byte of it is read."""
    meta = context["request"].META if context else {}
    declared = str(meta.get("CONTENT_LENGTH") or "0")
    if declared.isdigit() and int(declared) > LARGEST:
        raise Declined(413, messages.BODY_TOO_LARGE, limit=LARGEST)
    body: bytes = stream.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Declined(413, messages.BODY_TOO_LARGE, limit=LARGEST)
    return body


def loads(body: bytes) -> Any:
    """A JSON value. Raises Declined with what has to change."""
    try:
        _check_values(orjson.loads(body))
        return json.loads(body, object_pairs_hook=_object, parse_int=_int)
    except (orjson.JSONDecodeError, ValueError, RecursionError) as error:
        raise Declined(400, messages.BODY_MALFORMED, problem=str(error)[:200]) from None


def _int(text: str) -> int:
    """Of 18 digits at most, as in YAML: more are in no column and in no answer."""
    if len(text) > DIGITS + text.startswith("-"):
        raise ValueError(f"a whole number of more than {DIGITS} digits")
    return int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise Declined(400, messages.BODY_DUPLICATE_KEY, key=key[:100])
        made[key] = value
    return made


def _check_values(value: Any) -> None:
    """Depth and NUL characters, without recursion."""
    waiting: list[tuple[int, Any]] = [(1, value)]
    while waiting:
        depth, one = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                raise Declined(400, messages.NUL_CHARACTER)
        elif isinstance(one, dict | list):
            if depth > DEEPEST:
                raise Declined(400, messages.BODY_TOO_DEEP, limit=DEEPEST)
            waiting += ((depth + 1, part) for part in _parts(one))


def _parts(value: dict[str, Any] | list[Any]) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    else:
        yield from value
