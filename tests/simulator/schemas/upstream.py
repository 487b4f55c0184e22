"""Where a schema of ours says something else than the one it was taken from."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
Resolve = Any
_BOUNDS = (
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
)
_CHECKED_BY_SCHEMA = ("default", "enum", "pattern", *_BOUNDS)


def differences(
    ours: Schema, theirs: Schema, path: str, *, resolve: Any, strict: bool
) -> Iterator[str]:
    """One line per difference. `strict`: defaults and checks are compared as well, as for a CRD."""
    theirs = resolve(theirs)
    yield from _differences_here(ours, theirs, path, strict=strict)
    known = theirs.get("properties", {})
    for name, part in ours.get("properties", {}).items():
        if name not in known:
            yield f"{path}.{name}: unknown upstream"
        elif (path, name) != ("", "metadata") or not strict:
            yield from differences(
                part, known[name], f"{path}.{name}", resolve=resolve, strict=strict
            )
    for word in ("items", "additionalProperties"):
        if word in ours:
            if not isinstance(theirs.get(word), dict):
                yield f"{path}: has no {word} upstream"
            else:
                yield from differences(
                    ours[word], theirs[word], f"{path}[]", resolve=resolve, strict=strict
                )


def _differences_here(ours: Schema, theirs: Schema, path: str, *, strict: bool) -> Iterator[str]:
    pairs = {
        "type": (_type(ours), _type(theirs)),
        "list type": (_list_type(ours), _list_type(theirs)),
        "keys": (_keys(ours), _keys(theirs)),
        "map type": (_is_atomic(ours), _is_atomic(theirs)),
        "required": (set(ours.get("required", ())), set(theirs.get("required", ()))),
    }
    if strict:
        for word in _CHECKED_BY_SCHEMA:
            pairs[word] = (ours.get(word), theirs.get(word))
    elif "default" in ours:
        pairs["default"] = (ours["default"], theirs.get("default"))
    for what, (mine, upstream) in pairs.items():
        if mine != upstream:
            yield f"{path}: {what} is {mine!r}, upstream {upstream!r}"


def _type(schema: Schema) -> str:
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        return "integer or string"
    if schema.get("format") == "quantity" or _is_quantity(schema):
        return "quantity"
    return str(schema.get("type", ""))


def _is_quantity(schema: Schema) -> bool:
    return [part.get("type") for part in schema.get("oneOf", ())] == ["string", "number"]


def _list_type(schema: Schema) -> str:
    return str(schema.get("x-kubernetes-list-type", "atomic"))


def _keys(schema: Schema) -> list[str]:
    return sorted(schema.get("x-kubernetes-list-map-keys", ()))


def _is_atomic(schema: Schema) -> bool:
    return schema.get("x-kubernetes-map-type") == "atomic"
