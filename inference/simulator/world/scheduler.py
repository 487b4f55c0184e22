"""The scheduler: gives each waiting pod a node, or says on the pod why there is none."""

from collections.abc import Iterable

from inference.simulator.errors import Object
from inference.simulator.events import ADDED, DELETED, Event
from inference.simulator.values import copied
from inference.simulator.world import conditions
from inference.simulator.world.context import Context
from inference.simulator.world.identities import Key, is_leaving, key_of
from inference.simulator.world.scheduling import Placement, place
from inference.simulator.world.telling import NORMAL, WARNING, Source

BY = "kube-scheduler"
_SOURCE = Source("default-scheduler", modern=True)


class Scheduler:
    """A pod that found no place is tried again when a pod ends, or a node or a claim changes."""

    kinds = ("Pod", "Node", "PersistentVolumeClaim")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: set[Key] = set()

    def hear(self, event: Event) -> Iterable[Key]:
        pod = event.object
        if event.resource.kind != "Pod":
            yield from sorted(self._waiting)
        elif event.type == DELETED or _has_ended(pod):
            self._waiting.discard(key_of(pod))
            yield from sorted(self._waiting)
        elif event.type == ADDED or _gates(event.previous) != _gates(pod):
            yield key_of(pod)

    def look(self, key: Key) -> None:
        namespace, name = key
        pod = self._context.view.one("Pod", namespace, name)
        if pod is None or is_leaving(pod) or pod["spec"].get("nodeName"):
            self._waiting.discard((namespace, name))
            return
        if _gates(pod):
            self._gated(pod)
            return
        view = self._context.view
        claims = {
            claim["metadata"]["name"]: (claim.get("status") or {}).get("phase") == "Bound"
            for claim in view.all("PersistentVolumeClaim", namespace)
        }
        found = place(pod, view.all("Node"), view.all("Pod"), claims)
        if isinstance(found, Placement):
            self._waiting.discard((namespace, name))
            self._bind(pod, found.node)
            return
        self._waiting.add((namespace, name))
        if self._says(pod, False, "Unschedulable", found.message):
            tell = self._context.teller.tell
            tell(_SOURCE, pod, WARNING, "FailedScheduling", found.message)

    def _bind(self, pod: Object, node: str) -> None:
        bound = copied(pod)
        bound["spec"]["nodeName"] = node
        if not self._context.write(bound, by=BY):
            return
        fresh = self._context.view.one("Pod", *key_of(pod))
        if fresh is None:
            return
        self._says(fresh, True)
        where = "/".join(key_of(pod))
        message = f"Successfully assigned {where} to {node}"
        self._context.teller.tell(_SOURCE, pod, NORMAL, "Scheduled", message)

    def _gated(self, pod: Object) -> None:
        text = "Scheduling is blocked due to non-empty scheduling gates"
        self._says(pod, False, "SchedulingGated", text)

    def _says(self, pod: Object, true: bool, reason: str = "", message: str = "") -> bool:
        """Whether it is news."""
        before = conditions.of(pod)
        word = conditions.condition(
            "PodScheduled",
            true,
            reason,
            message,
            now=self._context.stamp(),
            before=before,
            generation=pod["metadata"].get("generation"),
        )
        if conditions.find(before, "PodScheduled") == word:
            return False
        others = [one for one in before if one["type"] != "PodScheduled"]
        status = {**(pod.get("status") or {}), "conditions": [*others, word]}
        status.setdefault("phase", "Pending")
        self._context.write_status(pod, status, by=BY)
        return True


def _gates(pod: Object | None) -> object:
    return (pod or {}).get("spec", {}).get("schedulingGates") or None


def _has_ended(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}
