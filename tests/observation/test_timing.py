"""What the cluster tells of the time that a pod took, and what nobody knows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inference.observation.ladder import Rung
from inference.observation.summaries import summary_of
from inference.observation.timing import Times, times_of

MADE = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(seconds: int) -> str:
    return (MADE + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def said(kind: str, status: str, seconds: int) -> dict[str, Any]:
    return {"type": kind, "status": status, "lastTransitionTime": at(seconds)}


def summary(*conditions: dict[str, Any], **running: int) -> dict[str, Any]:
    containers = [
        {"name": name, "state": {"running": {"startedAt": at(seconds)}}}
        for name, seconds in running.items()
    ]
    status = {"conditions": list(conditions), "containerStatuses": containers}
    return summary_of({"kind": "Pod", "metadata": {"creationTimestamp": at(0)}, "status": status})


def test_one_that_is_ready_tells_what_each_rung_took() -> None:
    pod = summary(
        said("PodScheduled", "True", 4), said("Ready", "True", 700), proxy=5, modelserver=70
    )

    assert times_of(pod, Rung.ENGINE_READY) == Times(
        MADE,
        {Rung.SCHEDULED: timedelta(seconds=4), Rung.ENGINE_READY: timedelta(seconds=630)},
    )


@pytest.mark.parametrize(
    ("reached", "seconds"),
    [(Rung.ACCEPTED, 4), (Rung.SCHEDULED, 70), (Rung.WEIGHTS_LOADED, 6)],
)
def test_one_that_is_not_tells_since_when_it_stands_there(reached: Rung, seconds: int) -> None:
    pod = summary(said("PodScheduled", "True", 4), said("Ready", "False", 6), modelserver=70)

    found = times_of(pod, reached)

    assert found.since == MADE + timedelta(seconds=seconds)
    assert Rung.ENGINE_READY not in found.took


def test_the_engine_is_timed_from_its_last_start() -> None:
    pod = summary(said("Ready", "True", 700), modelserver=690)

    assert times_of(pod, Rung.ENGINE_READY).took == {Rung.ENGINE_READY: timedelta(seconds=10)}


def test_of_several_containers_without_its_name_none_is_taken_for_the_engine() -> None:
    pod = summary(said("Ready", "True", 700), one=5, other=6)

    assert times_of(pod, Rung.ENGINE_READY).took == {}


@pytest.mark.parametrize("text", ["", "yesterday", "2026-06-01T12:00:00", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_not_told(text: str) -> None:
    conditions = {"PodScheduled": {"since": text}, "Ready": {"since": text}}
    containers = [{"name": "modelserver", "running_since": text}]
    pod = {"made": text, "conditions": conditions, "containers": containers}

    assert times_of(pod, Rung.ENGINE_READY) == Times()


def test_clocks_that_disagree_make_no_time_less_than_nothing() -> None:
    pod = summary(said("PodScheduled", "True", -3), said("Ready", "True", 1), modelserver=2)

    assert times_of(pod, Rung.ENGINE_READY).took == {}


def test_a_row_of_before_tells_nothing() -> None:
    assert times_of({"conditions": {"Ready": {"status": "True"}}}, Rung.ENGINE_READY) == Times()
