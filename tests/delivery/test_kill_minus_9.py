"""A worker is killed at every point that it can be killed at, once at each, and another goes on.

Before, it was woken by many copies of every message in no order; at its death the broker loses
everything. Each object's resourceVersion moves once at most, nothing is deleted that was not
planned, every deed stands in the chain once, and no person has to help. What lies off the way of a
push is in `test_kill_in_corners.py`.
"""

from pathlib import Path

import pytest

import inference.tasks  # noqa: F401  (declares every point that a worker passes)
from inference import failpoints
from inference.accounts.models import User
from inference.clusters.models import Cluster
from tests.delivery.attendance import attended
from tests.delivery.invariants import Before, check
from tests.delivery.lives import Lives, die_and_go_on
from tests.delivery.peer import Peer
from tests.delivery.scenarios import objects, planned_way

pytestmark = [
    *(pytest.mark.failpoints, pytest.mark.postgres, pytest.mark.redis),
    pytest.mark.django_db(transaction=True),
]

OF_A_PUSH = [
    *("outbox.after_claim", "outbox.before_done", "start.before_commit", "start.after_commit"),
    *("push.begin", "lease.after_take", "push.before_met", "push.before_phase"),
    *("push.before_create_sent", "push.after_create_sent", "push.before_patch"),
    *("push.after_patch", "push.before_record", "push.after_record", "delete.before"),
    *("delete.after", "push.before_finish", "lease.before_give_back", "verify.before_finish"),
]
OF_THE_WAY = [
    *("submit.before_commit", "outbox.before_wake", "plan.after_dry_run", "plan.before_commit"),
    "approve.before_commit",
]
AGAIN = {"push.after_patch": 4, "push.after_record": 3, "push.before_phase": 3}
"""Points that are passed several times in a push: each time is another place to die."""
IN_A_CORNER = {
    *("outbox.before_release", "outbox.before_let_go", "push.before_say", "push.before_wait"),
    *("push.before_not_met", "start.before_say", "start.before_sent_back", "retry.before_commit"),
    *("plan.before_given_back", "expire.before_commit", "cluster.before_seen"),
    "health.before_reading",
}
"""Points that lie off the way, each with a test of its own."""


@pytest.mark.parametrize("point", OF_A_PUSH)
def test_a_push_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster, point: str
) -> None:
    scenario = objects(author, approver, east)
    before = Before(peer)

    die_and_go_on(lives, f"{point}:kill@1")

    check(peer, scenario, before)


@pytest.mark.parametrize(
    ("point", "occurrence"),
    [(point, number) for point, most in AGAIN.items() for number in range(2, most + 1)],
)
def test_a_push_survives_at_a_later_object(
    lives: Lives,
    author: User,
    approver: User,
    peer: Peer,
    east: Cluster,
    point: str,
    occurrence: int,
) -> None:
    scenario = objects(author, approver, east)
    before = Before(peer)

    die_and_go_on(lives, f"{point}:kill@{occurrence}")

    check(peer, scenario, before)


@pytest.mark.parametrize("point", OF_THE_WAY)
def test_the_way_from_a_draft_survives(
    lives: Lives,
    author: User,
    approver: User,
    peer: Peer,
    east: Cluster,
    tmp_path: Path,
    point: str,
) -> None:
    scenario = planned_way(author, east, peer)
    before = Before(peer)

    with attended(tmp_path, peer):
        die_and_go_on(lives, f"{point}:kill@1")

    check(peer, scenario, before)


def test_every_declared_point_is_one_that_this_suite_kills_at() -> None:
    declared = {point for point in failpoints.POINTS if not point.startswith("api.")}

    assert declared == {*OF_A_PUSH, *OF_THE_WAY, *IN_A_CORNER}
