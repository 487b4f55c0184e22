"""How far something has come, and what stops it there: from summaries to one rung. Pure.

The ladder: accepted, scheduled, weights loaded, engine ready, registered at the picker, routable,
first token. The last is not seen here: only a request tells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from inference.messages import Message
from inference.messages import observation as messages
from inference.observation.summaries import Summary


class Rung(IntEnum):
    """Each stands on all before it."""

    NOTHING = 0
    ACCEPTED = 1
    SCHEDULED = 2
    WEIGHTS_LOADED = 3
    ENGINE_READY = 4
    REGISTERED = 5
    ROUTABLE = 6
    FIRST_TOKEN = 7

    @property
    def label(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Readiness:
    """The rung that was reached, and why it is not the next one."""

    rung: Rung
    is_ready: bool
    message: Message
    params: dict[str, Any] = field(default_factory=dict)
    is_known: bool = True

    @property
    def sentence(self) -> str:
        return self.message.text(**self.params)


@dataclass(frozen=True, slots=True)
class Pod:
    name: str
    summary: Summary


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment as last seen, with its pods. `generation` is followed when `observed` is."""

    name: str
    generation: int
    observed: int
    summary: Summary
    pods: Sequence[Pod]


@dataclass(frozen=True, slots=True)
class PlacementFacts:
    """What was seen of one placement. `missing` names our own objects that are not there."""

    compute: Workload | None
    picker: Workload | None
    has_pool: bool
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """What was seen of one route and of the gateway that it attaches to."""

    gateway_name: str
    gateway: Summary | None
    route: Summary | None
    generation: int = 0


def assess_placement(facts: PlacementFacts) -> Readiness:
    """Up to the rung where a placement is registered at its picker."""
    if facts.compute is None:
        return _no(Rung.NOTHING, messages.NOT_SEEN, object="The Deployment")
    if facts.compute.summary.get("wanted") == 0:
        return Readiness(Rung.REGISTERED, True, messages.PAUSED)
    stopped = _workload(facts.compute)
    if stopped:
        return stopped
    return _picker(facts) or Readiness(Rung.REGISTERED, True, messages.READY)


def assess_route(facts: RouteFacts) -> Readiness:
    """Whether the gateway takes the route and can resolve what it names."""
    if facts.route is None:
        return _no(Rung.NOTHING, messages.NOT_SEEN, object="The HTTPRoute")
    if facts.gateway is None:
        return _no(Rung.ACCEPTED, messages.GATEWAY_NOT_SEEN, gateway=facts.gateway_name)
    programmed = facts.gateway.get("conditions", {}).get("Programmed", {})
    if programmed.get("status") != "True":
        reason = _reason(programmed) or "no controller has said so"
        return _no(
            Rung.ACCEPTED,
            messages.GATEWAY_NOT_PROGRAMMED,
            gateway=facts.gateway_name,
            reason=reason,
        )
    return _parents(facts)


def _parents(facts: RouteFacts) -> Readiness:
    parents = [one for one in (facts.route or {}).get("parents", []) if one.get("conditions")]
    if not parents:
        return _no(Rung.ACCEPTED, messages.ROUTE_NOT_JUDGED)
    asked = (("Accepted", messages.ROUTE_NOT_ACCEPTED), ("ResolvedRefs", messages.ROUTE_UNRESOLVED))
    for kind, message in asked:
        for parent in parents:
            said = parent["conditions"].get(kind, {})
            if said.get("status") != "True":
                reason = _reason(said) or "nothing was said"
                return _no(Rung.ACCEPTED, message, reason=reason)
            if said.get("generation", 0) < facts.generation:
                return _no(Rung.ACCEPTED, messages.ROUTE_NOT_JUDGED)
    return Readiness(Rung.ROUTABLE, True, messages.READY)


def _workload(workload: Workload) -> Readiness | None:
    """What keeps the replicas from being ready, or None."""
    summary = workload.summary
    wanted, ready = summary.get("wanted", 0), summary.get("readyReplicas", 0)
    followed = workload.observed >= workload.generation
    if followed and _is_rolled_out(summary):
        return None
    failure = summary.get("conditions", {}).get("ReplicaFailure", {})
    if failure.get("status") == "True":
        return _no(Rung.ACCEPTED, messages.PODS_REFUSED, reason=_reason(failure))
    if not workload.pods:
        return _no(Rung.ACCEPTED, messages.NO_PODS)
    stops = [stop for pod in workload.pods if (stop := assess_pod(pod))]
    if stops:
        return min(stops, key=lambda stop: stop.rung)
    return _no(Rung.WEIGHTS_LOADED, messages.ROLLING_OUT, ready=ready, wanted=wanted)


