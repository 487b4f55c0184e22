"""Objects of custom kinds against their schema: types, required fields, choices, forms, bounds."""

from collections.abc import Callable, Iterator
from typing import Any

from inference.simulator.errors import Cause
from inference.simulator.structure import Node
from inference.simulator.validation import words

_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def named_type(value: Any) -> str:
    if value is None:
        return "null"
    return next(name for name, holds in _TYPES.items() if holds(value))


def check_shape(node: Node, value: Any, at: str) -> Iterator[Cause]:
    if node.int_or_string or node.quantity or (value is None and node.nullable):
        return
    if node.type and not _TYPES[node.type](value):
        found = named_type(value)
        why = f'{at} in body must be of type {node.type}: "{found}"'
        yield Cause("FieldValueTypeInvalid", f"Invalid value: {words.told(found)}: {why}", at)
        return
    if isinstance(value, dict):
        yield from _check_object(node, value, at)
    elif isinstance(value, list):
        yield from _check_count(node, len(value), at, "items")
        if node.items is not None:
            for index, part in enumerate(value):
                yield from check_shape(node.items, part, f"{at}[{index}]")
    else:
        if node.enum and value not in node.enum:
            yield words.unsupported(at, value, node.enum)
        check = _check_text if isinstance(value, str) else _check_number
        yield from check(node, value, at)


def _check_object(node: Node, value: dict[str, Any], at: str) -> Iterator[Cause]:
    for name in node.required:
        if name not in value:
            yield words.required(f"{at}.{name}" if at else name)
    yield from _check_count(node, len(value), at, "properties")
    for name, part in value.items():
        below = node.properties.get(name) or node.values
        if below is not None:
            yield from check_shape(below, part, f"{at}.{name}" if at else name)


def _check_count(node: Node, count: int, at: str, what: str) -> Iterator[Cause]:
    least = node.bounds.get(f"min{what.capitalize()}", 0)
    most = node.bounds.get(f"max{what.capitalize()}", count)
    if count < least:
        yield words.invalid(at, count, f"{at} in body should have at least {least} {what}")
    if count > most:
        yield words.too_many(at, count, most)


def _check_text(node: Node, value: str, at: str) -> Iterator[Cause]:
    least = node.bounds.get("minLength", 0)
    most = node.bounds.get("maxLength", len(value))
    if len(value) < least:
        yield words.invalid(at, value, f"{at} in body should be at least {least} chars long")
    if len(value) > most:
        yield words.too_long(at, most)
    if node.pattern is not None and node.pattern.search(value) is None:
        why = f"{at} in body should match '{node.pattern.pattern}'"
        yield words.invalid(at, value, why)


def _check_number(node: Node, value: Any, at: str) -> Iterator[Cause]:
    least, most = node.bounds.get("minimum", value), node.bounds.get("maximum", value)
    if value < least:
        yield words.invalid(at, value, f"{at} in body should be greater than or equal to {least}")
    if value > most:
        yield words.invalid(at, value, f"{at} in body should be less than or equal to {most}")
