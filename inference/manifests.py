"""What the stages hand to one another: manifests, references to objects, canonical bytes."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
"""One Kubernetes object as plain JSON values."""

SECRET_NAME = re.compile(
    r"(?i)(token|secret|password|passwd|api[_-]?key|private[_-]?key|credential)"
)
"""What stands under such a name is a secret, unless it is a reference to one."""

HIDDEN = "•••"
"""Stands where a secret was."""

SCHEME = "waybill/1"
"""Version mark of the canonical form; it is hashed with every value."""

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """One object in one cluster. `namespace` is empty for objects of the cluster itself."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "ObjectRef":
        metadata = manifest["metadata"]
        return cls(
            manifest["apiVersion"],
            manifest["kind"],
            metadata.get("namespace", ""),
            metadata["name"],
        )

    @property
    def group(self) -> str:
        group, slash, _ = self.api_version.rpartition("/")
        return group if slash else ""

    @property
    def version(self) -> str:
        return self.api_version.rpartition("/")[2]

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where}"


def canonical(value: Any) -> str:
    """The one spelling of a JSON value: sorted keys, no spaces, UTF-8.

    Raises ValueError for floats, NaN and anything that JSON does not know: two spellings of one
    number would be two hashes of one thing.
    """
    _check(value)
    return _encode(value)


def digest(value: Any) -> str:
    """SHA-256 over the version mark and the canonical form, in hexadecimal."""
    return digest_text(canonical(value))


def digest_of_words(words: Mapping[str, str]) -> str:
    """As `digest`, of what needs no check."""
    return digest_text(_encode(words))


def digest_text(text: str) -> str:
    return hashlib.sha256(f"{SCHEME}\n{text}".encode()).hexdigest()


def _check(value: Any) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise ValueError(f"A key of a JSON object is a string, not {key!r}.")
            _check(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _check(part)
    elif not (value is None or isinstance(value, str | bool | int)):
        raise ValueError(f"{value!r} has no canonical form.")
