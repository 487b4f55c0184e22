"""Objects of custom kinds against their schema: types, required fields, choices, forms, bounds."""

from collections.abc import Callable, Iterator
from typing import Any

from inference.simulator.errors import Cause
from inference.simulator.structure import ANYTHING, Node
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
    has_type = not node.type or _TYPES[node.type](value)
    if not has_type:
        yield _another_type(node, value, at)
    if node.enum and value not in node.enum:
        yield words.unsupported(at, value, node.enum)
    if not has_type:
        return
    if isinstance(value, dict):
        yield from _check_object(node, value, at)
    elif isinstance(value, list):
        yield from _check_list(node, value, at)
    else:
        check = _check_text if isinstance(value, str) else _check_number
        yield from check(node, value, at)


def _another_type(node: Node, value: Any, at: str) -> Cause:
    found = words.told(named_type(value))
    why = f"{at} in body must be of type {node.type}: {found}"
    return Cause("FieldValueTypeInvalid", f"Invalid value: {found}: {why}", at)


def _check_object(node: Node, value: dict[str, Any], at: str) -> Iterator[Cause]:
    for name in node.required:
        if name not in value:
            yield words.required(f"{at}.{name}" if at else name)
    yield from _check_count(node, len(value), at, "properties")
    for name, part in value.items():
        below = node.properties.get(name) or node.values
        if below is not None:
            yield from check_shape(below, part, f"{at}.{name}" if at else name)


def _check_list(node: Node, value: list[Any], at: str) -> Iterator[Cause]:
    yield from _check_count(node, len(value), at, "items")
    yield from _check_once(node, value, at)
    for index, part in enumerate(value):
        yield from check_shape(node.items or ANYTHING, part, f"{at}[{index}]")


def _check_count(node: Node, count: int, at: str, what: str) -> Iterator[Cause]:
    least = node.bounds.get(f"min{what.capitalize()}", 0)
    most = node.bounds.get(f"max{what.capitalize()}", count)
    if count < least:
        yield words.invalid(at, count, f"{at} in body should have at least {least} {what}")
    if count > most:
        yield words.too_many(at, count, most)


def _check_once(node: Node, value: list[Any], at: str) -> Iterator[Cause]:
    """Items that merge by keys or by value stand there once."""
    seen: list[Any] = []
    for index, item in enumerate(value):
        if node.is_keyed and isinstance(item, dict):
            key: Any = {name: item[name] for name in node.keys if name in item}
        elif node.is_set:
            key = item
        else:
            continue
        if key in seen:
            yield words.duplicate(f"{at}[{index}]", key)
        seen.append(key)


def _check_text(node: Node, value: str, at: str) -> Iterator[Cause]:
    least = node.bounds.get("minLength", 0)
    most = node.bounds.get("maxLength", len(value))
    if len(value) < least:
        yield words.invalid(at, value, f"{at} in body should be at least {least} chars long")
    elif len(value) > most:
        yield words.too_long(at, most)
    elif node.pattern is not None and node.pattern.search(value) is None:
        why = f"{at} in body should match '{node.pattern.pattern}'"
        yield words.invalid(at, value, why)


def _check_number(node: Node, value: Any, at: str) -> Iterator[Cause]:
    least, most = node.bounds.get("minimum", value), node.bounds.get("maximum", value)
    if value < least:
        yield words.invalid(at, value, f"{at} in body should be greater than or equal to {least}")
    if value > most:
        yield words.invalid(at, value, f"{at} in body should be less than or equal to {most}")
