"""No deed of a worker leaves anything behind without a failpoint beside it."""

from copy import deepcopy

import pytest

import inference.tasks  # noqa: F401  (declares every point that a worker passes)
from inference import failpoints
from tests.delivery.points import IN_A_CORNER, OF_A_PUSH, OF_THE_WAY
from tests.delivery.side_effects import Code, points_passed

HEARTBEAT = "repeated every few seconds; nothing rests on a single one"
WITHOUT = {
    "inference.delivery.leases:Lease.renew": HEARTBEAT,
    "inference.outbox.running:renew": HEARTBEAT,
}
"""Side effects that need no failpoint, and why."""


@pytest.fixture(scope="module")
def read() -> Code:
    return Code()


def test_every_side_effect_of_a_worker_has_a_failpoint_beside_it(read: Code) -> None:
    assert set(read.uncovered()) == set(WITHOUT)


def test_every_point_that_is_passed_is_declared_and_the_other_way_round() -> None:
    assert points_passed() == declared()


def test_every_declared_point_is_one_that_workers_are_killed_at() -> None:
    assert declared() == {*OF_A_PUSH, *OF_THE_WAY, *IN_A_CORNER}


def declared() -> set[str]:
    return {point for point in failpoints.POINTS if not point.startswith("api.")}


@pytest.mark.parametrize(
    "place",
    [
        "inference.clusters.tasks:_write",
        "inference.delivery.apply:_put",
        "inference.delivery.recording:record",
        "inference.delivery.recording:say",
        "inference.outbox.running:_do",
    ],
)
def test_a_side_effect_whose_failpoint_is_taken_away_is_noticed(read: Code, place: str) -> None:
    code = deepcopy(read)
    code.functions[place].has_failpoint = False

    assert set(code.uncovered()) > set(WITHOUT)
