"""The controller of Deployments: makes ReplicaSets, moves their sizes, reports."""

from collections.abc import Iterable, Sequence

from inference.simulator.errors import ApiError, Object
from inference.simulator.events import DELETED, Event
from inference.simulator.values import copied
from inference.simulator.world import deployment_status as words
from inference.simulator.world.context import Context
from inference.simulator.world.identities import (
    Key,
    controller_of,
    is_leaving,
    key_of,
    owner_reference,
    template_hash,
)
from inference.simulator.world.rollout import new_size, old_sizes, proportional
from inference.simulator.world.telling import NORMAL, Source

BY = "kube-controller-manager"
HASH = "pod-template-hash"
_SOURCE = Source("deployment-controller")
_NOT_COPIED = ("kubectl.kubernetes.io/last-applied-configuration", words.PREFIX)


class Deployments:
    kinds = ("Deployment", "ReplicaSet", "Pod")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._moved_at: dict[Key, float] = {}

    def hear(self, event: Event) -> Iterable[Key]:
        obj = event.object
        if event.resource.kind == "Deployment":
            yield key_of(obj)
        elif event.resource.kind == "ReplicaSet":
            owner = controller_of(obj)
            if owner and owner["kind"] == "Deployment":
                yield (obj["metadata"]["namespace"], owner["name"])
        elif event.type == DELETED:
            yield from self._recreated(obj)

    def look(self, key: Key) -> None:
        namespace, name = key
        deployment = self._context.view.one("Deployment", namespace, name)
        if deployment is None:
            self._moved_at.pop((namespace, name), None)
            return
        if not is_leaving(deployment):
            self._sync(deployment)

    def _recreated(self, pod: Object) -> Iterable[Key]:
        """Recreate waits for the last old pod, which no ReplicaSet counts any more."""
        owner = controller_of(pod)
        if owner is None or owner["kind"] != "ReplicaSet":
            return
        namespace = pod["metadata"]["namespace"]
        replica_set = self._context.view.one("ReplicaSet", namespace, owner["name"])
        above = controller_of(replica_set) if replica_set else None
        if above:
            yield (namespace, above["name"])

    def _sync(self, deployment: Object) -> None:
        sets = self._context.view.controlled("ReplicaSet", deployment)
        new = _newest(deployment, sets)
        others = [one for one in sets if one is not new]
        if self._resized(deployment, new, others):
            self._report(deployment, new, others)
        elif (deployment["spec"].get("strategy") or {}).get("type") == "Recreate":
            self._recreate(deployment, new, others)
        else:
            self._roll(deployment, new, others)

    def _roll(self, deployment: Object, new: Object | None, others: list[Object]) -> None:
        if new is None and deployment["spec"].get("paused"):
            self._report(deployment, None, others)
            return
        new = self._ensure(deployment, new, others)
        if new is None or deployment["spec"].get("paused"):
            return
        limits = words.limits_of(deployment)
        group, rest = words.group_of(new), [words.group_of(one) for one in others]
        grown = new_size(limits, group, rest)
        if not self._resize(deployment, new, grown):
            for name, size in old_sizes(limits, group, rest).items():
                self._resize(deployment, _called(others, name), size)
        self._forget_old(deployment, others)
        self._report(deployment, *self._fresh(deployment))

    def _recreate(self, deployment: Object, new: Object | None, others: list[Object]) -> None:
        shrunk = [self._resize(deployment, one, 0) for one in others]
        if any(shrunk) or self._has_pods(others):
            self._report(deployment, *self._fresh(deployment))
            return
        new = self._ensure(deployment, new, others)
        if new is None:
            return
        self._resize(deployment, new, deployment["spec"].get("replicas", 1))
        self._forget_old(deployment, others)
        self._report(deployment, *self._fresh(deployment))

    def _has_pods(self, sets: Iterable[Object]) -> bool:
        pods = (pod for one in sets for pod in self._context.view.controlled("Pod", one))
        phases = [(pod.get("status") or {}).get("phase") for pod in pods]
        return any(phase not in {"Succeeded", "Failed"} for phase in phases)

    def _resized(self, deployment: Object, new: Object | None, others: list[Object]) -> bool:
        """A change of `replicas` moves every group at once, before any rollout goes on."""
        wanted = str(deployment["spec"].get("replicas", 1))
        active = [one for one in [*([new] if new else []), *others] if one["spec"].get("replicas")]
        asked = [(one["metadata"].get("annotations") or {}).get(words.DESIRED) for one in active]
        if all(one in {None, wanted} for one in asked):
            return False
        if len(active) == 1:
            return self._resize(deployment, active[0], int(wanted), always=True)
        limits = words.limits_of(deployment)
        groups = [words.group_of(one) for one in active]
        sizes = proportional(limits, groups, new["metadata"]["name"] if new else "")
        for one in active:
            name = one["metadata"]["name"]
            self._resize(deployment, one, sizes.get(name, one["spec"]["replicas"]), always=True)
        return True

    def _resize(
        self, deployment: Object, replica_set: Object, size: int, *, always: bool = False
    ) -> bool:
        before = replica_set["spec"].get("replicas", 1)
        if before == size and not always:
            return False
        changed = copied(replica_set)
        changed["spec"]["replicas"] = size
        changed["metadata"]["annotations"] |= _sizes(deployment)
        if not self._context.write(changed, by=BY) or before == size:
            return False
        way, name = "up" if size > before else "down", replica_set["metadata"]["name"]
        self._tell(deployment, f"Scaled {way} replica set {name} from {before} to {size}")
        return True

    def _ensure(
        self, deployment: Object, new: Object | None, others: Sequence[Object]
    ) -> Object | None:
        """The ReplicaSet of the present template; None when a name was taken: look again."""
        revision = max((words.revision_of(one) for one in others), default=0) + 1
        if new is None:
            new = self._make(deployment, others, revision)
            if new is None:
                return None
        annotations = dict(new["metadata"].get("annotations") or {})
        if words.revision_of(new) < revision:
            annotations[words.REVISION] = str(revision)
        if annotations != new["metadata"].get("annotations"):
            changed = copied(new)
            changed["metadata"]["annotations"] = annotations
            self._context.write(changed, by=BY)
        if words.revision_of(deployment) != int(annotations[words.REVISION]):
            changed = copied(deployment)
            found = changed["metadata"].setdefault("annotations", {})
            found[words.REVISION] = annotations[words.REVISION]
            self._context.write(changed, by=BY)
        namespace, name = key_of(new)
        return self._context.view.one("ReplicaSet", namespace, name)

    def _make(self, deployment: Object, others: Sequence[Object], revision: int) -> Object | None:
        made = _replica_set(deployment, revision)
        rest = [words.group_of(one) for one in others]
        size = new_size(words.limits_of(deployment), words.group_of(made), rest)
        made["spec"]["replicas"] = size
        name = made["metadata"]["name"]
        try:
            created = self._context.store.create(made, manager=BY)
        except ApiError as refusal:
            if refusal.reason == "AlreadyExists":
                self._count_collision(deployment)
            return None
        if size:
            self._tell(deployment, f"Scaled up replica set {name} from 0 to {size}")
        if words.has_deadline(deployment):
            status = copied(deployment.get("status") or {})
            text = f'Created new replica set "{name}"'
            now = self._context.stamp()
            words.put(
                status,
                words.condition("Progressing", True, "NewReplicaSetCreated", text, now),
            )
            self._context.write_status(deployment, status, by=BY)
        self._has_moved(deployment)
        return created

    def _count_collision(self, deployment: Object) -> None:
        status = copied(deployment.get("status") or {})
        status["collisionCount"] = status.get("collisionCount", 0) + 1
        self._context.write_status(deployment, status, by=BY)

    def _forget_old(self, deployment: Object, others: Sequence[Object]) -> None:
        if not words.is_complete(deployment, deployment.get("status") or {}):
            return
        kept = deployment["spec"].get("revisionHistoryLimit", 10)
        idle = [one for one in others if not one["spec"].get("replicas")]
        for one in sorted(idle, key=words.revision_of)[: max(0, len(others) - kept)]:
            if not (one.get("status") or {}).get("replicas"):
                self._context.remove(one)

    def _fresh(self, deployment: Object) -> tuple[Object | None, list[Object]]:
        sets = self._context.view.controlled("ReplicaSet", deployment)
        new = _newest(deployment, sets)
        return new, [one for one in sets if one is not new]

    def _report(self, deployment: Object, new: Object | None, others: list[Object]) -> None:
        found = self._context.view.one("Deployment", *key_of(deployment))
        if found is None:
            return
        now = self._context.stamp()
        status = words.counted(found, new, others, now)
        if words.has_moved(found.get("status") or {}, status):
            self._has_moved(found)
        late = self._is_late(found)
        status = words.judged(found, status, new, others, is_late=late, now=now)
        self._context.write_status(found, status, by=BY)

    def _has_moved(self, deployment: Object) -> None:
        key = key_of(deployment)
        self._moved_at[key] = self._context.timers.now()
        if words.has_deadline(deployment):
            seconds = deployment["spec"].get("progressDeadlineSeconds", 600)
            self._context.timers.after(seconds + 1, lambda: self._context.again(self, key))

    def _is_late(self, deployment: Object) -> bool:
        moved_at = self._moved_at.get(key_of(deployment))
        deadline = deployment["spec"].get("progressDeadlineSeconds", 600)
        if moved_at is None or deadline is None:
            return False
        return bool(self._context.timers.now() - moved_at > deadline)

    def _tell(self, deployment: Object, message: str) -> None:
        self._context.teller.tell(_SOURCE, deployment, NORMAL, "ScalingReplicaSet", message)


