"""Nodes and pods of a cluster as an observer would have written them, for the counts of a pool."""

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from inference.clusters.models import Cluster, LiveObject, WatchState
from inference.definitions.models import Placement
from inference.observation.models import ObserverLease
from inference.observation.summaries import summary_of
from inference.rendering.objects import PLACEMENT

GPU = "nvidia.com/gpu"
Object = dict[str, Any]


def watched(cluster: Cluster, *namespaces: str) -> None:
    """An observer lives, and has seen all nodes, and all pods of these namespaces."""
    ObserverLease.objects.get_or_create(
        cluster=cluster,
        defaults={"holder": "one", "expires_at": Now() + timedelta(seconds=30)},
    )
    places = [("", "Node"), *((one, "Pod") for one in namespaces)]
    WatchState.objects.bulk_create(
        WatchState(cluster=cluster, namespace=where, kind=kind, heard_at=Now(), synced_at=Now())
        for where, kind in places
    )


def node(cluster: Cluster, name: str, devices: int = 8, **spec: Any) -> LiveObject:
    offered = {"cpu": "192", GPU: str(devices)}
    status = {
        "capacity": offered,
        "allocatable": offered,
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    return _seen(cluster, "Node", "", name, {"spec": spec, "status": status})


def pod(
    cluster: Cluster,
    name: str,
    devices: int,
    on: str = "node-1",
    *,
    placement: str = "",
    namespace: str = "llm-chat",
    phase: str = "Running",
) -> LiveObject:
    container = {"resources": {"limits": {GPU: str(devices)}}}
    spec = {"nodeName": on, "containers": [container]}
    labels = {PLACEMENT: placement} if placement else {}
    body = {"spec": spec, "status": {"phase": phase}}
    return _seen(cluster, "Pod", namespace, name, body, labels)


def in_use(placement: Placement) -> None:
    """Of two nodes one is cordoned; of the other the placement holds 4 devices, a stranger 1."""
    cluster = placement.cluster
    watched(cluster, "llm-chat")
    node(cluster, "node-1")
    node(cluster, "node-2", unschedulable=True)
    pod(cluster, "llama-1", 4, placement=placement.object_name)
    pod(cluster, "notebook", 1)


def _seen(
    cluster: Cluster,
    kind: str,
    namespace: str,
    name: str,
    body: Object,
    labels: dict[str, str] | None = None,
) -> LiveObject:
    return LiveObject.objects.create(
        cluster=cluster,
        api_version="v1",
        kind=kind,
        namespace=namespace,
        name=name,
        uid=f"{kind}/{namespace}/{name}",
        labels=labels or {},
        summary=summary_of({"kind": kind, **body}),
        seen_at=timezone.now(),
        changed_at=timezone.now(),
    )
