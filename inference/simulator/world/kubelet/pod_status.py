"""What a pod says about itself, from what its containers say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.simulator.errors import Object
from inference.simulator.world import conditions

_FINISHED = {"Succeeded", "Failed"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One container at one moment."""

    name: str
    image: str
    state: Object
    last: Object
    restarts: int
    ready: bool
    started: bool
    identity: str = ""
    is_beside: bool = False


def phase_of(main: Sequence[Seen], policy: str) -> str:
    """A container that waits after a crash counts as one that has run."""
    ended = [one for one in main if "terminated" in one.state]
    if any("waiting" in one.state and not one.last for one in main):
        return "Pending"
    if len(ended) < len(main) or policy == "Always":
        return "Running"
    if all(one.state["terminated"]["exitCode"] == 0 for one in ended):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def status_of(
    pod: Object,
    seen: Sequence[Seen],
    *,
    address: str,
    host: str,
    has_sandbox: bool,
    initialized: bool,
    now: str,
) -> Object:
    """`address` is empty until the pod has its sandbox."""
    spec, before = pod["spec"], pod.get("status") or {}
    main = [one for one in seen if not one.is_beside]
    phase = phase_of(main, spec.get("restartPolicy", "Always"))
    status: Object = {
        **{name: before[name] for name in ("qosClass",) if name in before},
        "phase": phase,
        "conditions": _conditions(pod, seen, phase, has_sandbox, initialized, now),
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "startTime": before.get("startTime", now),
        "containerStatuses": [_status(one) for one in main],
        "qosClass": quality_of(spec),
    }
    if "generation" in pod["metadata"]:
        status["observedGeneration"] = pod["metadata"]["generation"]
    if address:
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    beside = [_status(one) for one in seen if one.is_beside]
    finished = [_done(one, now) for one in _plain_inits(spec)] if initialized else []
    if beside or finished:
        status["initContainerStatuses"] = [*finished, *beside]
    return status


def quality_of(spec: Object) -> str:
    """The class that decides who goes first when a node runs out of memory."""
    asked = [one.get("resources") or {} for one in spec["containers"]]
    if not any(one.get("requests") or one.get("limits") for one in asked):
        return "BestEffort"
    for one in asked:
        limits, requests = one.get("limits") or {}, one.get("requests") or {}
        for name in ("cpu", "memory"):
            if name not in limits or requests.get(name, limits[name]) != limits[name]:
                return "Burstable"
    return "Guaranteed"


def _conditions(
    pod: Object,
    seen: Sequence[Seen],
    phase: str,
    has_sandbox: bool,
    initialized: bool,
    now: str,
) -> list[Object]:
    before = conditions.of(pod)
    generation = pod["metadata"].get("generation")

    def say(kind: str, true: bool, reason: str = "", message: str = "") -> Object:
        return conditions.condition(
            kind, true, reason, message, now=now, before=before, generation=generation
        )

    unready = [one.name for one in seen if not one.ready]
    if phase in _FINISHED:
        why = ("PodCompleted" if phase == "Succeeded" else "PodFailed", "")
    elif unready:
        why = ("ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    else:
        why = ("", "")
    ready = not unready and phase not in _FINISHED
    waits = f"containers with incomplete status: [{' '.join(one['name'] for one in _inits(pod))}]"
    scheduled = conditions.find(before, "PodScheduled")
    return [
        say("PodReadyToStartContainers", has_sandbox),
        say("Initialized", True)
        if initialized
        else say("Initialized", False, "ContainersNotInitialized", waits),
        say("Ready", ready, *why),
        say("ContainersReady", ready, *why),
        *([scheduled] if scheduled else []),
    ]


def _inits(pod: Object) -> list[Object]:
    return list(pod["spec"].get("initContainers") or ())


def _plain_inits(spec: Object) -> list[Object]:
    inits = spec.get("initContainers") or ()
    return [one for one in inits if one.get("restartPolicy") != "Always"]


def _done(container: Object, now: str) -> Object:
    finished = {"exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now}
    seen = Seen(container["name"], container["image"], {"terminated": finished}, {}, 0, True, False)
    return _status(seen)


def _status(one: Seen) -> Object:
    status: Object = {
        "name": one.name,
        "state": one.state,
        "lastState": one.last,
        "ready": one.ready,
        "restartCount": one.restarts,
        "image": one.image,
        "imageID": one.image if one.identity else "",
        "started": one.started,
    }
    if one.identity:
        status["containerID"] = one.identity
    return status