def _newest(deployment: Object, sets: Sequence[Object]) -> Object | None:
    """The oldest ReplicaSet whose template, but for the hash, is the Deployment's."""
    wanted = deployment["spec"]["template"]
    found = [one for one in sets if _template_of(one) == wanted]
    return min(found, key=lambda one: one["metadata"]["creationTimestamp"], default=None)


def _template_of(replica_set: Object) -> Object:
    template: Object = replica_set["spec"]["template"]
    metadata = template.get("metadata") or {}
    labels = {name: text for name, text in metadata.get("labels", {}).items() if name != HASH}
    return {**template, "metadata": {**metadata, "labels": labels}}


def _replica_set(deployment: Object, revision: int) -> Object:
    metadata, spec = deployment["metadata"], deployment["spec"]
    collisions = (deployment.get("status") or {}).get("collisionCount", 0)
    mark = template_hash(spec["template"], collisions)
    template, selector = copied(spec["template"]), copied(spec["selector"])
    labels = template.setdefault("metadata", {}).setdefault("labels", {})
    labels[HASH] = mark
    selector.setdefault("matchLabels", {})[HASH] = mark
    annotations = {
        name: text
        for name, text in (metadata.get("annotations") or {}).items()
        if not name.startswith(_NOT_COPIED)
    }
    annotations |= {words.REVISION: str(revision), **_sizes(deployment)}
    made: Object = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{metadata['name'][:52]}-{mark}",
            "namespace": metadata["namespace"],
            "labels": dict(labels),
            "annotations": annotations,
            "ownerReferences": [owner_reference(deployment)],
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    }
    if spec.get("minReadySeconds"):
        made["spec"]["minReadySeconds"] = spec["minReadySeconds"]
    return made


def _sizes(deployment: Object) -> dict[str, str]:
    limits = words.limits_of(deployment)
    return {words.DESIRED: str(limits.replicas), words.MOST: str(limits.ceiling)}


def _called(sets: Iterable[Object], name: str) -> Object:
    return next(one for one in sets if one["metadata"]["name"] == name)
