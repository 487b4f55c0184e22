"""The ways to say what is wrong with a field, in the server's words."""

import json
from collections.abc import Iterable
from typing import Any

from inference.simulator.errors import Cause


class Structure(dict[str, Any]):
    """A part that the server holds in a structure: told in its own order, maps by their keys."""


def told(value: Any) -> str:
    """A value as it stands in a message."""
    if isinstance(value, dict):
        keys = value if isinstance(value, Structure) else sorted(value)
        return "{" + ",".join(f"{told(key)}:{told(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(told, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _quoted(choices: Iterable[Any]) -> str:
    return ", ".join(told(choice) for choice in choices)


def required(at: str, why: str = "") -> Cause:
    return Cause("FieldValueRequired", f"Required value: {why}" if why else "Required value", at)


def invalid(at: str, value: Any, why: str) -> Cause:
    return Cause("FieldValueInvalid", f"Invalid value: {told(value)}: {why}", at)


def broken(at: str, promise: str) -> Cause:
    """A rule of a custom kind does not hold: its own sentence is all that is said."""
    return Cause("FieldValueInvalid", f"Invalid value: {promise}", at)


def unsupported(at: str, value: Any, choices: Iterable[Any]) -> Cause:
    message = f"Unsupported value: {told(value)}: supported values: {_quoted(choices)}"
    return Cause("FieldValueNotSupported", message, at)


def duplicate(at: str, value: Any) -> Cause:
    return Cause("FieldValueDuplicate", f"Duplicate value: {told(value)}", at)


def not_found(at: str, value: Any) -> Cause:
    return Cause("FieldValueNotFound", f"Not found: {told(value)}", at)


def forbidden(at: str, why: str) -> Cause:
    return Cause("FieldValueForbidden", f"Forbidden: {why}", at)


def too_many(at: str, found: int, most: int) -> Cause:
    return Cause("FieldValueTooMany", f"Too many: {found}: must have at most {most} items", at)


def too_long(at: str, most: int) -> Cause:
    return Cause("FieldValueTooLong", f"Too long: may not be more than {most} bytes", at)
