"""What schedulers say at length, in the words of an answer."""

import pytest

from inference.messages import observation as messages
from inference.observation.brevity import no_room
from inference.observation.ladder import Rung, stopped

TAIL = (
    " no new claims to deallocate, preemption: 0/4 nodes are available: 1 Preemption is not"
    " helpful for scheduling, 3 No preemption victims found for incoming pod."
)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "0/4 nodes are available: 1 node(s) had untolerated taint {nvidia.com/gpu: present},"
            " 3 Insufficient nvidia.com/gpu." + TAIL,
            "No node has room: 0 of 4 nodes fit, 3 lack nvidia.com/gpu, 1 is tainted.",
        ),
        (
            ("0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are"
            " available: 1 No preemption victims found for incoming pod."),
            "No node has room: the one node does not fit, 1 lacks nvidia.com/gpu.",
        ),
        (
            ("0/5 nodes are available: 2 node(s) didn't match Pod's node affinity/selector,"
            " 2 node(s) were unschedulable, 1 Too many pods."),
            ("No node has room: 0 of 5 nodes fit, 2 are not among those it may use, 2 are cordoned,"
            " 1 has no place for a pod."),
        ),
        (
            "0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports",
            ("No node has room: 0 of 3 nodes fit, 3 didn't have free ports for the requested pod"
            " ports."),
        ),
        ("0/3 nodes are available: 1 Insufficient cpu, 1 Insufficient cpu.",
         "No node has room: 0 of 3 nodes fit, 1 lacks cpu."),
        ("no nodes available to schedule pods", ""),
        ("Unschedulable", ""),
    ],
)  # fmt: skip
def test_a_scheduler_is_told_in_short(message: str, said: str) -> None:
    assert no_room(message) == said


def test_an_answer_is_short_and_the_rung_says_all() -> None:
    long = "0/2 nodes are available: 2 Insufficient nvidia.com/gpu." + TAIL
    found = stopped(Rung.ACCEPTED, messages.UNSCHEDULABLE, pod="qwen-1", reason=long)

    assert found.brief == "No node has room: 0 of 2 nodes fit, 2 lack nvidia.com/gpu."
    assert found.sentence == f"No node takes qwen-1: {long}"


def test_what_has_no_short_form_is_said_whole() -> None:
    unsaid = stopped(Rung.ACCEPTED, messages.UNSCHEDULABLE, pod="qwen-1", reason="Unschedulable")
    other = stopped(Rung.SCHEDULED, messages.NOT_ANSWERING, pod="qwen-1")

    assert unsaid.brief == unsaid.sentence
    assert other.brief == other.sentence
