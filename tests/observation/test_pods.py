"""How far one pod has come, and which of several speaks for its workload."""

from dataclasses import replace
from typing import Any

import pytest

from inference.messages import Message
from inference.messages import observation as messages
from inference.observation.ladder import Rung
from inference.observation.pods import Pod, assess_pod, lowest
from inference.observation.summaries import summary_of

Object = dict[str, Any]
SCHEDULED = {"type": "PodScheduled", "status": "True"}
RUNNING = {"running": {"startedAt": "2026-06-01T12:00:00Z"}}


def pod(*containers: Object, name: str = "qwen-1", spec: Object | None = None, **more: Any) -> Pod:
    status: Object = {"phase": "Running", "conditions": [SCHEDULED], **more}
    status["containerStatuses"] = [{"name": f"c{n}", **one} for n, one in enumerate(containers)]
    spec = {"nodeName": "node-1"} if spec is None else spec
    return Pod(name, summary_of({"kind": "Pod", "spec": spec, "status": status}))


def waiting(reason: str, message: str = "", **more: Any) -> Object:
    return {"state": {"waiting": {"reason": reason, "message": message}}, **more}


def ended(reason: str, code: int, message: str = "", **more: Any) -> Object:
    last = {"terminated": {"reason": reason, "exitCode": code, "message": message}}
    return {"lastState": last, **waiting("CrashLoopBackOff", "back-off 10s"), **more}


READY = {"ready": True, "started": True, "state": RUNNING}
LOADING = {"ready": False, "started": False, "state": RUNNING}
SILENT = {"ready": False, "started": True, "state": RUNNING}
UNSCHEDULABLE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.",
}
GATED = {"nodeName": "", "schedulingGates": [{"name": "kueue.x-k8s.io/admission"}]}
NEW = replace(pod(SILENT), is_new=True)
UNREADABLE = Pod("qwen-1", {"problem": "object-unreadable"})

S, W, A = Rung.SCHEDULED, Rung.WEIGHTS_LOADED, Rung.ACCEPTED
STOPS: list[tuple[Pod, Rung, Message, str, bool]] = [
    (pod(spec=GATED), A, messages.QUEUED, "kueue.x-k8s.io/admission", True),
    (pod(conditions=[UNSCHEDULABLE], spec={}), A, messages.UNSCHEDULABLE, "2 Insufficient", False),
    (pod(conditions=[], spec={}), A, messages.STARTING, "no scheduler", True),
    (pod(), S, messages.STARTING, "its node has it", True),
    (pod(waiting("ContainerCreating")), S, messages.STARTING, "ContainerCreating", True),
    (
        replace(pod(waiting("ContainerCreating")), absent="ConfigMap qwen-epp"),
        S,
        messages.MOUNT_MISSING,
        "ConfigMap qwen-epp",
        False,
    ),
    (replace(pod(), absent="ConfigMap x"), S, messages.MOUNT_MISSING, "ConfigMap x", False),
    *(
        (pod(waiting(reason, "manifest unknown")), S, messages.IMAGE_NOT_FOUND, "manifest", False)
        for reason in (
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "ErrImageNeverPull",
            "ImageInspectError",
            "RegistryUnavailable",
            "SignatureValidationFailed",
        )
    ),
    (pod(waiting("ErrImagePull")), S, messages.IMAGE_NOT_FOUND, "ErrImagePull", False),
    *(
        (pod(waiting(reason, 'secret "hf"')), S, messages.CONFIGURATION_MISSING, '"hf"', False)
        for reason in (
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError",
            "CreatePodSandboxError",
            "PreStartHookError",
            "PostStartHookError",
        )
    ),
    (pod(LOADING), S, messages.LOADING, "since 2026-06-01", True),
    (pod(ended("OOMKilled", 137, restartCount=3)), S, messages.OUT_OF_MEMORY, "3", False),
    (
        pod(ended("OOMKilled", 137) | {"state": RUNNING, "started": False}),
        S,
        messages.OUT_OF_MEMORY,
        "",
        False,
    ),
    (
        pod(ended("Error", 2, "ValueError: no such dtype", restartCount=4)),
        S,
        messages.CRASHED,
        "code 2, 4 restarts: ValueError: no such dtype",
        False,
    ),
    (pod(ended("Completed", 0)), S, messages.CRASHED, "code 0, 0 restarts: Completed", False),
    (
        pod({"state": {"terminated": {"reason": "Error", "exitCode": 3}}}),
        S,
        messages.CRASHED,
        "code 3",
        False,
    ),
    (pod(SILENT), W, messages.NOT_ANSWERING, "readiness probe", False),
    (NEW, W, messages.NOT_ANSWERING, "readiness probe", True),
    (
        pod(READY, conditions=[SCHEDULED, {"type": "Ready", "status": "False", "reason": "Gate"}]),
        W,
        messages.POD_NOT_READY,
        "Gate",
        True,
    ),
    (pod(READY, SILENT), W, messages.NOT_ANSWERING, "", False),
    (pod(READY, waiting("ErrImagePull")), S, messages.IMAGE_NOT_FOUND, "", False),
    (
        pod(phase="Failed", reason="Evicted", message="low on memory"),
        A,
        messages.POD_FAILED,
        "Evicted: low on memory",
        False,
    ),
    (UNREADABLE, A, messages.UNREADABLE, "qwen-1", False),
]


