"""Where readiness stops, and the real reason: one case for each way not to be ready."""

from dataclasses import replace
from typing import Any

import pytest

from inference.messages import Message
from inference.messages import observation as messages
from inference.observation.assessment import (
    Blind,
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


def test_a_picker_is_missed_before_its_rights_are() -> None:
    found = assess_placement(replace(READY, picker=None, missing=["RoleBinding qwen-epp"]))

    assert (found.rung, found.message) == (Rung.ENGINE_READY, messages.NOT_SEEN)
    assert "endpoint picker" in found.sentence


@pytest.mark.parametrize(
    "one",
    [
        pod({"started": True, "state": {"running": {"startedAt": "t"}}}),
        pod({"started": False, "state": {"running": {"startedAt": "t"}}}),
        pod(crashed("Error", 2, "context cancelled")),
    ],
    ids=["silent", "never started", "dead"],
)
def test_a_picker_whose_rights_were_changed_says_so_when_it_does_not_come_up(one: Pod) -> None:
    facts = replace(READY, picker=workload(1, 0, one), changed=["Role qwen-epp"])

    found = assess_placement(facts)

    assert (found.rung, found.message) == (Rung.ENGINE_READY, messages.PICKER_RIGHTS_MISSING)


def test_a_picker_that_runs_well_does_not_mind_that_somebody_has_touched_its_role() -> None:
    assert assess_placement(replace(READY, changed=["Role qwen-epp"])).is_ready


def test_a_picker_that_starts_is_on_its_way_and_says_what_it_waits_for() -> None:
    facts = replace(READY, picker=workload(1, 0, pod(waiting("ContainerCreating"))))

    found = assess_placement(facts)

    assert (found.rung, found.message) == (Rung.ENGINE_READY, messages.PICKER_NOT_READY)
    assert found.is_moving
    assert "is being started" in found.sentence


def test_without_its_pool_a_placement_is_not_registered() -> None:
    found = assess_placement(replace(READY, has_pool=False))

    assert (found.rung, found.message) == (Rung.ENGINE_READY, messages.NOT_SEEN)


def with_condition(one: Workload, kind: str, status: str, reason: str, text: str) -> Workload:
    said = {"status": status, "reason": reason, "message": text, "generation": 0}
    return replace(one, summary={**one.summary, "conditions": {kind: said}})


QUOTA = 'pods "qwen-" is forbidden: exceeded quota: gpus'
LATE = ("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing.")


def test_pods_that_may_not_be_made_say_who_refuses() -> None:
    none = with_condition(workload(), "ReplicaFailure", "True", "FailedCreate", QUOTA)

    found = assess_placement(replace(READY, compute=none))

    assert (found.rung, found.message) == (Rung.ACCEPTED, messages.PODS_REFUSED)
    assert "exceeded quota" in found.sentence


def test_after_its_deadline_nothing_is_on_its_way() -> None:
    slow = pod({"started": False, "state": {"running": {"startedAt": "12:00"}}})
    late = with_condition(workload(1, 0, slow), *LATE)
    rolling = with_condition(workload(2, 1, READY_POD), *LATE)

    loading = assess_placement(replace(READY, compute=late))
    rolled = assess_placement(replace(READY, compute=rolling))

    assert (loading.message, loading.is_moving) == (messages.LOADING, False)
    assert (rolled.message, rolled.is_moving) == (messages.DEADLINE_EXCEEDED, False)
    assert "timed out" in rolled.sentence


def test_a_deployment_without_pods_is_on_its_way() -> None:
    found = assess_placement(replace(READY, compute=workload()))

    assert (found.rung, found.message, found.is_moving) == (Rung.ACCEPTED, messages.NO_PODS, True)


@pytest.mark.parametrize("kind", ["ReplicaSet", "Pod"])
def test_replicas_that_cannot_be_seen_are_counted_and_no_more(kind: str) -> None:
    facts = replace(READY, compute=workload(2, 1), blind={kind: Blind(messages.NEVER_OBSERVED)})

    found = assess_placement(facts)

    assert found.message is messages.PODS_UNSEEN
    assert "1 of 2" in found.sentence
    assert "No observer" in found.sentence


@pytest.mark.parametrize(
    ("kind", "rung"), [("Deployment", Rung.NOTHING), ("InferencePool", Rung.ENGINE_READY)]
)
def test_what_nobody_watches_is_unknown(kind: str, rung: Rung) -> None:
    found = assess_placement(replace(READY, blind={kind: Blind(messages.NEVER_OBSERVED)}))

    assert (found.is_known, found.is_ready, found.rung) == (False, False, rung)


def test_an_object_that_cannot_be_read_is_unknown() -> None:
    odd = replace(workload(1, 1), summary={"problem": "object-unreadable"})

    found = assess_placement(replace(READY, compute=odd))

    assert (found.is_known, found.message) == (False, messages.UNREADABLE)


def test_a_picker_that_makes_its_key_does_not_load_weights() -> None:
    one = pod({"started": False, "state": {"running": {"startedAt": "t"}}})

    found = assess_placement(replace(READY, picker=workload(1, 0, one)))

    assert (found.rung, found.message) == (Rung.ENGINE_READY, messages.PICKER_STARTING)
    assert found.is_moving
    assert found.sentence == ("The endpoint picker starts: qwen-1 takes no calls of gateways yet.")
