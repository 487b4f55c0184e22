"""What holds for the metadata of every kind, and for labels and selectors wherever they stand."""

from collections.abc import Iterator
from typing import Any

from inference.simulator.errors import Cause, Object
from inference.simulator.resources import Resource
from inference.simulator.validation import forms, words
from inference.simulator.validation.forms import LABEL_VALUE, SUBDOMAIN, Form, label
from inference.simulator.validation.rules import Check, each, fields, text

_LONGEST_ANNOTATIONS = 256 * 1024
_NAMES: dict[str, Form] = {
    "Namespace": label,
    "Service": label,
    **dict.fromkeys(
        ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "PodDisruptionBudget"),
        forms.path_part,
    ),
}
"""The form of the names of a kind; of all others it is a subdomain."""


_KEY, _VALUE = text(forms.qualified), text(LABEL_VALUE)


def labels(value: Any, at: str) -> Iterator[Cause]:
    """All of a map of labels is told at the map."""
    for key, part in value.items():
        yield from _KEY(key, at)
        yield from _VALUE(part, at)


def annotations(value: Any, at: str) -> Iterator[Cause]:
    for key in value:
        yield from _KEY(key, at)
    if sum(len(key.encode()) + len(part.encode()) for key, part in value.items()) > (
        _LONGEST_ANNOTATIONS
    ):
        yield words.too_long(at, _LONGEST_ANNOTATIONS)


def _requirement(value: Any, at: str) -> Iterator[Cause]:
    given, operator = bool(value.get("values")), value["operator"]
    if operator in {"In", "NotIn"} and not given:
        why = "must be specified when `operator` is 'In' or 'NotIn'"
        yield words.required(f"{at}.values", why)
    elif operator in {"Exists", "DoesNotExist"} and given:
        why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        yield words.forbidden(f"{at}.values", why)
    elif operator not in {"In", "NotIn", "Exists", "DoesNotExist"}:
        yield words.invalid(f"{at}.operator", operator, "not a valid selector operator")
    yield from _KEY(value["key"], f"{at}.key")


SELECTOR: Check = fields(matchLabels=labels, matchExpressions=each(_requirement))
LABELLED: Check = fields(labels=labels, annotations=annotations)


def check_named(resource: Resource, metadata: Object) -> Iterator[Cause]:
    """The metadata of an object that is new."""
    name = metadata.get("name")
    if not name:
        yield words.required("metadata.name", "name or generateName is required")
    else:
        form = _NAMES.get(resource.kind, SUBDOMAIN)
        yield from text(form)(name, "metadata.name")
    yield from LABELLED(metadata, "metadata")


__all__ = ["LABELLED", "SELECTOR", "annotations", "check_named", "labels"]
