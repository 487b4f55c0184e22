"""Whether its kind can hold an object: unknown and repeated fields, values of another type."""

from collections.abc import Iterator, Mapping
from typing import Any

from inference.simulator.quantities import value_of
from inference.simulator.resources import Resource
from inference.simulator.structure import ANYTHING, Node

Repeated = Mapping[int, tuple[str, ...]]
"""The keys that stood twice, by the identity of the dict that was read."""
_QUANTITY = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)


def drop_nulls(resource: Resource, obj: Any) -> None:
    """Null says nothing: such a field is not there.

    In a map or a list that the server holds in a structure of its own, it is the empty value.
    """
    metadata = resource.node.properties.get("metadata", ANYTHING)
    if resource.is_custom:
        _drop_nulls(metadata, obj.get("metadata"), empty=True)
    _drop_nulls(resource.node, obj, empty=not resource.is_custom)


def _drop_nulls(node: Node, value: Any, *, empty: bool) -> None:
    if isinstance(value, list):
        if empty:
            without_null_items(node, value)
        for part in value:
            _drop_nulls(node.items or ANYTHING, part, empty=empty)
    elif isinstance(value, dict):
        for name, part in list(value.items()):
            if part is not None:
                _drop_nulls(node.child(name), part, empty=empty)
            elif empty and node.values is not None:
                value[name] = nothing(node.values)
            else:
                del value[name]


def without_null_items(node: Node, value: list[Any]) -> None:
    """In a list, and in a map, the server has room for a value: null becomes an empty one."""
    if None in value:
        value[:] = [nothing(node.items) if part is None else part for part in value]


def nothing(node: Node | None) -> Any:
    """The empty value of a kind of value."""
    if node is None:
        return None
    if node.quantity:
        return "0"
    return {"string": "", "object": {}, "array": []}.get(node.type)


def leftovers(resource: Resource, obj: Any, repeated: Repeated) -> list[str]:
    """What of `obj` its kind does not know is taken out of it, and named in the server's words."""
    return list(_leftovers(resource.node, obj, "", repeated))


def _leftovers(node: Node, value: Any, at: str, repeated: Repeated) -> Iterator[str]:
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from _leftovers(node.items or ANYTHING, part, f"{at}[{index}]", repeated)
    if not isinstance(value, dict):
        return
    twice = repeated.get(id(value), ())
    for name in list(value):
        where = f"{at}.{name}" if at else name
        if name in twice:
            yield f'duplicate field "{where}"'
        below = node.properties.get(name) or node.values
        if below is not None:
            yield from _leftovers(below, value[name], where, repeated)
        elif not node.preserve:
            del value[name]
            yield f'unknown field "{where}"'


def misfit(resource: Resource, obj: Any) -> str:
    """The first value that the server's own structures cannot hold; empty where all can.

    Of a custom kind only the metadata has such a structure; the rest is judged by its schema.
    """
    if not resource.is_custom:
        return next(iter(_misfits(resource.node, obj, resource.kind)), "")
    metadata = resource.node.properties.get("metadata", ANYTHING)
    return next(iter(_misfits(metadata, obj.get("metadata"), "ObjectMeta")), "")


def odd_amount(resource: Resource, obj: Any) -> str:
    """As `misfit`, of an object of a built-in kind whose values have the right types otherwise."""
    if resource.is_custom:
        return ""
    return next(_misfits(resource.node, obj, resource.kind, amounts=True), "")


def _misfits(node: Node, value: Any, at: str, *, amounts: bool = False) -> Iterator[str]:
    if amounts and not node.has_amounts:
        return
    if node.quantity:
        if value is not None and not _is_quantity(value):
            yield _QUANTITY
    elif amounts and isinstance(value, float) and node.type == "integer":
        yield f"cannot convert float64 to {node.format or 'int64'}"
    elif value is not None and not _fits(node, value):
        found = _json_type(value)
        if isinstance(value, float) and node.type == "integer":
            found = f"number {value}"
        where = "value" if amounts else f"struct field {at}"
        yield f"json: cannot unmarshal {found} into Go {where} of type {_go_type(node)}"
    else:
        for below, part, where in _parts(node, value, at):
            yield from _misfits(below, part, where, amounts=amounts)


def _parts(node: Node, value: Any, at: str) -> Iterator[tuple[Node, Any, str]]:
    """What is in a value, each with its path: neither keys nor places of items are told."""
    if isinstance(value, list):
        for part in value:
            yield node.items or ANYTHING, part, at
    elif isinstance(value, dict):
        for name, part in value.items():
            if name in node.properties:
                yield node.properties[name], part, f"{at}.{name}"
            elif node.values is not None:
                yield node.values, part, at


def _is_quantity(value: Any) -> bool:
    try:
        value_of(value)
    except ValueError:
        return False
    return True


_PYTHON: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def _fits(node: Node, value: Any) -> bool:
    if node.int_or_string:
        return isinstance(value, int | str) and not isinstance(value, bool)
    if not node.type:
        return True
    if isinstance(value, bool):
        return node.type == "boolean"
    return isinstance(value, _PYTHON[node.type])


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _go_type(node: Node) -> str:
    if node.int_or_string:
        return "int32"
    if node.type == "integer":
        return node.format or "int64"
    if node.type == "array":
        return f"[]{_go_type(node.items or ANYTHING)}"
    if node.values is not None:
        return f"map[string]{_go_type(node.values)}"
    return {"boolean": "bool", "string": "string"}.get(node.type, "struct")
