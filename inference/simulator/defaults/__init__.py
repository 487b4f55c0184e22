"""What a server fills in where an object says nothing, and how it spells what was said."""

from typing import Any

from inference.simulator.conforming import nothing, without_null_items
from inference.simulator.defaults.kinds import DEFAULTS
from inference.simulator.emptiness import NOTHING_SAID
from inference.simulator.errors import Object
from inference.simulator.quantities import canonical
from inference.simulator.resources import Resource
from inference.simulator.structure import ANYTHING, Node
from inference.simulator.values import copied


def fill(resource: Resource, obj: Object) -> None:
    """Complete `obj` in its place. Safe to repeat."""
    if resource.is_custom:
        metadata = resource.node.properties.get("metadata")
        if metadata is not None:
            _tidy(metadata, obj["metadata"])
        _by_schema(resource.node, obj)
        return
    _tidy(resource.node, obj)
    step = DEFAULTS.get(resource.kind)
    if step is not None:
        step(obj)
    for name in NOTHING_SAID.get(resource.kind, ()):
        obj.setdefault(name, None)


def _by_schema(node: Node, value: Any) -> None:
    """The defaults of a custom kind stand in its schema."""
    if isinstance(value, list):
        for part in value:
            _by_schema(node.items or ANYTHING, part)
    if not isinstance(value, dict):
        return
    for name, below in node.properties.items():
        if below.has_default and value.get(name) is None:
            value[name] = copied(below.default)
        if below.has_defaults_below and name in value:
            _by_schema(below, value[name])


_KEPT_EMPTY = {
    "appProtocol",
    "reportingComponent",
    "reportingInstance",
    "service",
    "storageClassName",
    "type",
}
"""Texts that say something by being empty."""


def _tidy(node: Node, value: Any) -> None:
    """Leave out what says nothing, and write amounts in their one spelling."""
    if isinstance(value, list):
        without_null_items(node, value)
        if node.items is not None and (node.items.properties or node.items.values):
            for part in value:
                _tidy(node.items, part)
    elif isinstance(value, dict):
        for name, part in list(value.items()):
            below = node.properties.get(name) or node.values
            if below is not None:
                _tidy_field(node, value, name, below, part)


def _tidy_field(node: Node, value: Object, name: str, below: Node, part: Any) -> None:
    if part is None and node.values is not None:
        value[name] = nothing(node.values)
    elif part is None or _says_nothing(node, name, below, part):
        del value[name]
    elif below.quantity:
        value[name] = _amount(part)
    elif isinstance(part, dict | list):
        _tidy(below, part)


def _says_nothing(node: Node, name: str, below: Node, part: Any) -> bool:
    if part or node.properties.get(name) is None or name in node.required:
        return False
    if part == "":
        return name not in _KEPT_EMPTY and not below.int_or_string
    return part == [] or (part == {} and below.values is not None)


def _amount(value: Any) -> Any:
    try:
        return canonical(str(value))
    except ValueError:
        return value
