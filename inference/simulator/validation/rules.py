"""The words in which the rules of built-in kinds are written.

A check looks at one value and names what is wrong with it. It comes after defaults and types: what
must be a number is one, what has a default is there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from inference.simulator.errors import Cause
from inference.simulator.validation import words
from inference.simulator.validation.forms import Form, port_name

Check = Callable[[Any, str], Iterable[Cause]]
"""Takes a value and the path where it stands."""


@dataclass(frozen=True, slots=True)
class Needed:
    """In `fields`: a field that must be there, and that may be empty or not."""

    check: Check
    why: str = ""
    may_be_empty: bool = False

    def lacks(self, value: Any) -> bool:
        return value is None or not (self.may_be_empty or value)


def anything(value: Any, at: str) -> Iterable[Cause]:
    del value, at
    return ()


def needed(check: Check = anything, *, why: str = "") -> Needed:
    return Needed(check, why)


def fields(**parts: Check | Needed) -> Check:
    """Each field by its own check, in this order."""
    known = [
        (name, part.check, part) if isinstance(part, Needed) else (name, part, None)
        for name, part in parts.items()
    ]

    def check(value: Any, at: str) -> Iterator[Cause]:
        for name, part, need in known:
            found = value.get(name)
            if need is not None and need.lacks(found):
                yield words.required(f"{at}.{name}" if at else name, need.why)
            elif found is not None:
                yield from part(found, f"{at}.{name}" if at else name)

    return check


def each(item: Check) -> Check:
    def check(value: Any, at: str) -> Iterator[Cause]:
        for index, part in enumerate(value):
            yield from item(part, f"{at}[{index}]")

    return check


def together(*checks: Check) -> Check:
    def check(value: Any, at: str) -> Iterator[Cause]:
        for part in checks:
            yield from part(value, at)

    return check


def unless_empty(inner: Check) -> Check:
    def check(value: Any, at: str) -> Iterable[Cause]:
        return inner(value, at) if value else ()

    return check


def text(form: Form) -> Check:
    def check(value: Any, at: str) -> Iterator[Cause]:
        for why in form(value):
            yield words.invalid(at, value, why)

    return check


def one_of(*choices: str) -> Check:
    def check(value: Any, at: str) -> Iterator[Cause]:
        if value not in choices:
            yield words.unsupported(at, value, choices)

    return check


def exactly_one(noun: str, **parts: Check) -> Check:
    """One of several fields says what the whole is."""

    def check(value: Any, at: str) -> Iterator[Cause]:
        given = [name for name in parts if value.get(name) is not None]
        if not given:
            yield words.required(at, f"must specify a {noun}")
        for place, name in enumerate(given):
            if place:
                yield words.forbidden(f"{at}.{name}", f"may not specify more than 1 {noun}")
            else:
                yield from parts[name](value[name], f"{at}.{name}")

    return check


def not_negative(value: Any, at: str) -> Iterator[Cause]:
    if value < 0:
        yield words.invalid(at, value, "must be greater than or equal to 0")


_LAST_PORT = 65535


def port(value: Any, at: str) -> Iterator[Cause]:
    if not 1 <= value <= _LAST_PORT:
        yield words.invalid(at, value, f"must be between 1 and {_LAST_PORT}, inclusive")


_PORT_NAME = text(port_name)


def port_or_name(value: Any, at: str) -> Iterable[Cause]:
    return port(value, at) if isinstance(value, int) else _PORT_NAME(value, at)


def unique(name: str) -> Check:
    """No two items of a list have the same text in one field."""

    def check(value: Any, at: str) -> Iterator[Cause]:
        seen: set[Any] = set()
        for index, item in enumerate(value):
            part = item.get(name)
            if part and part in seen:
                yield words.duplicate(f"{at}[{index}].{name}", part)
            seen.add(part)

    return check
