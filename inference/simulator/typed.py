"""Whether an apply can be read by the schema of its kind, before anything is merged."""

import json
from collections.abc import Iterator
from typing import Any

from inference.simulator.conforming import odd_amount
from inference.simulator.errors import ApiError, Object
from inference.simulator.fieldsets import spell
from inference.simulator.merge import Unmergeable, element_key
from inference.simulator.resources import Resource
from inference.simulator.structure import Node


def check_typed(resource: Resource, config: Object) -> None:
    """Raises ApiError, 500 as a real server has it, that names the fields that cannot be read."""
    found = list(_unreadable(resource.node, config, ""))
    metadata = config["metadata"]
    name = "/".join(metadata[part] for part in ("namespace", "name") if metadata.get(part))
    what = f"{resource.group}/{resource.version}, Kind={resource.kind}"
    if found:
        why = found[0] if len(found) == 1 else "\n  ".join(["errors:", *found])
        raise ApiError(500, "", f"failed to create typed patch object ({name}; {what}): {why}")
    if why := odd_amount(resource, config):
        told = f"unable to convert unstructured object to {what}: {why}"
        message = f"failed to convert new object ({name}; {what}) to proper version: {told}"
        raise ApiError(500, "", message)


def _unreadable(node: Node, value: Any, at: str) -> Iterator[str]:
    if value is None or (node.preserve and not node.type):
        return
    if node.int_or_string:
        return
    if node.quantity:
        if isinstance(value, dict | list):
            yield f"{at}: expected any scalar, got &{{{_told(value)}}}"
        return
    if node.type == "object":
        yield from _unreadable_fields(node, value, at)
    elif node.type == "array":
        yield from _unreadable_items(node, value, at)
    elif why := _unreadable_scalar(node.type, value):
        yield f"{at}: {why}"


def _unreadable_fields(node: Node, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: expected map, got &{{{_told(value)}}}"
        return
    for name, part in value.items():
        below = node.properties.get(name) or node.values
        if below is not None:
            yield from _unreadable(below, part, f"{at}.{name}")
        elif not node.preserve:
            # Of the fields of one map the first unknown one is told.
            yield f"{at}.{name}: field not declared in schema"
            return


def _unreadable_items(node: Node, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: expected list, got &{{{_told(value)}}}"
        return
    seen: set[str] = set()
    for index, part in enumerate(value):
        if node.is_keyed and not isinstance(part, dict):
            which = "a null element" if part is None else "non-map elements"
            yield f"{at}: element {index}: associative list with keys may not have {which}"
            return
        try:
            key = element_key(node, index, part)
        except Unmergeable as error:
            yield f"{at}: element {index}: {error.why}"
            return
        if key in seen:
            yield f"{at}: duplicate entries for key {spell(key)}"
        seen.add(key)
        if node.items is not None:
            yield from _unreadable(node.items, part, at + spell(key))


_NUMBERS = {"integer", "number"}
_GO = {str: "string", bool: "bool", dict: "map[string]interface {}", list: "[]interface {}"}


def _unreadable_scalar(kind: str, value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind in _NUMBERS and not is_number:
        return f"expected numeric (int or float), got {_GO[type(value)]}"
    if kind == "string" and not isinstance(value, str):
        return f"expected string, got &value.valueUnstructured{{Value:{_in_go(value)}}}"
    if kind == "boolean" and not isinstance(value, bool):
        return f"expected boolean, got &{{{_told(value)}}}"
    return ""


def _told(value: Any) -> str:
    """A value as the server's language prints it."""
    if isinstance(value, list):
        return f"[{' '.join(map(_told, value))}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{_told(part)}' for key, part in value.items())}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_go(value: Any) -> str:
    """A value as it would stand in the source of the server."""
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(_in_go, value))}}}"
    if isinstance(value, dict):
        parts = (f"{_in_go(key)}:{_in_go(value[key])}" for key in sorted(value))
        return f"map[string]interface {{}}{{{', '.join(parts)}}}"
    return json.dumps(value)