@pytest.mark.parametrize(
    ("one", "rung", "message", "reason", "is_moving"),
    STOPS,
    ids=[f"{number}-{stop[2].code}" for number, stop in enumerate(STOPS)],
)
def test_a_pod_stops_at_its_rung_with_its_reason(
    one: Pod, rung: Rung, message: Message, reason: str, is_moving: bool
) -> None:
    found = assess_pod(one)

    assert found is not None
    assert (found.rung, found.message, found.is_moving) == (rung, message, is_moving)
    assert reason in found.sentence
    assert not found.is_ready


def test_a_pod_with_all_its_containers_ready_stops_nowhere() -> None:
    assert assess_pod(pod(READY, READY)) is None


def test_one_that_crashed_before_and_is_ready_now_is_ready() -> None:
    assert assess_pod(pod(ended("OOMKilled", 137) | READY)) is None


def called(name: str, one: Pod, **more: Any) -> Pod:
    return replace(one, name=name, **more)


def test_the_pod_that_has_come_least_far_speaks() -> None:
    pods = [called("a", pod(SILENT)), called("b", pod(waiting("ErrImagePull"))), pod(READY)]

    found = lowest(pods)

    assert found is not None
    assert found.params["pod"] == "b"


def test_of_one_rung_the_one_that_needs_somebody_speaks_first() -> None:
    pods = [called("a", pod(LOADING)), called("b", pod(ended("Error", 1)))]

    found = lowest(pods)

    assert found is not None
    assert found.params["pod"] == "b"


@pytest.mark.parametrize(
    "silent",
    [
        replace(pod(waiting("ErrImagePull"), name="old"), is_current=False),
        Pod("ending", pod(waiting("ErrImagePull")).summary | {"is_ending": True}),
        pod(name="evicted", phase="Failed", reason="Evicted"),
    ],
)
def test_pods_that_are_on_their_way_out_are_silent_beside_others(silent: Pod) -> None:
    found = lowest([silent, called("new", pod(LOADING))])

    assert found is not None
    assert found.params["pod"] == "new"


@pytest.mark.parametrize(
    "only",
    [
        replace(pod(waiting("ErrImagePull")), is_current=False),
        pod(phase="Failed", reason="Evicted"),
    ],
)
def test_where_there_is_no_other_they_speak(only: Pod) -> None:
    assert lowest([only]) is not None


def test_no_pods_say_nothing() -> None:
    assert lowest([]) is None
