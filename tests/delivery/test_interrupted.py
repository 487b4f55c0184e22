"""A push breaks off at each of its points, within one process; another one goes on.

What SIGKILL, brokers and other processes add is in `test_kill_minus_9.py`.
"""

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.connecting import forget
from inference.clusters.models import Cluster, Grant
from inference.delivery import actions
from inference.delivery.models import DesiredObject, PushOutcome
from tests.delivery.days import die, later, work
from tests.delivery.invariants import Before, check
from tests.delivery.peer import Peer
from tests.delivery.points import AGAIN, OF_A_PUSH
from tests.delivery.scenarios import objects
from tests.factories.delivery import approved, config_maps

pytestmark = pytest.mark.usefixtures("threaded")

PLACES = [*((point, 1) for point in OF_A_PUSH)]
PLACES += [
    pytest.param(point, number, marks=pytest.mark.real)
    for point, most in AGAIN.items()
    for number in range(2, most + 1)
]
"""The later ones take too long for the default suite."""


@pytest.mark.parametrize(("point", "occurrence"), PLACES)
def test_a_push_that_breaks_off_is_taken_up(
    threaded: None,
    author: User,
    approver: User,
    peer: Peer,
    east: Cluster,
    point: str,
    occurrence: int,
) -> None:
    scenario = objects(author, approver, east)
    before = Before(peer)
    forget(east.pk)  # a process of its own knows no cluster yet

    die(f"{point}:die@{occurrence}")
    for _ in range(3):
        later()
        work()

    check(peer, scenario, before)


def test_a_push_that_is_left_alone_needs_one_day(
    threaded: None, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    scenario = objects(author, approver, east)

    work()

    scenario.change.refresh_from_db()
    assert scenario.change.state == ChangeRequest.State.SUCCEEDED


def test_a_namespace_that_was_taken_back_since_the_start_is_not_written_to(
    threaded: None, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    change = approved(author, approver, config_maps(2), cluster=east)
    actions.start(change=change, at=timezone.now())
    place = peer.journal.place()
    [grant] = Grant.objects.filter(cluster=east)
    grant.delete()

    work()

    assert not [one for one in peer.asked_since(place) if one.is_write]
    assert set(PushOutcome.objects.values_list("outcome", "code")) == {("rejected", "grant-gone")}
    change.refresh_from_db()
    assert (change.state, change.problem_code) == (ChangeRequest.State.FAILED, "push-stuck")

    grant.save(force_insert=True)
    actions.retry(change=change, by=author, at=timezone.now())
    work()

    change.refresh_from_db()
    assert change.state == ChangeRequest.State.SUCCEEDED


def test_creations_are_written_down_before_the_point_after_that_is_passed(
    threaded: None, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    approved(author, approver, config_maps(2), cluster=east)
    change = ChangeRequest.objects.get()
    actions.start(change=change, at=timezone.now())

    die("push.after_create_sent:die")

    assert not DesiredObject.objects.filter(creation_sent_at__isnull=True).exists()
