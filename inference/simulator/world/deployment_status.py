"""What a Deployment says of itself: counts of its ReplicaSets, how the rollout goes. Pure."""

from collections.abc import Sequence

from inference.simulator.errors import Object
from inference.simulator.world import conditions
from inference.simulator.world.rollout import Bounds, Group, bounds

PREFIX = "deployment.kubernetes.io/"
REVISION, DESIRED, MOST = PREFIX + "revision", PREFIX + "desired-replicas", PREFIX + "max-replicas"
COMPLETE, TIMED_OUT = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"


def limits_of(deployment: Object) -> Bounds:
    spec = deployment["spec"]
    replicas = spec.get("replicas", 1)
    strategy = spec.get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return Bounds(replicas, 0, 0)
    rolling = strategy.get("rollingUpdate") or {}
    return bounds(replicas, rolling.get("maxSurge", "25%"), rolling.get("maxUnavailable", "25%"))


def group_of(replica_set: Object) -> Group:
    metadata = replica_set["metadata"]
    before = (metadata.get("annotations") or {}).get(MOST, "")
    return Group(
        name=metadata["name"],
        wanted=replica_set["spec"].get("replicas", 1),
        available=(replica_set.get("status") or {}).get("availableReplicas", 0),
        created=metadata.get("creationTimestamp", ""),
        ceiling_before=int(before) if before.isdigit() else None,
    )


def revision_of(obj: Object) -> int:
    text = (obj["metadata"].get("annotations") or {}).get(REVISION, "0")
    return int(text) if text.isdigit() else 0


def has_deadline(deployment: Object) -> bool:
    return deployment["spec"].get("progressDeadlineSeconds", 600) is not None


def counted(deployment: Object, new: Object | None, others: Sequence[Object], now: str) -> Object:
    """Everything of a status but how the rollout goes."""
    everything = [*others, new] if new else list(others)
    available = _sum(everything, "availableReplicas")
    standing = sum(one["spec"].get("replicas", 1) for one in everything)
    old = deployment.get("status") or {}
    counts = {
        "replicas": _sum(everything, "replicas"),
        "updatedReplicas": _sum([new] if new else [], "replicas"),
        "readyReplicas": _sum(everything, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, standing - available),
    }
    status: Object = {"observedGeneration": deployment["metadata"].get("generation", 1)}
    status |= {name: count for name, count in counts.items() if count}
    status["terminatingReplicas"] = _sum(everything, "terminatingReplicas")
    if "collisionCount" in old:
        status["collisionCount"] = old["collisionCount"]
    status["conditions"] = list(old.get("conditions") or ())
    limits = limits_of(deployment)
    enough = available >= limits.floor
    reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
    does = "has" if enough else "does not have"
    message = f"Deployment {does} minimum availability."
    put(status, condition("Available", enough, reason, message, now))
    return status


def judged(
    deployment: Object,
    status: Object,
    new: Object | None,
    others: Sequence[Object],
    *,
    is_late: bool,
    now: str,
) -> Object:
    """The status with its words on progress. `is_late`: nothing has moved for the deadline."""
    current = conditions.find(conditions.of(deployment), "Progressing")
    finished = (
        status.get("replicas", 0) == status.get("updatedReplicas", 0)
        and current is not None
        and current["reason"] == COMPLETE
    )
    if not has_deadline(deployment):
        drop(status, "Progressing")
    elif not finished:
        _progress(deployment, status, new, current, is_late=is_late, now=now)
    failure = _failure(new, others)
    if failure:
        put(status, failure)
    else:
        drop(status, "ReplicaFailure")
    return status


def _progress(
    deployment: Object,
    status: Object,
    new: Object | None,
    current: Object | None,
    *,
    is_late: bool,
    now: str,
) -> None:
    name = deployment["metadata"]["name"]
    who = f'ReplicaSet "{new["metadata"]["name"]}"' if new else f'Deployment "{name}"'
    if is_complete(deployment, status):
        put(
            status,
            condition("Progressing", True, COMPLETE, f"{who} has successfully progressed.", now),
        )
    elif has_moved(deployment.get("status") or {}, status):
        word = condition("Progressing", True, "ReplicaSetUpdated", f"{who} is progressing.", now)
        if current and current["status"] == "True":
            word["lastTransitionTime"] = current["lastTransitionTime"]
        drop(status, "Progressing")
        put(status, word)
    elif is_late and current and current["reason"] != COMPLETE:
        put(
            status,
            condition("Progressing", False, TIMED_OUT, f"{who} has timed out progressing.", now),
        )


def is_complete(deployment: Object, status: Object) -> bool:
    wanted = deployment["spec"].get("replicas", 1)
    names = ("updatedReplicas", "replicas", "availableReplicas")
    followed = status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 1)
    return followed and all(status.get(name, 0) == wanted for name in names)


def has_moved(old: Object, new: Object) -> bool:
    def left(status: Object) -> int:
        return int(status.get("replicas", 0) - status.get("updatedReplicas", 0))

    grew = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return left(new) < left(old) or any(new.get(name, 0) > old.get(name, 0) for name in grew)


def condition(kind: str, true: bool, reason: str, message: str, now: str) -> Object:
    return {
        "type": kind,
        "status": str(true),
        "lastUpdateTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def put(status: Object, word: Object) -> None:
    """Nothing changes while status and reason stay; the transition moves with the status only."""
    old = conditions.find(status.get("conditions") or (), word["type"])
    if old and (old["status"], old["reason"]) == (word["status"], word["reason"]):
        return
    if old and old["status"] == word["status"]:
        word = {**word, "lastTransitionTime": old["lastTransitionTime"]}
    drop(status, word["type"])
    status["conditions"] = [*(status.get("conditions") or ()), word]


def drop(status: Object, kind: str) -> None:
    status["conditions"] = [one for one in status.get("conditions") or () if one["type"] != kind]


def _failure(new: Object | None, others: Sequence[Object]) -> Object | None:
    """The new ReplicaSet's word before that of any other."""
    for one in [*([new] if new else []), *others]:
        found = conditions.find(conditions.of(one), "ReplicaFailure")
        if found:
            return {**found, "lastUpdateTime": found["lastTransitionTime"]}
    return None


def _sum(replica_sets: Sequence[Object], field: str) -> int:
    return sum((one.get("status") or {}).get(field, 0) for one in replica_sets)
