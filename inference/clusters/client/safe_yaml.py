"""Reads YAML that people send: plain data only, under limits, every refusal with its line.

Scalars are those of YAML 1.2: `true` and `false`, `null`, decimal numbers and text. `yes`, `on`,
dates and octal numbers stay text.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

from inference.errors import Invalid
from inference.messages import clusters as messages

LARGEST = 256 * 1024
DEEPEST = 32
MOST_NODES = 20_000
MOST_DOCUMENTS = 50

_OPENING = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_IMPLICIT_TAGS = {None, "!"}
"""A quoted scalar and a plain one carry no tag; a lone `!` means text and says nothing more."""


def load_all(source: str | bytes, *, largest: int = LARGEST) -> list[Any]:
    """Every document in `source`. Raises Invalid with the line that has to change."""
    text = _text(source, largest)
    try:
        _check_events(text)
        return list(yaml.load_all(text, Loader=_PlainLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Invalid(
            messages.YAML_UNREADABLE, line=_line(mark), problem=error.problem or "unreadable"
        ) from None
    except yaml.YAMLError:
        raise Invalid(messages.YAML_UNREADABLE, line=1, problem="unknown characters") from None


def load(source: str | bytes, *, largest: int = LARGEST) -> Any:
    """The only document in `source`; None where it is empty."""
    documents = load_all(source, largest=largest)
    if len(documents) > 1:
        raise Invalid(messages.YAML_TOO_MANY_DOCUMENTS, limit=1)
    return documents[0] if documents else None


def _text(source: str | bytes, largest: int) -> str:
    if len(source) > largest:
        raise Invalid(messages.YAML_TOO_LARGE, limit=largest)
    try:
        data = source.encode() if isinstance(source, str) else source
        text = data.decode()
    except UnicodeError:
        raise Invalid(messages.YAML_NOT_TEXT) from None
    if len(data) > largest:
        raise Invalid(messages.YAML_TOO_LARGE, limit=largest)
    if "\0" in text:
        raise Invalid(messages.YAML_NOT_TEXT)
    return text.removeprefix("\ufeff")


def _check_events(text: str) -> None:
    """Walk the events before anything is built: an alias must not even be followed once."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        elif isinstance(event, _CLOSING):
            depth -= 1
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            depth += isinstance(event, _OPENING)
            _check_node(event)
        _check_counts(depth, nodes, documents)


def _check_node(event: yaml.NodeEvent) -> None:
    if event.anchor is not None:
        raise Invalid(messages.YAML_ALIAS, line=_line(event.start_mark))
    if isinstance(event, yaml.ScalarEvent) and "\0" in event.value:
        raise Invalid(messages.YAML_NOT_TEXT)
    if getattr(event, "tag", None) not in _IMPLICIT_TAGS:
        raise Invalid(messages.YAML_TAG, line=_line(event.start_mark))


def _check_counts(depth: int, nodes: int, documents: int) -> None:
    if depth > DEEPEST:
        raise Invalid(messages.YAML_TOO_DEEP, limit=DEEPEST)
    if nodes > MOST_NODES:
        raise Invalid(messages.YAML_TOO_MANY_NODES, limit=MOST_NODES)
    if documents > MOST_DOCUMENTS:
        raise Invalid(messages.YAML_TOO_MANY_DOCUMENTS, limit=MOST_DOCUMENTS)


def _line(mark: Any) -> int:
    return mark.line + 1 if mark else 1


class _PlainLoader(yaml.CSafeLoader):
    """CSafeLoader with the scalars of JSON, and mappings whose keys are text and stand once."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise Invalid(messages.YAML_KEY_NOT_TEXT, line=_line(key_node.start_mark))
            if key in mapping:
                raise Invalid(
                    messages.YAML_DUPLICATE_KEY, key=key[:100], line=_line(key_node.start_mark)
                )
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping


def _resolve(kind: str, pattern: str, first: str) -> None:
    _PlainLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{kind}", re.compile(pattern, re.ASCII), list(first)
    )


_resolve("bool", r"^(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF")
_resolve("null", r"^(?:~|null|Null|NULL|)\Z", "~nN")
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^\Z"), [""])
_resolve("int", r"^-?(?:0|[1-9][0-9]{0,17})\Z", "-0123456789")
_resolve(
    "float", r"^-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,2})?\Z", "-0123456789"
)
