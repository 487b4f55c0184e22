"""Documents that people and automation send, turned into specs; every mistake named at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from inference import messages as catalogue
from inference.definitions.specs import HardwarePoolSpec, RouteSpec, ServedModelSpec, Spec
from inference.errors import Invalid, Refusal
from inference.messages import Message
from inference.messages import definitions as messages

HARDWARE_POOL = "hardware-pool"
SERVED_MODEL = "served-model"
ROUTE = "route"

KINDS: dict[str, type[Spec]] = {
    HARDWARE_POOL: HardwarePoolSpec,
    SERVED_MODEL: ServedModelSpec,
    ROUTE: RouteSpec,
}
"""In the order in which definitions refer to one another."""


def parse(kind: str, document: Mapping[str, Any]) -> Spec:
    """The spec of a document. Raises Invalid with all that is wrong, each at its path.

    A path is dotted, with the places of list items: `placements.0.pool`.
    """
    spec = KINDS.get(kind)
    if spec is None:
        raise Invalid(messages.KIND_UNKNOWN, kind=kind, kinds=", ".join(KINDS))
    try:
        return spec.model_validate(document)
    except ValidationError as error:
        fields = faults_of(error)
        raise Invalid(
            messages.DOCUMENT_INVALID, fields=fields, count=len(fields), kind=kind
        ) from None


def faults_of(error: ValidationError) -> dict[str, list[Refusal]]:
    """All that a validator found, by path and in our words; for any body, not documents alone."""
    fields: dict[str, list[Refusal]] = {}
    found = error.errors(include_url=False, include_input=False)
    for one in found:
        if one["type"] == "too_short" and any(
            _is_within(other["loc"], one["loc"]) for other in found
        ):
            continue  # a list is short of the items that are wrong themselves
        path = ".".join(str(part) for part in one["loc"])
        fields.setdefault(path, []).append(_refusal(one["type"], one.get("ctx", {}), one["msg"]))
    return fields


def _is_within(inner: Sequence[Any], outer: Sequence[Any]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def document_of(spec: Spec) -> dict[str, Any]:
    """The whole document, defaults included: parsing it gives an equal spec."""
    return spec.model_dump(mode="json")


_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "uuid_parsing": "a UUID",
    "uuid_type": "a UUID",
}
_LIMITS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
}
_LENGTHS = {
    "string_too_long": ("at most", "max_length", "characters"),
    "string_too_short": ("at least", "min_length", "characters"),
    "too_long": ("at most", "max_length", "items"),
    "too_short": ("at least", "min_length", "items"),
}


def _refusal(kind: str, context: Mapping[str, Any], reason: str) -> Refusal:
    """The validator's words stay behind; a kind of error that is new to us is passed on."""
    if kind in _TYPES:
        return Refusal(messages.FIELD_TYPE, expected=_TYPES[kind])
    if kind in _LIMITS:
        relation, key = _LIMITS[kind]
        return Refusal(messages.FIELD_RANGE, relation=relation, limit=context[key])
    if kind in _LENGTHS:
        relation, key, unit = _LENGTHS[kind]
        return Refusal(messages.FIELD_LENGTH, relation=relation, limit=context[key], unit=unit)
    return _other(kind, context, reason)


def _other(kind: str, context: Mapping[str, Any], reason: str) -> Refusal:
    match kind:
        case "missing":
            return Refusal(messages.FIELD_MISSING)
        case "extra_forbidden":
            return Refusal(messages.FIELD_UNKNOWN)
        case "literal_error":
            return Refusal(messages.FIELD_CHOICE, expected=context["expected"])
        case "string_pattern_mismatch":
            return Refusal(messages.FIELD_PATTERN, form=context["pattern"])
    found: Message = catalogue.find(kind)
    if found.sentence != f"{kind.replace('-', ' ').capitalize()}.":
        return Refusal(found, **context)
    return Refusal(messages.FIELD_OTHER, reason=reason)
