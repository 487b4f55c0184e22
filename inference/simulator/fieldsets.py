"""Sets of fields in the spelling of `fieldsV1`, the ownership records of server-side apply.

A set is a tree of dicts. `{}` is a field that is in the set and has nothing below it; `"."` beside
other keys says that the parent itself is in the set too. Sets are values: nothing changes one.
"""

import json
from collections.abc import Iterator
from typing import Any

FieldSet = dict[str, Any]
SELF = "."
EMPTY: FieldSet = {}


def is_member(children: FieldSet) -> bool:
    return not children or SELF in children


def union(left: FieldSet, right: FieldSet) -> FieldSet:
    """Both, at the level of a whole set: the empty dict is the empty set."""
    if not left:
        return right
    if not right:
        return left
    return {key: _join(left.get(key), right.get(key)) for key in left | right}


def _join(left: FieldSet | None, right: FieldSet | None) -> FieldSet:
    if left is None or right is None:
        return left or right or {}
    if not left and not right:
        return {}
    merged: FieldSet = {}
    for key in left | right:
        merged[key] = _join(left.get(key), right.get(key))
    if not left or not right:
        merged[SELF] = {}
    return merged


def difference(left: FieldSet, right: FieldSet) -> FieldSet:
    """What of `left` is not in `right`, member by member: a parent does not stand for children."""
    kept: FieldSet = {}
    for key, children in left.items():
        if key not in right:
            kept[key] = children
            continue
        rest = _node_difference(children, right[key])
        if rest is not None:
            kept[key] = rest
    return kept


def _node_difference(left: FieldSet, right: FieldSet) -> FieldSet | None:
    """The node that is left over, or None where neither it nor anything below it is."""
    member = is_member(left) and not is_member(right)
    below = difference(
        {key: part for key, part in left.items() if key != SELF},
        {key: part for key, part in right.items() if key != SELF},
    )
    return _node(member, below)


def _node(member: bool, below: FieldSet) -> FieldSet | None:
    if not below:
        return {} if member else None
    return {SELF: {}, **below} if member else below


def intersection(left: FieldSet, right: FieldSet) -> FieldSet:
    shared: FieldSet = {}
    for key in left:
        if key in right and key != SELF:
            both = _node(
                is_member(left[key]) and is_member(right[key]),
                intersection(left[key], right[key]),
            )
            if both is not None:
                shared[key] = both
    return shared


def without(fields: FieldSet, prefix: tuple[str, ...]) -> FieldSet:
    """The set less the field at `prefix` and everything below it."""
    first, *rest = prefix
    if first not in fields:
        return fields
    if not rest:
        return {key: part for key, part in fields.items() if key != first}
    below = without(fields[first], tuple(rest))
    if below is fields[first]:
        return fields
    if not below:
        return {key: part for key, part in fields.items() if key != first}
    return {**fields, first: below}


def paths(fields: FieldSet, prefix: str = "") -> Iterator[str]:
    """Each member in the words of a conflict: `.spec.template.spec.containers[name="a"].image`."""
    for key in sorted(fields):
        if key == SELF:
            continue
        path = prefix + spell(key)
        if is_member(fields[key]):
            yield path
        yield from paths(fields[key], path)


def spell(key: str) -> str:
    kind, _, rest = key.partition(":")
    if kind == "f":
        return f".{rest}"
    if kind == "k":
        parts = [f"{name}={_literal(value)}" for name, value in sorted(json.loads(rest).items())]
        return f"[{','.join(parts)}]"
    if kind == "v":
        return f"[={_literal(json.loads(rest))}]"
    return f"[{rest}]"


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"{key}={_literal(part)}" for key, part in value.items())
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
