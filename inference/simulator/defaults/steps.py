"""The words in which defaults are written. A step completes one object in its place."""

from collections.abc import Callable
from typing import Any

from inference.simulator.errors import Object
from inference.simulator.values import copied

Step = Callable[[Object], None]
Choose = Callable[[Object], Any]
"""A default that depends on what else was said."""


def usually(**parts: Any) -> Step:
    """What stands in each field that says nothing: a value, or what a function chooses."""
    known = tuple(parts.items())

    def fill(obj: Object) -> None:
        for name, part in known:
            if obj.get(name) is None:
                obj[name] = part(obj) if callable(part) else copied(part)

    return fill


def or_else(**parts: Any) -> Step:
    """As `usually`, for fields in which zero says nothing."""
    known = tuple(parts.items())

    def fill(obj: Object) -> None:
        for name, part in known:
            obj[name] = obj.get(name) or part

    return fill


def within(**parts: Step) -> Step:
    """Complete each field that is there: the object in it, or each object of the list in it."""
    known = tuple(parts.items())

    def fill(obj: Object) -> None:
        for name, step in known:
            found = obj.get(name)
            if isinstance(found, dict):
                step(found)
            elif isinstance(found, list):
                for part in found:
                    step(part)

    return fill


def each_of(names: str, step: Step) -> Step:
    """The same step for several fields, parted by spaces."""
    return within(**dict.fromkeys(names.split(), step))


def steps(*parts: Step) -> Step:
    def fill(obj: Object) -> None:
        for part in parts:
            part(obj)

    return fill
