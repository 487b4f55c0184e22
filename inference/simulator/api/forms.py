"""The forms in which objects are answered: alone, in lists, in tables, as metadata alone."""

from collections.abc import Iterable

from inference.simulator.api.negotiation import Form
from inference.simulator.api.tables import table
from inference.simulator.errors import Object
from inference.simulator.resources import Resource

_META = "meta.k8s.io/v1"


def one(form: Form, resource: Resource, obj: Object, now: float, include: str = "") -> Object:
    if form.is_table:
        return table(resource, [obj], now, include, _version_of(obj))
    if form.is_partial:
        return partial(obj)
    return obj


def several(
    form: Form,
    resource: Resource,
    objects: Iterable[Object],
    metadata: Object,
    now: float,
    include: str = "",
) -> Object:
    if form.is_table:
        return table(resource, objects, now, include, metadata)
    if form.is_partial:
        items = [partial(obj) for obj in objects]
        return {
            "kind": "PartialObjectMetadataList",
            "apiVersion": _META,
            "metadata": metadata,
            "items": items,
        }
    items = [obj if resource.is_custom else _bare(obj) for obj in objects]
    return {
        "kind": f"{resource.kind}List",
        "apiVersion": resource.api_version,
        "metadata": metadata,
        "items": items,
    }


def partial(obj: Object) -> Object:
    return {"kind": "PartialObjectMetadata", "apiVersion": _META, "metadata": obj["metadata"]}


def _bare(obj: Object) -> Object:
    """Items of a list of a built-in kind do not say what they are."""
    return {key: part for key, part in obj.items() if key not in {"kind", "apiVersion"}}


def _version_of(obj: Object) -> Object:
    return {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
