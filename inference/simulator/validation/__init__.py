"""What a server refuses for its content, told word for word as a real one tells it.

`fields` and its like hold the rules of built-in kinds, one table per kind; custom kinds are judged
by their schema (`shape`) and by the rules of their definitions (`promises`).
"""

from collections.abc import Iterator

from inference.simulator.errors import Cause, Object, invalid
from inference.simulator.resources import Resource
from inference.simulator.validation import core, pods, workloads
from inference.simulator.validation.changes import KEPT
from inference.simulator.validation.metadata import LABELLED, check_named
from inference.simulator.validation.promises import PROMISES, check_promises
from inference.simulator.validation.rules import Check
from inference.simulator.validation.shape import check_shape

BUILT_IN: dict[str, Check] = {
    "ConfigMap": core.CONFIG_MAP,
    "Secret": core.SECRET,
    "Service": core.SERVICE,
    "PersistentVolumeClaim": core.CLAIM,
    "Role": core.ROLE,
    "ClusterRole": core.ROLE,
    "Pod": pods.POD,
    "Deployment": workloads.DEPLOYMENT,
    "ReplicaSet": workloads.REPLICA_SET,
    "PodDisruptionBudget": workloads.BUDGET,
}
_LOOKS = {
    "PodDisruptionBudget": 2,
    **dict.fromkeys(
        ("ConfigMap", "PersistentVolumeClaim", "Role", "RoleBinding", "ServiceAccount"), 4
    ),
}
"""How often a server looks at the metadata of a change, and lists what it finds: thrice if not."""
_BLOCKING = {
    "FieldValueNotSupported",
    "FieldValueRequired",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldValueTypeInvalid",
}
_UNCHECKED = Cause(
    "FieldValueInvalid",
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
    "<nil>",
)


def check_new(resource: Resource, obj: Object) -> None:
    """An object that would be created, with its defaults. Raises ApiError."""
    causes = [*check_named(resource, obj["metadata"]), *_content(resource, obj)]
    _refuse(resource, obj, causes)


def check_change(resource: Resource, live: Object, new: Object, subresource: str) -> None:
    """An object that would replace `live`, with its defaults. Raises ApiError."""
    found = [*LABELLED(new["metadata"], "metadata")]
    causes = found * _LOOKS.get(resource.kind, 3)
    if resource.is_custom or not subresource:
        causes += _content(resource, new)
    keep = KEPT.get(resource.kind)
    if keep is not None and subresource != "status":
        causes += keep(live, new)
    _refuse(resource, new, causes)


def _content(resource: Resource, obj: Object) -> Iterator[Cause]:
    if not resource.is_custom:
        check = BUILT_IN.get(resource.kind)
        if check is not None:
            yield from check(obj, "")
        return
    found = [
        cause
        for name in resource.node.required
        if name not in obj
        for cause in (Cause("FieldValueRequired", "Required value", name),)
    ]
    for name, part in resource.node.properties.items():
        if name in obj and name != "metadata":
            found += check_shape(part, obj[name], name)
    yield from found
    if any(cause.reason in _BLOCKING for cause in found):
        if resource.kind in PROMISES:
            yield _UNCHECKED
    else:
        yield from check_promises(resource.kind, obj)


def _refuse(resource: Resource, obj: Object, causes: list[Cause]) -> None:
    if causes:
        raise invalid(resource.kind, resource.group, obj["metadata"].get("name", ""), causes)
