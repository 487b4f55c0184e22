"""Edits that spoil a valid sample, each value by its path."""

from collections.abc import Callable
from typing import Any

from tests.contract.samples import Maker, Object

GONE = object()
Edit = Callable[[Object], None]


def put(**edits: Any) -> Edit:
    """Set values by path; `__` parts the steps, a number is an index, GONE removes."""

    def edit(obj: Object) -> None:
        for path, value in edits.items():
            *steps, last = path.split("__")
            here: Any = obj
            for step in steps:
                here = here[int(step)] if step.isdigit() else here.setdefault(step, {})
            if value is GONE:
                del here[last]
            else:
                here[int(last) if last.isdigit() else last] = value

    return edit


def engine(**parts: Any) -> Edit:
    """Edit the one container of a Deployment."""
    edits = {f"spec__template__spec__containers__0__{key}": part for key, part in parts.items()}
    return put(**edits)


def pods(**parts: Any) -> Edit:
    """Edit the pod spec of a Deployment."""
    return put(**{f"spec__template__spec__{key}": part for key, part in parts.items()})


def rule(**parts: Any) -> Edit:
    """Edit the one rule of a route."""
    return put(**{f"spec__rules__0__{key}": part for key, part in parts.items()})


MOUNT = {"name": "models", "mountPath": "/models"}


def spoiled(maker: Maker, edit: Edit, place: str) -> Object:
    obj = maker(place)
    edit(obj)
    return obj
