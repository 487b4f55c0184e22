"""What an object is before anything is said of it: the parts that a built-in kind always has."""

from inference.simulator.errors import Object
from inference.simulator.resources import Resource

_TEMPLATE: Object = {"metadata": {}, "spec": {"containers": []}}
_SPECS: dict[str, Object] = {
    "Namespace": {},
    "Node": {},
    "Pod": {"containers": []},
    "Service": {},
    "PersistentVolumeClaim": {"resources": {}},
    "Deployment": {"selector": None, "template": _TEMPLATE, "strategy": {}},
    "ReplicaSet": {"selector": None, "template": _TEMPLATE},
    "PodDisruptionBudget": {},
    "Lease": {},
}


NOTHING_SAID = {
    "Event": ("eventTime", "firstTimestamp", "lastTimestamp"),
    **dict.fromkeys(("Role", "ClusterRole"), ("rules",)),
}
"""Fields that are told as null where nothing was said."""


def of_nothing(resource: Resource) -> Object:
    """Nobody owns these parts themselves: they are there whoever writes. A custom kind has none."""
    empty: Object = {"metadata": {}}
    if resource.is_custom:
        return empty
    empty.update(dict.fromkeys(NOTHING_SAID.get(resource.kind, ())))
    if resource.kind in _SPECS:
        empty["spec"] = _SPECS[resource.kind]
    return empty
