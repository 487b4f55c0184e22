"""The scale of a Deployment or a ReplicaSet: its replicas as an object of another group."""

from inference.simulator.errors import Cause, Object, invalid
from inference.simulator.resources import Resource

NAME = "scale"
SCALE = Resource("autoscaling", "v1", "Scale", "scales", subresources=())


def read(obj: Object) -> Object:
    metadata = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = (obj["spec"].get("selector") or {}).get("matchLabels") or {}
    return {
        "kind": SCALE.kind,
        "apiVersion": SCALE.api_version,
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": obj["spec"].get("replicas", 1)},
        "status": {
            "replicas": (obj.get("status") or {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        },
    }


def written(obj: Object, scale: Object) -> Object:
    """The object as a scale asks for it. Raises ApiError, 422, below zero."""
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int) or replicas < 0:
        why = f"Invalid value: {replicas}: must be greater than or equal to 0"
        cause = Cause("FieldValueInvalid", why, "spec.replicas")
        raise invalid(SCALE.kind, SCALE.group, obj["metadata"]["name"], [cause])
    metadata = {**obj["metadata"]}
    version = scale["metadata"].get("resourceVersion")
    if version:
        metadata["resourceVersion"] = version
    return {**obj, "metadata": metadata, "spec": {**obj["spec"], "replicas": replicas}}
