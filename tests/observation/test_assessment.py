"""Where readiness stops, and the real reason: one case for each way not to be ready."""

from dataclasses import replace
from typing import Any

import pytest

from inference.messages import Message
from inference.messages import observation as messages
from inference.observation.assessment import (
    PlacementFacts,
    Pod,
    Rung,
    Workload,
    assess_placement,
)
from inference.observation.summaries import summary_of

SCHEDULED = {"type": "PodScheduled", "status": "True"}


def workload(wanted: int = 1, ready: int = 0, *pods: Pod, generation: int = 1) -> Workload:
    counts = {"replicas": wanted, "readyReplicas": ready, "updatedReplicas": wanted}
    summary = {"wanted": wanted, "availableReplicas": ready, "conditions": {}, **counts}
    return Workload("qwen", generation, 1, summary, pods)


def pod(container: dict[str, Any] | None = None, **status: Any) -> Pod:
    containers = [] if container is None else [{"name": "modelserver", **container}]
    found = {"conditions": [SCHEDULED], "containerStatuses": containers, **status}
    return Pod("qwen-1", summary_of({"kind": "Pod", "spec": {"nodeName": "n1"}, "status": found}))


READY_POD = pod({"ready": True, "started": True, "state": {"running": {"startedAt": "t"}}})
READY = PlacementFacts(workload(1, 1, READY_POD), workload(1, 1, READY_POD), has_pool=True)


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason, "message": message}}}


def crashed(reason: str, code: int, message: str = "") -> dict[str, Any]:
    ended = {"reason": reason, "exitCode": code, "message": message}
    return {
        "restartCount": 3,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": ended},
    }


UNSCHEDULABLE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.",
}

STOPS: list[tuple[str, Pod, Rung, Message, str]] = [
    (
        "image not found",
        pod(waiting("ImagePullBackOff", "manifest unknown")),
        Rung.SCHEDULED,
        messages.IMAGE_NOT_FOUND,
        "manifest unknown",
    ),
    (
        "out of memory",
        pod(crashed("OOMKilled", 137)),
        Rung.SCHEDULED,
        messages.OUT_OF_MEMORY,
        "restarts until now: 3",
    ),
    (
        "crash at start",
        pod(crashed("Error", 2, "unrecognized arguments: --fast")),
        Rung.SCHEDULED,
        messages.CRASHED,
        "unrecognized arguments: --fast",
    ),
    (
        "slow load",
        pod({"started": False, "state": {"running": {"startedAt": "12:00"}}}),
        Rung.SCHEDULED,
        messages.LOADING,
        "since 12:00",
    ),
    (
        "readiness that hangs",
        pod({"started": True, "ready": False, "state": {"running": {"startedAt": "t"}}}),
        Rung.WEIGHTS_LOADED,
        messages.NOT_ANSWERING,
        "readiness probe",
    ),
    (
        "no room on the nodes",
        pod(conditions=[UNSCHEDULABLE]),
        Rung.ACCEPTED,
        messages.UNSCHEDULABLE,
        "2 Insufficient nvidia.com/gpu",
    ),
    (
        "missing secret",
        pod(waiting("CreateContainerConfigError", 'secret "hf" not found')),
        Rung.SCHEDULED,
        messages.CONFIGURATION_MISSING,
        'secret "hf" not found',
    ),
]


@pytest.mark.parametrize(
    ("one", "rung", "message", "reason"), [stop[1:] for stop in STOPS], ids=[s[0] for s in STOPS]
)
def test_a_pod_stops_the_placement_at_its_rung(
    one: Pod, rung: Rung, message: Message, reason: str
) -> None:
    found = assess_placement(replace(READY, compute=workload(1, 0, one)))

    assert (found.rung, found.message, found.is_ready) == (rung, message, False)
    assert reason in found.sentence


def test_a_placement_with_everything_is_registered() -> None:
    found = assess_placement(READY)

    assert (found.rung, found.is_ready) == (Rung.REGISTERED, True)


def test_a_placement_without_replicas_is_paused_and_not_late() -> None:
    found = assess_placement(replace(READY, compute=workload(0, 0)))

    assert (found.is_ready, found.message) == (True, messages.PAUSED)


def test_counts_of_an_older_generation_are_not_trusted() -> None:
    old = workload(1, 1, READY_POD, generation=2)

    assert not assess_placement(replace(READY, compute=old)).is_ready


def test_an_unknown_plugin_speaks_with_the_pickers_last_words() -> None:
    last = pod(crashed("Error", 1, "plugin type no-hit-lru-scorer is not registered"))

    found = assess_placement(replace(READY, picker=workload(1, 0, last)))

    assert (found.rung, found.message) == (Rung.ENGINE_READY, messages.PICKER_CONFIGURATION)
    assert "no-hit-lru-scorer" in found.sentence


def test_a_picker_without_its_role_is_told_by_what_is_missing() -> None:
    found = assess_placement(replace(READY, missing=["Role qwen-epp"]))

    assert (found.rung, found.message) == (Rung.ENGINE_READY, messages.PICKER_RIGHTS_MISSING)
    assert "Role qwen-epp" in found.sentence
