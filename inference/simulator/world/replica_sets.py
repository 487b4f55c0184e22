"""The controller of ReplicaSets: as many pods as asked for, and how they do."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from inference.simulator.errors import ApiError, Object
from inference.simulator.events import ADDED, Event
from inference.simulator.values import copied
from inference.simulator.world import conditions
from inference.simulator.world.context import Context
from inference.simulator.world.deployments import BY
from inference.simulator.world.identities import (
    Key,
    controller_of,
    generated,
    is_leaving,
    key_of,
    owner_reference,
)
from inference.simulator.world.selecting import has_labels
from inference.simulator.world.telling import NORMAL, WARNING, Source

_SOURCE = Source("replicaset-controller")
_FINISHED = {"Succeeded", "Failed"}


class ReplicaSets:
    kinds = ("ReplicaSet", "Pod", "ServiceAccount")

    def __init__(self, context: Context) -> None:
        self._context = context

    def hear(self, event: Event) -> Iterable[Key]:
        obj = event.object
        if event.resource.kind == "ReplicaSet":
            yield key_of(obj)
        elif event.resource.kind == "Pod":
            owner = controller_of(obj)
            if owner and owner["kind"] == "ReplicaSet":
                yield (obj["metadata"]["namespace"], owner["name"])
        elif event.type == ADDED:
            namespace = obj["metadata"]["namespace"]
            yield from (key_of(one) for one in self._context.view.all("ReplicaSet", namespace))

    def look(self, key: Key) -> None:
        namespace, name = key
        replica_set = self._context.view.one("ReplicaSet", namespace, name)
        if replica_set is None:
            return
        problem = ""
        if not is_leaving(replica_set):
            problem = self._match(replica_set)
        self._report(namespace, name, problem)

    def _match(self, replica_set: Object) -> str:
        """Make or remove pods until there are as many as wanted; returns why it could not."""
        pods = _active(self._context.view.controlled("Pod", replica_set))
        missing = replica_set["spec"].get("replicas", 1) - len(pods)
        for _ in range(missing):
            problem = self._make(replica_set)
            if problem:
                return problem
        for pod in _first_to_go(pods)[: max(0, -missing)]:
            self._context.remove(pod)
            name = pod["metadata"]["name"]
            self._tell(replica_set, NORMAL, "SuccessfulDelete", f"Deleted pod: {name}")
        return ""

    def _make(self, replica_set: Object) -> str:
        metadata, template = replica_set["metadata"], copied(replica_set["spec"]["template"])
        base = f"{metadata['name']}-"
        found = template.get("metadata") or {}
        pod: Object = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "generateName": base,
                "name": generated(base, self._context.dice),
                "namespace": metadata["namespace"],
                "labels": found.get("labels") or {},
                "ownerReferences": [owner_reference(replica_set)],
            },
            "spec": template["spec"],
            "status": {"phase": "Pending"},
        }
        if found.get("annotations"):
            pod["metadata"]["annotations"] = found["annotations"]
        problem = self._refusal(pod, base)
        if not problem:
            try:
                self._context.store.create(pod, manager=BY)
            except ApiError as refusal:
                problem = refusal.message
        if problem:
            self._tell(replica_set, WARNING, "FailedCreate", f"Error creating: {problem}")
            return problem
        name = pod["metadata"]["name"]
        self._tell(replica_set, NORMAL, "SuccessfulCreate", f"Created pod: {name}")
        return ""

    def _refusal(self, pod: Object, base: str) -> str:
        """What the admission of service accounts would answer."""
        namespace = pod["metadata"]["namespace"]
        account = pod["spec"].get("serviceAccountName") or "default"
        if self._context.view.one("ServiceAccount", namespace, account):
            pod["spec"]["serviceAccountName"] = account
            return ""
        why = f'error looking up service account {namespace}/{account}: serviceaccount "{account}"'
        return f'pods "{base}" is forbidden: {why} not found'

    def _report(self, namespace: str, name: str, problem: str) -> None:
        replica_set = self._context.view.one("ReplicaSet", namespace, name)
        if replica_set is None:
            return
        pods = self._context.view.controlled("Pod", replica_set)
        late = self._available_later(replica_set, pods)
        if late:
            key = (namespace, name)
            self._context.timers.after(late, lambda: self._context.again(self, key))
        status = _status(replica_set, pods, problem, self._context.store.clock())
        self._context.write_status(replica_set, status, by=BY)

    def _available_later(self, replica_set: Object, pods: Sequence[Object]) -> float:
        """In how many seconds the next ready pod has been ready for long enough; 0: none."""
        least = replica_set["spec"].get("minReadySeconds", 0)
        if not least:
            return 0
        now = self._context.store.clock()
        waits = [least - age for pod in pods if (age := _ready_for(pod, now)) is not None]
        return min((wait for wait in waits if wait > 0), default=0)

    def _tell(self, replica_set: Object, kind: str, reason: str, message: str) -> None:
        self._context.teller.tell(_SOURCE, replica_set, kind, reason, message)


def _status(replica_set: Object, pods: Sequence[Object], problem: str, now: datetime) -> Object:
    active = _active(pods)
    leaving = [pod for pod in pods if is_leaving(pod) and _phase(pod) not in _FINISHED]
    labels = (replica_set["spec"]["template"].get("metadata") or {}).get("labels") or {}
    least = replica_set["spec"].get("minReadySeconds", 0)
    ages = [_ready_for(pod, now) for pod in active]
    ready = [age for age in ages if age is not None]
    counts = {
        "fullyLabeledReplicas": sum(has_labels(pod, labels) for pod in active),
        "readyReplicas": len(ready),
        "availableReplicas": sum(age >= least for age in ready),
    }
    status: Object = {"replicas": len(active)}
    status |= {name: count for name, count in counts.items() if count}
    status["terminatingReplicas"] = len(leaving)
    status["observedGeneration"] = replica_set["metadata"].get("generation", 1)
    if problem:
        before = conditions.of(replica_set)
        stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        status["conditions"] = (conditions.find(before, "ReplicaFailure") and before) or [
            conditions.condition("ReplicaFailure", True, "FailedCreate", problem, now=stamp)
        ]
    return status


def _active(pods: Iterable[Object]) -> list[Object]:
    return [pod for pod in pods if _phase(pod) not in _FINISHED and not is_leaving(pod)]


def _phase(pod: Object) -> str:
    return str((pod.get("status") or {}).get("phase", "Pending"))


def _ready_for(pod: Object, now: datetime) -> float | None:
    """Seconds since the pod became ready, or None."""
    ready = conditions.find(conditions.of(pod), "Ready")
    if ready is None or ready["status"] != "True":
        return None
    return (now - datetime.fromisoformat(ready["lastTransitionTime"])).total_seconds()


def _first_to_go(pods: Sequence[Object]) -> list[Object]:
    """Those that serve least come first; among equals the youngest."""

    def rank(pod: Object) -> tuple[object, ...]:
        ready = conditions.find(conditions.of(pod), "Ready")
        is_ready = ready is not None and ready["status"] == "True"
        since = ready["lastTransitionTime"] if is_ready and ready else ""
        return (
            bool(pod["spec"].get("nodeName")),
            {"Pending": 0, "Unknown": 1, "Running": 2}.get(_phase(pod), 1),
            is_ready,
            _Later(since),
            _Later(pod["metadata"].get("creationTimestamp", "")),
        )

    return sorted(pods, key=rank)


class _Later(str):
    """A stamp that sorts before earlier ones."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)
