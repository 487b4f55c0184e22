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


def of_nothing(resource: Resource) -> Object:
    """Nobody owns these parts themselves: they are there whoever writes. A custom kind has none."""
    if resource.is_custom or resource.kind not in _SPECS:
        return {"metadata": {}}
    return {"metadata": {}, "spec": _SPECS[resource.kind]}
