"""The shape of a kind: an OpenAPI schema, read once into nodes that merging and checking walk."""

import re
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]


@dataclass(slots=True, eq=False)
class Node:
    """One place in an object. `None` for a child node means that the schema says nothing there."""

    type: str = ""
    properties: dict[str, "Node"] = field(default_factory=dict)
    values: "Node | None" = None
    items: "Node | None" = None
    keys: tuple[str, ...] = ()
    list_type: str = "atomic"
    atomic: bool = False
    preserve: bool = False
    int_or_string: bool = False
    quantity: bool = False
    nullable: bool = False
    embedded: bool = False
    default: Any = None
    has_default: bool = False
    has_defaults_below: bool = False
    has_amounts: bool = False
    required: tuple[str, ...] = ()
    enum: tuple[Any, ...] = ()
    pattern: "re.Pattern[str] | None" = None
    format: str = ""
    bounds: dict[str, int] = field(default_factory=dict)

    @property
    def is_keyed(self) -> bool:
        return self.type == "array" and self.list_type == "map"

    @property
    def is_set(self) -> bool:
        return self.type == "array" and self.list_type == "set"

    def child(self, name: str) -> "Node":
        return self.properties.get(name) or self.values or ANYTHING


ANYTHING = Node(preserve=True)
"""Where nothing is known: maps merge by key, lists are replaced whole."""

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


def compile_schema(schema: Schema) -> Node:
    """Read an OpenAPI v3 structural schema. `anyOf`, `oneOf` and CEL rules are read elsewhere."""
    node = Node(
        type=schema.get("type", ""),
        keys=tuple(schema.get("x-kubernetes-list-map-keys", ())),
        list_type=schema.get("x-kubernetes-list-type", "atomic"),
        atomic=schema.get("x-kubernetes-map-type") == "atomic",
        preserve=bool(schema.get("x-kubernetes-preserve-unknown-fields")),
        int_or_string=bool(schema.get("x-kubernetes-int-or-string")),
        quantity=schema.get("format") == "quantity",
        nullable=bool(schema.get("nullable")),
        embedded=bool(schema.get("x-kubernetes-embedded-resource")),
        default=schema.get("default"),
        has_default="default" in schema,
        required=tuple(schema.get("required", ())),
        enum=tuple(schema.get("enum", ())),
        pattern=re.compile(schema["pattern"]) if "pattern" in schema else None,
        format=schema.get("format", ""),
        bounds={bound: schema[bound] for bound in _BOUNDS if bound in schema},
    )
    node.properties = {
        name: compile_schema(part) for name, part in schema.get("properties", {}).items()
    }
    additional = schema.get("additionalProperties")
    if isinstance(additional, dict):
        node.values = compile_schema(additional)
    if "items" in schema:
        node.items = compile_schema(schema["items"])
    below = [
        part for part in (*node.properties.values(), node.values, node.items) if part is not None
    ]
    node.has_defaults_below = any(part.has_default or part.has_defaults_below for part in below)
    node.has_amounts = (
        node.quantity
        or node.int_or_string
        or node.type == "integer"
        or any(part.has_amounts for part in below)
    )
    return node
