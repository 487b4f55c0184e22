"""A worker is killed at every point that it can be killed at, once at each, and another goes on.

Before, it was woken by many copies of every message in no order; at its death the broker loses
everything. Each object's resourceVersion moves once at most, nothing is deleted that was not
planned, every deed stands in the chain once, and no person has to help.
"""

from pathlib import Path

import pytest

import inference.tasks  # noqa: F401  (declares every point that a worker passes)
from inference import failpoints
from inference.accounts.models import User
from inference.audit.models import AuditEvent
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from tests.delivery.invariants import Before, check
from tests.delivery.lives import Lives
from tests.delivery.peer import Peer
from tests.delivery.scenarios import contended, objects, planned_way, sent_back

pytestmark = [
    *(pytest.mark.failpoints, pytest.mark.postgres, pytest.mark.redis),
    pytest.mark.django_db(transaction=True),
]

OF_REST = {"api.before_answer_is_kept"}
"""Points of processes that are no workers; their own suites kill there."""

OF_A_PUSH = [
    *("outbox.after_claim", "outbox.before_done", "start.before_commit", "start.after_commit"),
    *("push.begin", "lease.after_take", "push.before_phase", "push.before_create_sent"),
    *("push.after_create_sent", "push.before_patch", "push.after_patch", "push.before_record"),
    *("push.after_record", "delete.before", "delete.after", "push.before_finish"),
    "verify.before_finish",
]
OF_THE_WAY = [
    *("submit.before_commit", "outbox.before_wake", "plan.after_dry_run", "plan.before_commit"),
    "approve.before_commit",
]
AGAIN = {"push.after_patch": 4, "push.after_record": 3, "push.before_phase": 3}
"""Points that are passed several times in a push: each time is another place to die."""


@pytest.fixture
def lives(on_postgres: None, broker: str, tmp_path: Path) -> Lives:
    found = Lives(tmp_path, broker)
    found.forget()
    return found


def die_and_go_on(lives: Lives, script: str, *flags: str) -> None:
    """Killed at a point, then left alone until everything has ended."""
    lives.babble(seed=len(script))
    lives.die(script, *flags)
    lives.forget()
    lives.end(*flags)


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
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster, point: str
) -> None:
    scenario = planned_way(author, east, peer)
    before = Before(peer)

    die_and_go_on(lives, f"{point}:kill@1")

    check(peer, scenario, before)


def test_sending_back_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    scenario = sent_back(author, approver, east)

    die_and_go_on(lives, "start.before_sent_back:kill@1")

    change = ChangeRequest.objects.get(pk=scenario.change.pk)
    assert change.state == ChangeRequest.State.SUCCEEDED
    events = AuditEvent.objects.filter(subject_id=str(change.pk), verb="could not start")
    assert events.count() == 1


def test_a_retry_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    scenario = contended(author, approver, east, peer)
    before = Before(peer)

    die_and_go_on(lives, "retry.before_commit:kill@1", "--retry")

    check(peer, scenario, before)


def test_every_declared_point_is_one_that_this_suite_kills_at() -> None:
    killed_at = {*OF_A_PUSH, *OF_THE_WAY, "start.before_sent_back", "retry.before_commit"}

    assert killed_at == failpoints.POINTS - OF_REST
