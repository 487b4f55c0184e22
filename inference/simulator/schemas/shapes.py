"""The words in which the schemas of the simulated kinds are written: OpenAPI v3, in short."""

from collections.abc import Mapping
from typing import Any

from inference.simulator.structure import Schema

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer", "format": "int32"}
LONG: Schema = {"type": "integer", "format": "int64"}
BOOLEAN: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
QUANTITY: Schema = {"format": "quantity"}
INT_OR_STRING: Schema = {"x-kubernetes-int-or-string": True}
ANY: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def fields(
    *bundles: Mapping[str, Schema], needs: str = "", atomic: bool = False, **parts: Schema
) -> Schema:
    """An object of known fields; `needs` names the required ones, parted by spaces."""
    known: dict[str, Schema] = {}
    for bundle in (*bundles, parts):
        known.update(bundle)
    schema: Schema = {"type": "object", "properties": known}
    if needs:
        schema["required"] = needs.split()
    if atomic:
        schema["x-kubernetes-map-type"] = "atomic"
    return schema


def each(names: str, schema: Schema = STRING) -> dict[str, Schema]:
    """Several fields of one schema, parted by spaces."""
    return dict.fromkeys(names.split(), schema)


def mapped(values: Schema = STRING, *, atomic: bool = False, **bounds: int) -> Schema:
    schema: Schema = {"type": "object", "additionalProperties": values, **bounds}
    if atomic:
        schema["x-kubernetes-map-type"] = "atomic"
    return schema


def listed(items: Schema = STRING, **bounds: int) -> Schema:
    """A list that is one field: replaced whole."""
    return {"type": "array", "items": items, "x-kubernetes-list-type": "atomic", **bounds}


def set_of(items: Schema = STRING, **bounds: int) -> Schema:
    return {"type": "array", "items": items, "x-kubernetes-list-type": "set", **bounds}


def keyed(keys: str, items: Schema, **bounds: int) -> Schema:
    """A list that merges by the named keys of its items."""
    return {
        "type": "array",
        "items": items,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": keys.split(),
        **bounds,
    }


def text(pattern: str = "", *, shortest: int = -1, longest: int = 0) -> Schema:
    schema: Schema = {"type": "string"}
    if pattern:
        schema["pattern"] = pattern
    if shortest >= 0:
        schema["minLength"] = shortest
    if longest:
        schema["maxLength"] = longest
    return schema


def one_of(*values: Any) -> Schema:
    return {"type": "string" if isinstance(values[0], str) else "integer", "enum": list(values)}


def number(lowest: int | None = None, highest: int | None = None, kind: Schema = INTEGER) -> Schema:
    schema = dict(kind)
    if lowest is not None:
        schema["minimum"] = lowest
    if highest is not None:
        schema["maximum"] = highest
    return schema


def usually(schema: Schema, default: Any) -> Schema:
    """The schema with what stands there where nothing is said."""
    return {**schema, "default": default}


def kind(metadata: Schema, *, needs: str = "", **parts: Schema) -> Schema:
    """A whole object."""
    return fields(each("apiVersion kind"), {"metadata": metadata}, parts, needs=needs)
