"""What a server itself puts into a new object: its first status, and what admission adds."""

from collections.abc import Callable

from inference.simulator.errors import Object
from inference.simulator.resources import Resource
from inference.simulator.values import copied

_FIRST_STATUS: dict[str, Object] = {
    "Namespace": {"phase": "Active"},
    "Pod": {"phase": "Pending"},
    "Service": {"loadBalancer": {}},
    "PersistentVolumeClaim": {"phase": "Pending"},
    "Deployment": {},
    "ReplicaSet": {"replicas": 0},
    "PodDisruptionBudget": {
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "disruptionsAllowed": 0,
        "expectedPods": 0,
    },
}
"""Whatever was said, these begin like this."""
_SHARED = {"cpu", "memory"}
_PATIENCE = 300
_TROUBLES = ("not-ready", "unreachable")


def _hold(namespace: Object) -> None:
    namespace.setdefault("spec", {})["finalizers"] = ["kubernetes"]


def _protect(claim: Object) -> None:
    finalizers = claim["metadata"].setdefault("finalizers", [])
    if "kubernetes.io/pvc-protection" not in finalizers:
        finalizers.append("kubernetes.io/pvc-protection")


def _admit_pod(pod: Object) -> None:
    spec = pod["spec"]
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = spec.setdefault("tolerations", [])
    for trouble in _TROUBLES:
        key = f"node.kubernetes.io/{trouble}"
        if not any(_tolerates(one, key) for one in tolerations):
            one = {"key": key, "operator": "Exists", "effect": "NoExecute"}
            tolerations.append({**one, "tolerationSeconds": _PATIENCE})
    pod["status"]["qosClass"] = quality(spec)


def _tolerates(toleration: Object, key: str) -> bool:
    return toleration.get("key") in (None, "", key) and (
        toleration.get("effect") in (None, "", "NoExecute")
    )


def quality(spec: Object) -> str:
    """How much of what a pod may use is promised to it."""
    everything = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    counted = [_computing(one.get("resources") or {}) for one in everything]
    if not any(limits or requests for limits, requests in counted):
        return "BestEffort"
    if all(limits.keys() == _SHARED and limits == requests for limits, requests in counted):
        return "Guaranteed"
    return "Burstable"


def _computing(resources: Object) -> tuple[Object, Object]:
    limits, requests = (
        {name: part[name] for name in _SHARED if name in part}
        for part in (resources.get("limits") or {}, resources.get("requests") or {})
    )
    return limits, {**limits, **requests}


_ADDED: dict[str, Callable[[Object], None]] = {
    "Namespace": _hold,
    "PersistentVolumeClaim": _protect,
    "Pod": _admit_pod,
}


def begin(resource: Resource, obj: Object) -> None:
    if resource.is_custom:
        return
    if resource.kind in _FIRST_STATUS:
        obj["status"] = copied(_FIRST_STATUS[resource.kind])
    add = _ADDED.get(resource.kind)
    if add is not None:
        add(obj)
