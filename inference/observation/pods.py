"""How far one pod has come, and what stops it: the first cause that matches. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from inference.messages import observation as messages
from inference.observation.ladder import (
    Readiness,
    Rung,
    condition,
    moving,
    reason_of,
    stopped,
    unreadable,
)
from inference.observation.summaries import Summary

_NO_IMAGE = {
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
}
_NO_START = {
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "CreatePodSandboxError",
    "PreStartHookError",
    "PostStartHookError",
}


@dataclass(frozen=True, slots=True)
class Pod:
    """`is_current`: of the newest ReplicaSet. `absent`: what it mounts and is known not to be.

    `is_new`: it has been as it is for moments only.
    """

    name: str
    summary: Summary
    is_current: bool = True
    absent: str = ""
    is_new: bool = False


def lowest(pods: Iterable[Pod]) -> Readiness | None:
    """What stops the pod that has come least far; one that waits for nobody speaks last.

    Pods that are ending count for nothing, those of older ReplicaSets and those that their node
    has ended only where there is no other.
    """
    alive = [pod for pod in pods if not pod.summary.get("is_ending")]
    current = [pod for pod in alive if pod.is_current] or alive
    lasting = [pod for pod in current if pod.summary.get("phase") != "Failed"] or current
    stops = [stop for pod in lasting if (stop := assess_pod(pod))]
    return min(stops, key=lambda stop: (stop.rung, stop.is_moving), default=None)


def assess_pod(pod: Pod) -> Readiness | None:
    """What stops this pod, or None when it is ready."""
    summary = pod.summary
    if summary.get("problem"):
        return unreadable(pod.name, Rung.ACCEPTED)
    if summary.get("phase") == "Failed":
        return stopped(
            Rung.ACCEPTED, messages.POD_FAILED, pod=pod.name, reason=reason_of(summary) or "Failed"
        )
    return _before_it_runs(pod) or _running(pod)


def _before_it_runs(pod: Pod) -> Readiness | None:
    summary = pod.summary
    if summary.get("gates"):
        return moving(Rung.ACCEPTED, messages.QUEUED, pod=pod.name, gate=summary["gates"][0])
    scheduled = condition(summary, "PodScheduled")
    if scheduled.get("status") == "False":
        reason = scheduled.get("message") or scheduled.get("reason")
        return stopped(Rung.ACCEPTED, messages.UNSCHEDULABLE, pod=pod.name, reason=reason)
    if not summary.get("containers"):
        if not summary.get("node"):
            reason = "no scheduler has looked at it"
            return moving(Rung.ACCEPTED, messages.STARTING, pod=pod.name, reason=reason)
        return _mounting(pod, "its node has it")
    return None


def _running(pod: Pod) -> Readiness | None:
    for container in pod.summary.get("containers", []):
        found = _container(pod, container)
        if found:
            return found
    ready = condition(pod.summary, "Ready")
    if ready.get("status") == "False":
        reason = reason_of(ready) or "it does not say why"
        return moving(Rung.WEIGHTS_LOADED, messages.POD_NOT_READY, pod=pod.name, reason=reason)
    return None


def _container(pod: Pod, one: Summary) -> Readiness | None:
    waiting = one.get("waiting", "")
    if waiting in _NO_IMAGE:
        reason = one.get("message") or waiting
        return stopped(Rung.SCHEDULED, messages.IMAGE_NOT_FOUND, pod=pod.name, reason=reason)
    if waiting in _NO_START:
        reason = one.get("message") or waiting
        return stopped(Rung.SCHEDULED, messages.CONFIGURATION_MISSING, pod=pod.name, reason=reason)
    if one.get("ready"):
        return None
    if one.get("started") and one.get("running_since"):
        say = moving if pod.is_new else stopped
        return say(Rung.WEIGHTS_LOADED, messages.NOT_ANSWERING, pod=pod.name)
    if one.get("ended"):
        return _ended(pod.name, one)
    if waiting:
        return _mounting(pod, one.get("message") or waiting)
    return moving(
        Rung.SCHEDULED, messages.LOADING, pod=pod.name, since=one.get("running_since") or "now"
    )


def _mounting(pod: Pod, reason: str) -> Readiness:
    """A volume that cannot be mounted shows in no status, only in what is known to be absent."""
    if pod.absent:
        return stopped(Rung.SCHEDULED, messages.MOUNT_MISSING, pod=pod.name, object=pod.absent)
    return moving(Rung.SCHEDULED, messages.STARTING, pod=pod.name, reason=reason)


def _ended(pod: str, one: Summary) -> Readiness:
    restarts = one.get("restarts", 0)
    if one["ended"] == "OOMKilled":
        return stopped(Rung.SCHEDULED, messages.OUT_OF_MEMORY, pod=pod, restarts=restarts)
    return stopped(
        Rung.SCHEDULED,
        messages.CRASHED,
        pod=pod,
        code=one.get("exit_code", 0),
        restarts=restarts,
        reason=one.get("last_words") or one["ended"],
    )
