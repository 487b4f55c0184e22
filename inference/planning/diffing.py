"""The human diff of two objects: paths with what was and what will be. Pure."""

from collections.abc import Iterator
from typing import Any

from inference.manifests import Manifest
from inference.planning.redaction import redacted

Change = dict[str, Any]
"""`path`, `was` and `now`; an absent side is None."""

_NOISE = {
    "managedFields",
    "resourceVersion",
    "uid",
    "generation",
    "creationTimestamp",
    "selfLink",
}
_KEYS = ("name", "containerPort", "port", "number", "mountPath", "type", "key")
LONGEST = 500


def stable(manifest: Manifest) -> Manifest:
    """Without status and what the server counts for itself."""
    metadata = {
        key: value for key, value in manifest.get("metadata", {}).items() if key not in _NOISE
    }
    rest = {key: value for key, value in manifest.items() if key not in {"status", "metadata"}}
    return {**rest, "metadata": metadata}


def changes(live: Manifest | None, preview: Manifest | None) -> list[Change]:
    """From the live object to the server's own preview, so that defaults are no differences.

    Both are redacted first. Two secrets that differ show as hidden on both sides.
    """
    was, now = (stable(one) if one else None for one in (live, preview))
    raw = {path for path, _, _ in _compare(was, now, "")}
    shown = {
        path: (before, after)
        for path, before, after in _compare(
            redacted(was) if was else None, redacted(now) if now else None, ""
        )
    }
    return [
        {"path": path, "was": _short(shown[path][0]), "now": _short(shown[path][1])}
        if path in shown
        else {"path": path, "was": "•••", "now": "•••"}
        for path in sorted(raw)
    ]


def _compare(was: Any, now: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted(was.keys() | now.keys()):
            yield from _compare(was.get(key), now.get(key), f"{path}.{key}" if path else key)
        return
    key = _key_of(was) if isinstance(was, list) else None
    if key and isinstance(now, list) and _key_of(now) == key:
        before = {item[key]: item for item in was}
        after = {item[key]: item for item in now}
        for name in [*before, *(one for one in after if one not in before)]:
            yield from _compare(before.get(name), after.get(name), f"{path}[{name}]")
        return
    yield path, was, now


def _key_of(items: list[Any]) -> str | None:
    """The field that tells the items of a list apart, as people would tell them apart."""
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    for key in _KEYS:
        values = [item.get(key) for item in items]
        plain = all(isinstance(value, str | int) for value in values)
        if plain and len(set(values)) == len(items):
            return key
    return None


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}… ({len(value)} characters)"
    return value
