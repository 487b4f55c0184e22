"""Which fields of an object are ours, and their values: reads the server's own `managedFields`.

A field set is a `fieldsV1` value: `f:name` leads to a key, `k:{...}` to the list item with those
keys, `v:...` to an item of a set, `.` to the item itself; an empty value is a whole leaf.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from inference.manifests import HIDDEN, SECRET_NAME, Manifest, digest_of_words

MANAGER = "waybill"
LONGEST = 160
"""Letters of a value that people are shown."""

FieldSet = dict[str, Any]

_spell = json.JSONEncoder(sort_keys=True).encode
_DECODER = json.JSONDecoder()


def field_set_of(manifest: Manifest, manager: str = MANAGER) -> FieldSet:
    """What `manager` has applied to `manifest`; empty if nothing. Status and scale do not count."""
    for entry in _entries(manifest):
        applied = entry.get("operation") == "Apply" and not entry.get("subresource")
        if applied and entry.get("manager") == manager:
            fields = entry.get("fieldsV1")
            return fields if isinstance(fields, dict) else {}
    return {}


def values_of(manifest: Manifest, fields: FieldSet) -> dict[str, Any]:
    """Path and value of each leaf of `fields` in `manifest`; what is absent is left out.

    What is no name of a field, for a server may send anything, leads to nothing.
    """
    ways = _ways(orjson.dumps(fields))
    if not ways:
        return {"": manifest}
    found: dict[str, Any] = {}
    _follow(ways, manifest, found)
    return found


def values_hash(manifest: Manifest, fields: FieldSet) -> str:
    """One hash over `values_of`. Floats of foreign objects are spelled as JSON spells them."""
    values = values_of(manifest, fields)
    return digest_of_words({path: _spell(value) for path, value in values.items()})


def own_hash(manifest: Manifest, ours: FieldSet) -> str:
    """The same of what is ours now, as planning and observers tell it; empty where nothing is."""
    return values_hash(manifest, ours) if ours else ""


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


def held_values(manifest: Manifest) -> Iterator[tuple[str, str, str]]:
    """Manager, path and value, in words for people, of each leaf that others than us own."""
    for entry in _entries(manifest):
        foreign, manager = entry.get("fieldsV1"), str(entry.get("manager", ""))
        ours = manager == MANAGER and entry.get("operation") == "Apply"
        if not ours and entry.get("subresource") != "status" and isinstance(foreign, dict):
            for path, value in values_of(manifest, foreign).items():
                yield manager, path, shown(path, value)


def in_a_conflict(path: str) -> str:
    """A path as API servers spell it when they name a conflict: `.containers[name="a"].image`."""
    made, place = [], 0
    while (start := path.find("[", place)) >= 0:
        try:
            key, end = _DECODER.raw_decode(path, start + 1)
        except ValueError:
            break
        made.append(f"{path[place:start]}[{_key_words(key)}]")
        place = end + 1
    return "".join([*made, path[place:]])


def _key_words(key: Any) -> str:
    if isinstance(key, dict):
        return ",".join(f"{name}={json.dumps(key[name])}" for name in sorted(key))
    return str(key) if isinstance(key, int) else f"={json.dumps(key)}"


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


class _Way(NamedTuple):
    """One step down from a value. `path` is the whole way from the top; nothing below: a leaf."""

    kind: str
    name: Any
    path: str
    below: "tuple[_Way, ...]"


@lru_cache(maxsize=1024)
def _ways(fields: bytes) -> tuple[_Way, ...]:
    """Objects of one shape have one field set, so its names are read once."""
    return _read(orjson.loads(fields), "")


def _read(fields: Any, path: str) -> tuple[_Way, ...]:
    ways = []
    for key, part in fields.items() if isinstance(fields, dict) else ():
        if key != ".":
            kind, _, name = key.partition(":")
            there = path + _step(key)
            named = name if kind == "f" else _loaded(name)
            ways.append(_Way(kind, named, there, _read(part, there)))
    return tuple(ways)


def _loaded(name: str) -> Any:
    try:
        return json.loads(name)
    except ValueError:
        return _ABSENT


def _follow(ways: tuple[_Way, ...], value: Any, found: dict[str, Any]) -> None:
    for kind, name, path, below in ways:
        if kind == "f":
            part = value.get(name, _ABSENT) if isinstance(value, dict) else _ABSENT
        else:
            part = _item(value, kind, name) if isinstance(value, list) else _ABSENT
        if part is _ABSENT:
            continue
        if below:
            _follow(below, part, found)
        else:
            found[path] = part


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


def _item(items: list[Any], kind: str, name: Any) -> Any:
    if kind == "v":
        return name if name in items else _ABSENT
    if isinstance(name, dict):
        keys = name.items()
        for item in items:
            if isinstance(item, dict) and keys <= item.items():
                return item
    return _ABSENT
