"""How far a placement has come, and what stops it there: from summaries to one rung. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from inference.messages import observation as messages
from inference.observation.ladder import (
    Blind,
    BlindTo,
    Readiness,
    Rung,
    condition,
    moving,
    reason_of,
    stopped,
    unknown,
    unreadable,
)
from inference.observation.pods import Pod, lowest
from inference.observation.summaries import Summary

__all__ = [
    "Blind",
    "PlacementFacts",
    "Pod",
    "Readiness",
    "Rung",
    "Workload",
    "assess_picker",
    "assess_placement",
]

RIGHTS = ("ServiceAccount", "Role", "RoleBinding")
"""What a picker needs beside its Deployment, all under one name."""


_OF_RIGHTS = {messages.NOT_ANSWERING, messages.CRASHED, messages.LOADING}
"""What a picker that may not list looks like from outside."""


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
    """What was seen of one placement. `missing` names our own objects that are not there, `changed`
    those that somebody else has changed; `blind` says which kinds nobody watches."""

    compute: Workload | None
    picker: Workload | None
    has_pool: bool
    missing: Sequence[str] = ()
    changed: Sequence[str] = ()
    blind: BlindTo = field(default_factory=dict[str, Blind])


def assess_placement(facts: PlacementFacts) -> Readiness:
    """Up to the rung where a placement is registered at its picker."""
    if "Deployment" in facts.blind:
        return unknown(facts.blind["Deployment"])
    if facts.compute is None:
        return stopped(Rung.NOTHING, messages.NOT_SEEN, object="The Deployment")
    stop = _workload(facts.compute, facts.blind)
    if stop:
        return stop
    if facts.compute.summary.get("wanted") == 0:
        return Readiness(Rung.REGISTERED, True, messages.PAUSED)
    return assess_picker(facts) or Readiness(Rung.REGISTERED, True, messages.READY)


def _workload(workload: Workload, blind: BlindTo) -> Readiness | None:
    """What keeps the replicas from being ready, or None."""
    summary = workload.summary
    if summary.get("problem"):
        return unreadable(workload.name)
    if workload.observed < workload.generation:
        return moving(Rung.ACCEPTED, messages.NOT_FOLLOWED, object=f"Deployment {workload.name}")
    if _is_rolled_out(summary):
        return None
    failure = condition(summary, "ReplicaFailure")
    if failure.get("status") == "True":
        return stopped(Rung.ACCEPTED, messages.PODS_REFUSED, reason=reason_of(failure))
    stop = _pods(workload, blind)
    if condition(summary, "Progressing").get("status") == "False":
        return _late(workload, stop)
    return stop


def _pods(workload: Workload, blind: BlindTo) -> Readiness:
    summary = workload.summary
    counts = {"ready": summary.get("readyReplicas", 0), "wanted": summary.get("wanted", 0)}
    for kind in ("ReplicaSet", "Pod"):
        if kind in blind:
            reason = blind[kind].sentence
            return stopped(Rung.ACCEPTED, messages.PODS_UNSEEN, reason=reason, **counts)
    if not workload.pods:
        return moving(Rung.ACCEPTED, messages.NO_PODS)
    return lowest(workload.pods) or moving(Rung.WEIGHTS_LOADED, messages.ROLLING_OUT, **counts)


def _late(workload: Workload, stop: Readiness) -> Readiness:
    """The controller has given up waiting: what looked like moving is not."""
    if stop.message not in {messages.ROLLING_OUT, messages.NO_PODS}:
        return replace(stop, is_moving=False)
    summary = workload.summary
    return stopped(
        stop.rung,
        messages.DEADLINE_EXCEEDED,
        ready=summary.get("readyReplicas", 0),
        wanted=summary.get("wanted", 0),
        reason=reason_of(condition(summary, "Progressing")),
    )


def _is_rolled_out(summary: Summary) -> bool:
    wanted = summary.get("wanted", 0)
    counts = [summary.get(name, 0) for name in ("readyReplicas", "updatedReplicas", "replicas")]
    return all(count == wanted for count in counts)


def assess_picker(facts: PlacementFacts) -> Readiness | None:
    """Why endpoints are not picked, or None: missing rights first, as it does not say so itself."""
    rung = Rung.ENGINE_READY
    if facts.picker is None:
        return stopped(rung, messages.NOT_SEEN, object="The endpoint picker")
    if facts.missing:
        return stopped(rung, messages.PICKER_RIGHTS_MISSING, object=facts.missing[0])
    if "InferencePool" in facts.blind:
        return unknown(facts.blind["InferencePool"], rung)
    if not facts.has_pool:
        return stopped(rung, messages.NOT_SEEN, object="The InferencePool")
    stop = _workload(facts.picker, facts.blind)
    return _of_picker(facts, stop, rung) if stop else None


def _of_picker(facts: PlacementFacts, stop: Readiness, rung: Rung) -> Readiness:
    """What stops its Deployment, in words of its own."""
    if facts.changed and stop.message in _OF_RIGHTS:
        return stopped(rung, messages.PICKER_RIGHTS_MISSING, object=facts.changed[0])
    if stop.message is messages.CRASHED:
        return stopped(rung, messages.PICKER_CONFIGURATION, reason=stop.params.get("reason", ""))
    if stop.message is messages.LOADING:
        return moving(rung, messages.PICKER_STARTING, pod=stop.params.get("pod", ""))
    return replace(
        stop, rung=rung, message=messages.PICKER_NOT_READY, params={"reason": stop.sentence}
    )
