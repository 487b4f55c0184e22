"""Replicas of the placement of a house, as an observer that lives has seen them."""

from datetime import datetime, timedelta

from django.db.models.functions import Now
from django.utils import timezone

from inference.clusters.client.kinds import READ, WRITTEN
from inference.clusters.models import LiveObject, WatchState
from inference.observation.models import ObserverLease
from tests.api.house import House
from tests.observation.scene import Object, Scene


def replicas(house: House, **seconds: dict[str, int]) -> None:
    """Each by its name, with the seconds ago at which it was made, scheduled, started, ready."""
    _look(house)
    LiveObject.objects.filter(cluster=house.cluster).delete()
    scene, name = Scene(house.cluster), house.placement.object_name
    scene.placement(name)
    LiveObject.objects.filter(kind="Pod", name=f"{name}-b-1").delete()
    for replica, ago in seconds.items():
        scene.see("Pod", f"{name}-b-{replica}", _pod(**ago), owner=f"ReplicaSet/{name}-b")
    ready = sum("ready" in ago for ago in seconds.values())
    deployment = LiveObject.objects.get(kind="Deployment", name=name)
    counts = ("replicas", "updatedReplicas", "wanted")
    deployment.summary |= dict.fromkeys(counts, len(seconds)) | {"readyReplicas": ready}
    deployment.summary["availableReplicas"] = ready
    deployment.save(update_fields=["summary"])
    LiveObject.objects.filter(cluster=house.cluster).update(namespace=house.placement.namespace)


def _look(house: House) -> None:
    WatchState.objects.filter(cluster=house.cluster).delete()
    soon = Now() + timedelta(seconds=600)
    ObserverLease.objects.update_or_create(
        cluster=house.cluster, defaults={"holder": "one", "expires_at": soon}
    )
    WatchState.objects.bulk_create(
        WatchState(
            cluster=house.cluster,
            namespace=house.placement.namespace,
            kind=kind,
            heard_at=Now(),
            synced_at=Now(),
        )
        for kind in sorted({one.kind for one in (*WRITTEN, *READ)})
    )


def _pod(**ago: int) -> Object:
    """Without a second of some kind, it has not come so far."""
    since = {name: _stamp(seconds) for name, seconds in ago.items()}
    said: list[Object] = [
        {"type": kind, "status": "True", "lastTransitionTime": since[name]}
        for kind, name in (("PodScheduled", "scheduled"), ("Ready", "ready"))
        if name in since
    ]
    if "refused" in since:
        why = "0/2 nodes are available: 2 Insufficient nvidia.com/gpu."
        told = {"status": "False", "reason": "Unschedulable", "message": why}
        said.append({"type": "PodScheduled", "lastTransitionTime": since["refused"], **told})
    engine: Object = {"name": "modelserver", "ready": "ready" in since, "started": "ready" in since}
    engine["state"] = {"running": {"startedAt": since.get("started")}}
    return {
        "metadata": {"creationTimestamp": since["made"]},
        "spec": {"nodeName": "node-1"} if "scheduled" in since else {},
        "status": {
            "phase": "Running" if "started" in since else "Pending",
            "conditions": said,
            "containerStatuses": [engine] if "started" in since else [],
        },
    }


def _stamp(seconds: int) -> str:
    when: datetime = timezone.now() - timedelta(seconds=seconds)
    return when.isoformat(timespec="seconds")
