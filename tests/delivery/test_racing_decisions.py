"""Two last decisions at the same moment, on a database with real row locks: one push starts."""

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from inference.accounts.models import User
from inference.audit.models import AuditEvent
from inference.changes import actions
from inference.changes.models import ChangeRequest, Decision
from inference.clusters.models import Cluster
from inference.delivery import tasks
from inference.delivery.models import DesiredObject, Push
from inference.errors import Conflict
from inference.outbox.models import OutboxEntry
from inference.outbox.running import run
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.factories.delivery import NAMESPACE, approved, config_maps, in_review

ROUNDS = 3
State = ChangeRequest.State

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def cluster(database: None, author: User) -> Cluster:
    found: Cluster = ClusterFactory.create(name="east")
    team = author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=found, team=team, namespace=NAMESPACE)
    return found


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What became of each, in threads that begin together: `done`, or the code of the refusal."""
    begin = threading.Barrier(len(deeds), timeout=30)
    told: list[str] = []

    def work(deed: Callable[[], object]) -> None:
        begin.wait()
        try:
            deed()
            told.append("done")
        except Conflict as refused:
            told.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def approve(change: ChangeRequest, by: User) -> Callable[[], object]:
    plan_hash, at = change.plan.hash, timezone.now()
    return lambda: actions.approve(change=change, plan_hash=plan_hash, by=by, at=at)


def count(change: ChangeRequest, verb: str) -> int:
    return AuditEvent.objects.filter(subject_id=str(change.pk), verb=verb).count()


@pytest.mark.parametrize(
    ("quorum", "told", "decisions"),
    [(1, ["change-not-in-review", "done"], 1), (2, ["done", "done"], 2)],
)
def test_two_last_decisions_start_one_push(
    author: User,
    approver: User,
    admin: User,
    cluster: Cluster,
    quorum: int,
    told: list[str],
    decisions: int,
) -> None:
    for _ in range(ROUNDS):
        change = in_review(author, config_maps(2), [cluster], timezone.now(), quorum=quorum)

        assert at_once(approve(change, approver), approve(change, admin)) == told

        assert Decision.objects.filter(plan=change.plan).count() == decisions
        key = str(change.pk)
        assert OutboxEntry.objects.filter(topic="delivery.start", key=key).count() == 1
        at_once(*[lambda key=key: run("delivery.start", key)] * 4)
        assert (count(change, "approved"), count(change, "started")) == (1, 1)
        assert Push.objects.filter(change=change).count() == 1
        Push.objects.update(state=Push.State.SUCCEEDED, finished_at=timezone.now())


def test_starts_that_race_without_the_outbox_start_one_push(
    author: User, approver: User, cluster: Cluster
) -> None:
    for _ in range(ROUNDS):
        change = approved(author, approver, config_maps(2), cluster=cluster)

        at_once(*[lambda key=str(change.pk): tasks.start(key)] * 4)

        change.refresh_from_db()
        assert change.state == State.APPLYING
        assert count(change, "started") == 1
        assert Push.objects.filter(change=change).count() == 1
        Push.objects.update(state=Push.State.SUCCEEDED, finished_at=timezone.now())


def test_an_approval_that_races_a_cancellation_has_one_end(
    author: User, approver: User, cluster: Cluster
) -> None:
    for _ in range(ROUNDS):
        change = in_review(author, config_maps(1), [cluster], timezone.now())
        version, at = change.version, timezone.now()

        def cancel(
            change: ChangeRequest = change, version: int = version, at: object = at
        ) -> object:
            return actions.cancel(change=change, version=version, by=author, at=at)

        told = at_once(approve(change, approver), cancel)

        change.refresh_from_db()
        assert told.count("done") == 1
        assert change.state in {State.APPROVED, State.CANCELLED}
        assert count(change, "approved") + count(change, "cancelled") == 1


def test_two_changes_about_one_object_start_one_after_the_other(
    author: User, approver: User, cluster: Cluster
) -> None:
    for place in range(ROUNDS):
        data = {"round": str(place)}
        pair = [approved(author, approver, config_maps(1, **data), cluster=cluster) for _ in (1, 2)]

        at_once(*(lambda key=str(one.pk): tasks.start(key) for one in pair))

        states = sorted(
            one.state for one in ChangeRequest.objects.filter(pk__in=[p.pk for p in pair])
        )
        assert states == [State.APPLYING, State.PLANNING]
        assert Push.objects.filter(change__in=pair).count() == 1
        assert DesiredObject.objects.count() == 1
        Push.objects.update(state=Push.State.SUCCEEDED, finished_at=timezone.now())


@pytest.fixture
def west(cluster: Cluster) -> Cluster:
    found: Cluster = ClusterFactory.create(name="west")
    (grant,) = cluster.grants.all()
    GrantFactory.create(cluster=found, team=grant.team, namespace=NAMESPACE)
    return found


def test_two_changes_of_one_definition_in_two_clusters_start_one_after_the_other(
    author: User, approver: User, cluster: Cluster, west: Cluster
) -> None:
    for _ in range(ROUNDS):
        definition = uuid4()
        pair = [
            approved(author, approver, config_maps(1), cluster=one, definition=definition)
            for one in (cluster, west)
        ]

        told = at_once(*(lambda key=str(one.pk): tasks.start(key) for one in pair))

        assert told == ["done", "done"]
        states = [one.state for one in ChangeRequest.objects.filter(pk__in=[p.pk for p in pair])]
        assert sorted(states) == [State.APPLYING, State.PLANNING]
        Push.objects.update(state=Push.State.SUCCEEDED, finished_at=timezone.now())


def test_a_start_and_a_decision_on_another_change_of_its_definition_wait_for_each_other_once(
    author: User, approver: User, cluster: Cluster, west: Cluster
) -> None:
    for _ in range(ROUNDS):
        definition, at = uuid4(), timezone.now()
        ready = approved(author, approver, config_maps(1), cluster=cluster, definition=definition)
        beside = in_review(author, config_maps(1), [west], at, definition=definition)

        told = at_once(lambda key=str(ready.pk): tasks.start(key), approve(beside, approver))

        assert told in (
            ["done", "done"],
            ["change-moved-on", "done"],
            ["change-not-in-review", "done"],
        )
        ready.refresh_from_db()
        beside.refresh_from_db()
        assert (ready.state, beside.state) == (State.APPLYING, State.PLANNING)
        Push.objects.update(state=Push.State.SUCCEEDED, finished_at=timezone.now())
