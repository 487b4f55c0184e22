"""Rows of one cluster as an observer would have written them, and what readiness makes of them."""

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from django.db.models.functions import Now
from django.utils import timezone

from inference.clusters.client.kinds import READ, WRITTEN
from inference.clusters.models import Cluster, LiveObject, WatchState
from inference.names import picker_name
from inference.observation import readiness
from inference.observation.ladder import Readiness
from inference.observation.models import ObserverLease
from inference.observation.readiness import GatewayPlace, Subject
from inference.observation.summaries import summary_of
from tests.factories.clusters import ClusterFactory

NAMESPACE, GATEWAYS = "llm", "gw"
Object = dict[str, Any]


def observed() -> Cluster:
    """A cluster whose observer lives and has seen everything."""
    cluster: Cluster = ClusterFactory.create(name="east")
    ObserverLease.objects.create(
        cluster=cluster, holder="one", expires_at=Now() + timedelta(seconds=30)
    )
    kinds = sorted({one.kind for one in (*WRITTEN, *READ)})
    WatchState.objects.bulk_create(
        WatchState(cluster=cluster, namespace=where, kind=kind, heard_at=Now(), synced_at=Now())
        for where in (NAMESPACE, GATEWAYS)
        for kind in {*kinds, "Gateway"}
    )
    return cluster


class Scene:
    """Rows of one cluster, as an observer would have written them."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def see(
        self, kind: str, name: str, body: Object | None = None, *, owner: str = "", **more: Any
    ) -> LiveObject:
        at = timezone.now() - timedelta(minutes=5)
        fields: Object = {"namespace": NAMESPACE, "generation": 1, "observed_generation": 1}
        return LiveObject.objects.create(
            cluster=self.cluster,
            api_version="v1",
            kind=kind,
            name=name,
            uid=f"{kind}/{name}",
            owner_uid=owner,
            summary=summary_of({"kind": kind, **(body or {})}),
            **{**fields, "seen_at": at, "changed_at": at, **more},
        )

    def workload(self, name: str, pod: Object) -> None:
        """A Deployment of one replica, its ReplicaSet, and its pod."""
        is_ready = 1 if pod is READY else 0
        counts = {"replicas": 1, "readyReplicas": is_ready, "updatedReplicas": 1}
        annotations = {"annotations": {"deployment.kubernetes.io/revision": "2"}}
        self.see("Deployment", name, {"metadata": annotations, "status": counts})
        self.see("ReplicaSet", f"{name}-b", {"metadata": annotations}, owner=f"Deployment/{name}")
        self.see("Pod", f"{name}-b-1", pod, owner=f"ReplicaSet/{name}-b")

    def placement(self, name: str = "qwen") -> Subject:
        """Everything that a placement needs, ready."""
        picker = picker_name(name)
        self.workload(name, READY)
        self.workload(picker, READY)
        self.see("InferencePool", name)
        ours = {"manager": "waybill", "operation": "Apply"}
        fields = {"f:rules": {}, "f:roleRef": {}, "f:subjects": {}}
        entries = {"managedFields": [{**ours, "fieldsV1": fields}]}
        for kind in ("ServiceAccount", "Role", "RoleBinding"):
            self.see(kind, picker, {"metadata": entries})
        return Subject(uuid5(NAMESPACE_DNS, name), self.cluster.pk, NAMESPACE, name)

    def route(self, name: str = "chat", pools: tuple[str, ...] = ("qwen",)) -> Subject:
        said = [{"type": kind, "status": "True", "observedGeneration": 1} for kind in _SAID]
        parent = {"parentRef": {"name": "llm", "namespace": GATEWAYS}, "conditions": said}
        backends = [{"kind": "InferencePool", "name": pool} for pool in pools]
        spec = {"rules": [{"backendRefs": backends}]}
        self.see("HTTPRoute", name, {"spec": spec, "status": {"parents": [parent]}})
        return Subject(uuid5(NAMESPACE_DNS, name), self.cluster.pk, NAMESPACE, name)

    def gateway(self) -> None:
        said = [{"type": kind, "status": "True", "observedGeneration": 1} for kind in _SAID]
        status = {"conditions": said, "addresses": [{"value": "192.0.2.1"}]}
        self.see("Gateway", "llm", {"status": status}, namespace=GATEWAYS)


_SAID = ("Accepted", "Programmed", "ResolvedRefs")
PLACE = GatewayPlace(GATEWAYS, "llm")
SCHEDULED = {"type": "PodScheduled", "status": "True"}
READY = {
    "spec": {"nodeName": "node-1"},
    "status": {
        "phase": "Running",
        "conditions": [SCHEDULED],
        "containerStatuses": [{"name": "one", "ready": True, "started": True}],
    },
}


def pending(**container: Any) -> Object:
    status = {"conditions": [SCHEDULED], "containerStatuses": [{"name": "one", **container}]}
    return {"spec": {"nodeName": "node-1"}, "status": {"phase": "Pending", **status}}


NO_IMAGE = pending(state={"waiting": {"reason": "ErrImagePull", "message": "manifest unknown"}})


def of(subject: Subject) -> Readiness:
    return readiness.placements([subject])[subject.id]


def of_route(subject: Subject) -> Readiness:
    return readiness.routes([(subject, PLACE)])[subject.id]
