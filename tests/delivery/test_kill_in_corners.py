"""Killed where the way of a change has a bend: it waits, is sent back, given back, or runs out.

What people mend in between is the fault; the death itself needs no hand.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.audit.models import AuditEvent
from inference.changes.models import ChangeRequest
from inference.clusters.actions import hold, resume
from inference.clusters.metrics_sources import MEASURE
from inference.clusters.models import Cluster, ClusterCredential, MetricsSource
from inference.delivery import actions
from inference.health.tasks import SIGNAL
from inference.observation.models import Reading
from inference.outbox.models import OutboxEntry
from tests.conftest import NOON
from tests.delivery import scenarios
from tests.delivery.attendance import attended, until
from tests.delivery.conftest import REAL
from tests.delivery.controllers import open_gateway
from tests.delivery.invariants import Before, check, check_audit
from tests.delivery.lives import KILLED, PATIENCE, Lives, die_and_go_on
from tests.delivery.peer import Peer
from tests.delivery.scenarios import Scenario, wake

pytestmark = [
    *(pytest.mark.failpoints, pytest.mark.postgres, pytest.mark.redis),
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("server", [REAL], indirect=True),
]
State = ChangeRequest.State


def happened(change: ChangeRequest, verb: str) -> int:
    return AuditEvent.objects.filter(subject_id=str(change.pk), verb=verb).count()


def state_of(scenario: Scenario) -> str:
    return ChangeRequest.objects.get(pk=scenario.change.pk).state


def die_and_be_mended(lives: Lives, script: str, mend: Callable[[], object]) -> None:
    """Killed while something is wrong; then somebody puts that right, and another life goes on."""
    with lives.another() as go_on:
        lives.babble(seed=len(script))
        lives.die(script)
        lives.forget()
        mend()
        go_on()


def moved(cluster: Cluster, deed: Callable[..., Cluster], by: User) -> None:
    cluster.refresh_from_db()
    deed(cluster=cluster, version=cluster.version, by=by, at=timezone.now())


def test_a_start_that_waits_survives(
    lives: Lives, author: User, approver: User, platform: User, peer: Peer, east: Cluster
) -> None:
    scenario = scenarios.objects(author, approver, east)
    moved(east, hold, platform)
    before = Before(peer)

    die_and_be_mended(lives, "start.before_say:kill@1", lambda: moved(east, resume, platform))

    check(peer, scenario, before)


def test_a_push_that_is_held_survives(
    lives: Lives, author: User, approver: User, platform: User, peer: Peer, east: Cluster
) -> None:
    scenario = scenarios.objects(author, approver, east)
    actions.start(change=scenario.change, at=timezone.now())
    moved(east, hold, platform)
    before = Before(peer)

    die_and_be_mended(lives, "push.before_say:kill@1", lambda: moved(east, resume, platform))

    check(peer, scenario, before)


def test_a_push_without_a_credential_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    scenario = scenarios.objects(author, approver, east)
    credential = ClusterCredential.objects.get(cluster=east)
    ClusterCredential.objects.filter(cluster=east).delete()
    before = Before(peer)

    die_and_be_mended(
        lives, "push.before_not_met:kill@1", lambda: credential.save(force_insert=True)
    )

    check(peer, scenario, before)


@pytest.mark.parametrize(
    "point", ["push.before_wait", "verify.before_asked", "health.before_members"]
)
def test_a_route_that_waits_for_its_engines_and_their_answers_survives(
    lives: Lives,
    author: User,
    approver: User,
    peer: Peer,
    east: Cluster,
    tmp_path: Path,
    point: str,
) -> None:
    open_gateway(peer)
    change = scenarios.routed(author, approver, east, peer)
    before = Before(peer)

    with attended(tmp_path, peer):
        die_and_go_on(lives, f"{point}:kill@1")

    check(peer, Scenario(change, names_are_known=False), before)


def test_a_deed_that_failed_and_is_put_off_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    scenario = scenarios.objects(author, approver, east)
    before = Before(peer)

    die_and_go_on(lives, "push.begin:raise@1,outbox.before_release:kill@1")

    check(peer, scenario, before)


def test_a_deed_that_was_asked_for_meanwhile_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    """Somebody asks for the cluster to be converged while that is being done."""
    scenario = scenarios.objects(author, approver, east)
    before = Before(peer)
    claimed = OutboxEntry.objects.filter(topic="delivery.converge").exclude(claimed_by="")

    worker = lives.begin(script="push.begin:sleep=3@1,outbox.before_let_go:kill@1")
    until(claimed.exists)
    wake("delivery.converge", east.pk)
    assert worker.wait(PATIENCE) == KILLED, lives.log.read_text()
    lives.forget()
    lives.end()

    check(peer, scenario, before)


def test_sending_back_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    scenario = scenarios.sent_back(author, approver, east)

    die_and_go_on(lives, "start.before_sent_back:kill@1")

    assert state_of(scenario) == State.SUCCEEDED
    assert happened(scenario.change, "could not start") == 1


def test_a_retry_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    scenario = scenarios.contended(author, approver, east, peer)
    before = Before(peer)

    die_and_go_on(lives, "retry.before_commit:kill@1", "--retry")

    check(peer, scenario, before)


def test_a_change_that_cannot_be_planned_is_given_back_once(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    scenario = scenarios.unplannable(author, east)

    die_and_go_on(lives, "plan.before_given_back:kill@1")

    assert state_of(scenario) == State.DRAFT
    assert happened(scenario.change, "could not be planned") == 1
    check_audit(scenario.change)


def test_a_change_expires_once(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    scenario = scenarios.run_out(author, approver, east)

    die_and_go_on(lives, "expire.before_commit:kill@1")

    assert state_of(scenario) == State.EXPIRED
    assert happened(scenario.change, "expired") == 1
    check_audit(scenario.change)


def test_a_look_at_a_cluster_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    wake("clusters.probe", east.pk)

    die_and_go_on(lives, "cluster.before_seen:kill@1")

    east.refresh_from_db()
    assert east.contacted_at is not None
    assert OutboxEntry.objects.get(topic="clusters.probe").claimed_by == ""


def test_an_asking_of_a_metrics_source_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    MetricsSource.objects.create(cluster=east, url="http://127.0.0.1:9", entered_at=NOON)
    wake(MEASURE, east.pk)

    die_and_go_on(lives, "health.before_measured:kill@1")

    assert MetricsSource.objects.get().problem_code == "metrics-not-dialled"
    assert OutboxEntry.objects.get(topic=MEASURE).claimed_by == ""


def test_a_probe_of_a_route_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    route = scenarios.served_nowhere(author, east)
    wake("health.probe", route.pk)

    die_and_go_on(lives, "health.before_reading:kill@1")

    assert Reading.objects.filter(subject_id=route.pk, signal=SIGNAL).exists()
    assert OutboxEntry.objects.filter(topic="health.probe").count() == 1
