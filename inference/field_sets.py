"""Which fields of an object are ours, and their values: reads the server's own `managedFields`.

A field set is a `fieldsV1` value: `f:name` leads to a key, `k:{...}` to the list item with those
keys, `v:...` to an item of a set, `.` to the item itself; an empty value is a whole leaf.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from inference.manifests import HIDDEN, SECRET_NAME, Manifest, digest

MANAGER = "waybill"
LONGEST = 160
"""Letters of a value that people are shown."""

FieldSet = dict[str, Any]


def field_set_of(manifest: Manifest, manager: str = MANAGER) -> FieldSet:
    """What `manager` has applied to `manifest`; empty if nothing. Status and scale do not count."""
    for entry in _entries(manifest):
        applied = entry.get("operation") == "Apply" and not entry.get("subresource")
        if applied and entry.get("manager") == manager:
            fields = entry.get("fieldsV1")
            return fields if isinstance(fields, dict) else {}
    return {}


def values_of(manifest: Manifest, fields: FieldSet) -> dict[str, Any]:
    """Path and value of each leaf of `fields` in `manifest`; what is absent is left out."""
    return dict(_leaves(manifest, fields, ""))


def values_hash(manifest: Manifest, fields: FieldSet) -> str:
    """One hash over `values_of`. Floats of foreign objects are spelled as JSON spells them."""
    values = values_of(manifest, fields)
    return digest({path: json.dumps(value, sort_keys=True) for path, value in values.items()})


def foreign_fields(manifest: Manifest, fields: FieldSet, most: int = 20) -> list[dict[str, Any]]:
    """Leaves outside the status that managers other than us own: those that are theirs alone first.

    Each has `path`, `manager` and `time`. `shared` says that we own it as well; else `value` is
    what stands there, in words for people.
    """
    mine = set(paths_of(fields))
    found = []
    for entry in _entries(manifest):
        foreign = entry.get("fieldsV1")
        ours = entry.get("manager") == MANAGER and entry.get("operation") == "Apply"
        if ours or entry.get("subresource") == "status" or not isinstance(foreign, dict):
            continue
        values = values_of(manifest, foreign)
        for path in paths_of(foreign):
            one = {
                "path": path,
                "manager": str(entry.get("manager", "")),
                "time": str(entry.get("time", "")),
                "shared": path in mine,
            }
            if path not in mine:
                one["value"] = shown(path, values[path]) if path in values else ""
            found.append(one)
    return sorted(found, key=lambda one: (one["shared"], one["path"], one["manager"]))[:most]


def paths_of(fields: FieldSet) -> Iterator[str]:
    """Path of each leaf, as `values_of` spells it."""
    return _paths(fields, "")


def shown(path: str, value: Any) -> str:
    """A value of a field for people: short, and hidden where it may be a secret."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    if SECRET_NAME.search(path) or SECRET_NAME.search(text):
        return HIDDEN
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _entries(manifest: Manifest) -> list[Mapping[str, Any]]:
    entries = manifest.get("metadata", {}).get("managedFields") or []
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _leaves(value: Any, fields: Any, path: str) -> Iterator[tuple[str, Any]]:
    parts = {key: part for key, part in fields.items() if key != "."}
    if not parts:
        yield path, value
        return
    for key, part in parts.items():
        step, below = _descend(value, key)
        if below is not _ABSENT:
            yield from _leaves(below, part, path + step)


def _paths(fields: Any, path: str) -> Iterator[str]:
    parts = {key: part for key, part in fields.items() if key != "."}
    if not parts:
        yield path
    for key, part in parts.items():
        yield from _paths(part, path + _step(key))


_ABSENT = object()


def _step(key: str) -> str:
    kind, _, name = key.partition(":")
    return f".{name}" if kind == "f" else f"[{name}]"


def _descend(value: Any, key: str) -> tuple[str, Any]:
    kind, _, name = key.partition(":")
    return _step(key), _part(value, kind, name)


def _part(value: Any, kind: str, name: str) -> Any:
    if kind == "f":
        return value.get(name, _ABSENT) if isinstance(value, dict) else _ABSENT
    if not isinstance(value, list):
        return _ABSENT
    wanted = json.loads(name)
    if kind == "v":
        return wanted if wanted in value else _ABSENT
    for item in value:
        if isinstance(item, dict) and all(item.get(key) == part for key, part in wanted.items()):
            return item
    return _ABSENT