def _is_rolled_out(summary: Summary) -> bool:
    wanted = summary.get("wanted", 0)
    counts = [summary.get(name, 0) for name in ("readyReplicas", "updatedReplicas", "replicas")]
    return all(count == wanted for count in counts)


def assess_pod(pod: Pod) -> Readiness | None:
    """What stops this pod, or None when it is ready. The first that matches."""
    summary = pod.summary
    if summary.get("gates"):
        return _no(Rung.ACCEPTED, messages.QUEUED, pod=pod.name, gate=summary["gates"][0])
    scheduled = summary.get("conditions", {}).get("PodScheduled", {})
    if scheduled.get("status") == "False":
        reason = scheduled.get("message") or scheduled.get("reason")
        return _no(Rung.ACCEPTED, messages.UNSCHEDULABLE, pod=pod.name, reason=reason)
    for container in summary.get("containers", []):
        stopped = _container(pod.name, container)
        if stopped:
            return stopped
    if not summary.get("containers"):
        rung = Rung.SCHEDULED if summary.get("node") else Rung.ACCEPTED
        return _no(rung, messages.STARTING, pod=pod.name, reason="the node has it")
    return None


def _container(pod: str, one: Summary) -> Readiness | None:
    waiting = one.get("waiting", "")
    if waiting in {"ErrImagePull", "ImagePullBackOff", "InvalidImageName"}:
        reason = one.get("message") or waiting
        return _no(Rung.SCHEDULED, messages.IMAGE_NOT_FOUND, pod=pod, reason=reason)
    if waiting in {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}:
        reason = one.get("message") or waiting
        return _no(Rung.SCHEDULED, messages.CONFIGURATION_MISSING, pod=pod, reason=reason)
    if one.get("ended") and not one.get("ready"):
        return _ended(pod, one)
    if waiting:
        reason = one.get("message") or waiting
        return _no(Rung.SCHEDULED, messages.STARTING, pod=pod, reason=reason)
    if not one.get("started"):
        return _no(Rung.SCHEDULED, messages.LOADING, pod=pod, since=one.get("running_since"))
    if not one.get("ready"):
        return _no(Rung.WEIGHTS_LOADED, messages.NOT_ANSWERING, pod=pod)
    return None


def _ended(pod: str, one: Summary) -> Readiness:
    if one["ended"] == "OOMKilled":
        return _no(Rung.SCHEDULED, messages.OUT_OF_MEMORY, pod=pod, restarts=one.get("restarts", 0))
    return _no(
        Rung.SCHEDULED,
        messages.CRASHED,
        pod=pod,
        code=one.get("exit_code", 0),
        restarts=one.get("restarts", 0),
        reason=one.get("last_words") or one["ended"],
    )


def _picker(facts: PlacementFacts) -> Readiness | None:
    """Why endpoints are not picked: its rights first, because it does not say so itself."""
    rung = Rung.ENGINE_READY
    if facts.missing:
        return _no(rung, messages.PICKER_RIGHTS_MISSING, object=facts.missing[0])
    if not facts.has_pool:
        return _no(rung, messages.NOT_SEEN, object="The InferencePool")
    if facts.picker is None:
        return _no(rung, messages.NOT_SEEN, object="The endpoint picker")
    stopped = _workload(facts.picker)
    if stopped is None:
        return None
    if stopped.message is messages.CRASHED:
        return _no(rung, messages.PICKER_CONFIGURATION, reason=stopped.params.get("reason", ""))
    return _no(rung, messages.PICKER_NOT_READY, reason=stopped.sentence)


def _reason(condition: Summary) -> str:
    parts: Iterable[str] = (condition.get("reason", ""), condition.get("message", ""))
    return ": ".join(part for part in parts if part)


def _no(rung: Rung, message: Message, **params: Any) -> Readiness:
    return Readiness(rung, False, message, params)
