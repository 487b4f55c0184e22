"""How two versions of an object meet: field sets, comparison, merging and removing, by schema.

The rules are those of Kubernetes' structured merge: keyed lists merge by key, sets by value,
atomic lists and maps are one field, and everything else merges field by field.
"""

import json
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Any

from inference.simulator.fieldsets import SELF, FieldSet, is_member
from inference.simulator.structure import ANYTHING, Node

ABSENT: Any = object()


class Unmergeable(Exception):
    """A list that should merge by key cannot: a key is missing or stands there twice."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


def element_key(node: Node, index: int, item: Any, path: str = "") -> str:
    """The path element of one list item: by its keys, by its value, or by its place."""
    if node.is_keyed:
        keys = _keys_of(node, item)
        if not keys:
            raise Unmergeable(path, _NO_KEY.format(" ".join(map(json.dumps, node.keys))))
        told = ",".join(f'"{name}":{_spelled(keys[name])}' for name in sorted(keys))
        return f"k:{{{told}}}"
    if node.is_set:
        return f"v:{_spelled(item)}"
    return f"i:{index}"


def _spelled(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


_NO_KEY = (
    "associative list with keys has an element that omits all key fields [{}] "
    "(and doesn't have default values for any key fields)"
)


def _keys_of(node: Node, item: Any) -> dict[str, Any]:
    """What identifies an item; a key that neither stands there nor has a default is left out."""
    keys: dict[str, Any] = {}
    properties = (node.items or ANYTHING).properties
    for name in node.keys:
        if isinstance(item, dict) and name in item:
            keys[name] = item[name]
        elif name in properties and properties[name].has_default:
            keys[name] = properties[name].default
    return keys


def is_leaf(node: Node, value: Any) -> bool:
    if isinstance(value, dict):
        return node.atomic or (node.type not in {"object", ""})
    if isinstance(value, list):
        return not (node.is_keyed or node.is_set)
    return True


def fields_of(node: Node, value: Any, path: str = "") -> FieldSet:
    """The fields that `value` names, below the place that `node` describes."""
    found: FieldSet = {}
    if isinstance(value, dict):
        for name, part in value.items():
            key, below = f"f:{name}", node.child(name)
            if is_leaf(below, part):
                found[key] = {}
                continue
            if part == []:
                # A list that merges by its items, of which there are none.
                continue
            inner = fields_of(below, part, f"{path}.{name}")
            if not part or name not in node.properties:
                inner = {SELF: {}, **inner} if inner else {}
                found[key] = inner
            elif inner:
                found[key] = inner
    elif isinstance(value, list):
        items = node.items or ANYTHING
        for index, part in enumerate(value):
            key = element_key(node, index, part, path)
            if key in found:
                raise Unmergeable(path, f"duplicate entries for key {key[2:]}")
            inner = {} if is_leaf(items, part) else fields_of(items, part, path + spell_key(key))
            found[key] = {SELF: {}, **inner} if inner else {}
    return found


def spell_key(key: str) -> str:
    return f"[{key[2:]}]"


@dataclass(slots=True)
class Comparison:
    """What changed on the way from one version to the next."""

    added: FieldSet = field(default_factory=dict)
    modified: FieldSet = field(default_factory=dict)
    removed: FieldSet = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.modified or self.removed)


def compare(node: Node, old: Any, new: Any) -> Comparison:
    """Compare two whole objects."""
    found = Comparison()
    _compare_below(node, old, new, found)
    return found


def _compare_below(node: Node, old: Any, new: Any, found: Comparison) -> None:
    left, right = _elements(node, old), _elements(node, new)
    for key in left | right:
        before, after = left.get(key, (node, ABSENT)), right.get(key, (node, ABSENT))
        below = before[0] if before[1] is not ABSENT else after[0]
        if before[1] is after[1]:
            continue
        _compare_one(key, below, before[1], after[1], found)


def _elements(node: Node, value: Any) -> dict[str, tuple[Node, Any]]:
    if isinstance(value, dict):
        return {f"f:{name}": (node.child(name), part) for name, part in value.items()}
    if isinstance(value, list):
        items = node.items or ANYTHING
        return {element_key(node, i, part): (items, part) for i, part in enumerate(value)}
    return {}


def _compare_one(key: str, node: Node, old: Any, new: Any, found: Comparison) -> None:
    present = new if new is not ABSENT else old
    if is_leaf(node, present) or (old is not ABSENT and is_leaf(node, old)) or _both_bare(old, new):
        if old is ABSENT:
            found.added[key] = {}
        elif new is ABSENT:
            found.removed[key] = {}
        elif not _same(old, new):
            found.modified[key] = {}
        return
    inner = Comparison()
    _compare_below(node, None if old is ABSENT else old, None if new is ABSENT else new, inner)
    if old is ABSENT:
        found.added[key] = {SELF: {}, **inner.added} if inner.added else {}
    elif new is ABSENT:
        found.removed[key] = {SELF: {}, **inner.removed} if inner.removed else {}
    else:
        for whole, part in (
            (found.added, inner.added),
            (found.modified, inner.modified),
            (found.removed, inner.removed),
        ):
            if part:
                whole[key] = part


def _both_bare(old: Any, new: Any) -> bool:
    return (old is ABSENT or not old) and (new is ABSENT or not new)


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def merge(node: Node, live: Any, config: Any) -> Any:
    """Lay `config` over `live`. Shares parts with both; changes neither."""
    if isinstance(config, dict) and isinstance(live, dict) and not node.atomic:
        merged = dict(live)
        for name, part in config.items():
            merged[name] = merge(node.child(name), live[name], part) if name in live else part
        return merged
    if isinstance(config, list) and isinstance(live, list) and (node.is_keyed or node.is_set):
        return _merge_lists(node, live, config)
    if config is None and not is_leaf(node, live):
        # Null asks for none of the parts; which of them go is seen when they are taken out.
        return live
    return config


def _merge_lists(node: Node, live: list[Any], config: list[Any]) -> list[Any]:
    """Shared items stand in the config's order; items of live alone keep their neighbours."""
    items = node.items or ANYTHING
    old = {element_key(node, i, part): part for i, part in enumerate(live)}
    new = {element_key(node, i, part): part for i, part in enumerate(config)}
    return [
        old[key] if key not in new else merge(items, old[key], new[key]) if key in old else new[key]
        for key in _order(list(old), list(new))
    ]


