"""What may not change once it is there: built-in kinds, field by field."""

from collections.abc import Callable, Iterator

from inference.simulator.errors import Cause, Object
from inference.simulator.quantities import milli
from inference.simulator.validation import words
from inference.simulator.validation.workloads import selector_told, spelled

Keep = Callable[[Object, Object], Iterator[Cause]]
"""Compares what is stored with what would be."""


def _selector(live: Object, new: Object) -> Iterator[Cause]:
    wanted = new["spec"].get("selector")
    if wanted != live["spec"].get("selector"):
        told = None if wanted is None else selector_told(wanted)
        yield words.invalid("spec.selector", told, "field is immutable")


def _address(live: Object, new: Object) -> Iterator[Cause]:
    wanted = new["spec"].get("clusterIPs")
    if wanted != live["spec"].get("clusterIPs"):
        yield words.invalid("spec.clusterIPs[0]", wanted, "may not change once set")


def _claim(live: Object, new: Object) -> Iterator[Cause]:
    was, wanted = dict(live["spec"]), dict(new["spec"])
    if not was.get("volumeName"):
        wanted.pop("volumeName", None)
    if live.get("status", {}).get("phase") == "Bound":
        for spec in (was, wanted):
            spec.pop("resources", None)
            spec.pop("volumeAttributesClassName", None)
    if was != wanted:
        yield words.forbidden(
            "spec",
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims",
        )
    capacity = live.get("status", {}).get("capacity") or {}
    if _size(new["spec"]) < _size(live["spec"]) and _size(new["spec"]) <= milli(
        capacity.get("storage", 0)
    ):
        where = "spec.resources.requests.storage"
        yield words.forbidden(where, "field can not be less than status.capacity")


def _size(spec: Object) -> int:
    asked = (spec.get("resources") or {}).get("requests") or {}
    return milli(asked.get("storage", 0))


def _role(live: Object, new: Object) -> Iterator[Cause]:
    wanted = new["roleRef"]
    if wanted != live["roleRef"]:
        told = spelled({**wanted, "aPIGroup": wanted["apiGroup"]}, "aPIGroup", "kind", "name")
        yield words.invalid("roleRef", told, "cannot change roleRef")


KEPT: dict[str, Keep] = {
    "Deployment": _selector,
    "ReplicaSet": _selector,
    "Service": _address,
    "PersistentVolumeClaim": _claim,
    "RoleBinding": _role,
    "ClusterRoleBinding": _role,
}
