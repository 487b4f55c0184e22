"""Taking secrets out of objects before anything is stored, compared for people, or shown. Pure."""

import re
from typing import Any

from inference.manifests import HIDDEN, SECRET_NAME, Manifest

_REFERENCE = re.compile(r"(?i)(name|ref)$")
_SECRET_FLAG = re.compile(
    r"(?i)--?([a-z0-9_-]*[_-])?"
    r"(token|secret|password|passwd|api[_-]?key|private[_-]?key|credentials?)"
)
"""Whole, not in part: how many tokens a batch may have is no secret."""
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def redacted(manifest: Manifest) -> Manifest:
    """A copy without values of Secrets and without literals under a name like `token` or `key`.

    References to secrets stay: their names are no secrets, and people need them.
    """
    copy = _walk(manifest, "")
    if manifest.get("kind") == "Secret":
        for field in ("data", "stringData"):
            if isinstance(copy.get(field), dict):
                copy[field] = dict.fromkeys(copy[field], HIDDEN)
    annotations = (copy.get("metadata") or {}).get("annotations")
    if isinstance(annotations, dict) and _LAST_APPLIED in annotations:
        annotations[_LAST_APPLIED] = HIDDEN
    return copy  # type: ignore[no-any-return]  # a mapping in, a mapping out


def _walk(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        if SECRET_NAME.search(str(value.get("name", ""))) and isinstance(value.get("value"), str):
            return {**_mapping(value), "value": HIDDEN}
        return _mapping(value)
    if isinstance(value, list):
        flags = ["", *value]
        return [
            HIDDEN if _asks_for_a_secret(flag, part) else _walk(part, name)
            for flag, part in zip(flags, value, strict=False)
        ]
    if isinstance(value, str):
        return _text(value, name)
    return value


def _asks_for_a_secret(flag: Any, value: Any) -> bool:
    """Of arguments, where a value may stand behind its flag."""
    texts = isinstance(flag, str) and isinstance(value, str)
    return texts and bool(_SECRET_FLAG.fullmatch(flag) and not value.startswith("-"))


def _mapping(value: dict[str, Any]) -> dict[str, Any]:
    return {key: _walk(part, str(key)) for key, part in value.items()}


def _text(value: str, name: str) -> str:
    if SECRET_NAME.search(name) and not _REFERENCE.search(name):
        return HIDDEN
    flag, equals, _ = value.partition("=")
    if equals and _SECRET_FLAG.fullmatch(flag):
        return f"{flag}={HIDDEN}"
    return value
