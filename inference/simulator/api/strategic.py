"""Strategic merge patches: merge patches that know by which key the items of a list are one."""

from typing import Any

from inference.simulator.structure import ANYTHING, Node

_PATCH, _RETAIN, _ORDER = "$patch", "$retainKeys", "$setElementOrder/"
_FROM_LIST = "$deleteFromPrimitiveList/"


def patched(node: Node, live: Any, patch: Any) -> Any:
    """Lay `patch` over `live`; shares parts with both and changes neither."""
    if not isinstance(patch, dict):
        return patch
    if patch.get(_PATCH) == "replace":
        return {key: part for key, part in patch.items() if key != _PATCH}
    if patch.get(_PATCH) == "delete":
        return {}
    merged = dict(live) if isinstance(live, dict) else {}
    if _RETAIN in patch:
        merged = {key: part for key, part in merged.items() if key in patch[_RETAIN]}
    for name, part in patch.items():
        if not name.startswith("$"):
            _lay(node.child(name), merged, name, part)
    for name, part in patch.items():
        _direct(node, merged, name, part)
    return merged


def _direct(node: Node, merged: dict[str, Any], name: str, part: Any) -> None:
    """Follow what the patch says of a whole list beside the list itself."""
    if name.startswith(_FROM_LIST):
        field = name.removeprefix(_FROM_LIST)
        merged[field] = [one for one in merged.get(field) or () if one not in part]
    elif name.startswith(_ORDER):
        field = name.removeprefix(_ORDER)
        merged[field] = _ordered(node.child(field), merged.get(field) or [], part)


def _lay(node: Node, merged: dict[str, Any], name: str, part: Any) -> None:
    if part is None:
        merged.pop(name, None)
    elif isinstance(part, list):
        merged[name] = _list(node, merged.get(name) or [], part)
    else:
        merged[name] = patched(node, merged.get(name), part)


def _list(node: Node, live: list[Any], patch: list[Any]) -> list[Any]:
    if node.is_set:
        return [*live, *(one for one in patch if one not in live)]
    if not node.is_keyed:
        return patch
    items, key = node.items or ANYTHING, node.keys[0]
    replaces = any(one.get(_PATCH) == "replace" for one in patch)
    merged = [] if replaces else list(live)
    for one in patch:
        if one.get(_PATCH) == "replace":
            continue
        place = next((i for i, old in enumerate(merged) if old.get(key) == one.get(key)), None)
        if one.get(_PATCH) == "delete":
            merged = [old for old in merged if old.get(key) != one.get(key)]
        elif place is None:
            merged.append(patched(items, None, one))
        else:
            merged[place] = patched(items, merged[place], one)
    return merged


def _ordered(node: Node, items: list[Any], order: list[Any]) -> list[Any]:
    """Those that the order names in that order; the others keep their neighbours before them."""
    key = node.keys[0] if node.is_keyed else ""

    def told(one: Any) -> Any:
        return one.get(key) if key and isinstance(one, dict) else one

    named = [told(one) for one in order]
    ordered = iter(sorted((one for one in items if told(one) in named), key=_place(named, told)))
    return [next(ordered) if told(one) in named else one for one in items]


def _place(named: list[Any], told: Any) -> Any:
    return lambda one: named.index(told(one))