def _order(left: list[str], right: list[str]) -> list[str]:
    """The order of Kubernetes' structured merge, item by item."""
    in_left, in_right = set(left), set(right)
    awaited = [key for key in right if key in in_left]
    ordered: list[str] = []
    placed: set[str] = set()

    def place(key: str) -> None:
        ordered.append(key)
        placed.add(key)
        if awaited and awaited[0] == key:
            awaited.pop(0)

    here = there = 0
    while here < len(left) or there < len(right):
        if here < len(left):
            key = left[here]
            both = there < len(right)
            if key not in in_right or (both and key == right[there]):
                there += key in in_right
                here += 1
                place(key)
                continue
            if both and awaited and awaited[0] != key:
                here += 1
                continue
            here += key in placed
        if there < len(right):
            place(right[there])
            there += 1
    return ordered


def remove(node: Node, value: Any, fields: FieldSet) -> Any:
    """Take out the members of `fields`, not what becomes empty by it; `value` is unchanged."""
    if isinstance(value, dict):
        kept: dict[str, Any] = {}
        for name, part in value.items():
            below = fields.get(f"f:{name}")
            if below is None:
                kept[name] = part
            elif not is_member(below):
                kept[name] = remove(node.child(name), part, below)
        return kept
    if isinstance(value, list):
        rest: list[Any] = []
        for index, part in enumerate(value):
            below = fields.get(element_key(node, index, part))
            if below is None:
                rest.append(part)
            elif not is_member(below):
                rest.append(remove(node.items or ANYTHING, part, below))
        return rest
    return value


def named_members(node: Node, fields: FieldSet) -> FieldSet:
    """The set with every declared field on the way to a member made a member as well."""
    named: FieldSet = {}
    for key, below in fields.items():
        if key == SELF:
            named[SELF] = {}
            continue
        if not below:
            named[key] = {}
            continue
        child = node.child(key[2:]) if key.startswith("f:") else (node.items or ANYTHING)
        inner = named_members(child, below)
        if key.startswith("f:") and key[2:] in node.properties:
            inner = {SELF: {}, **inner}
        named[key] = inner
    return named
