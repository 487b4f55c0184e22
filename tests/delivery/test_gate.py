"""What approval meant is asked again before anything starts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from inference.accounts.models import User
from inference.audit.models import AuditEvent
from inference.changes import tasks as change_tasks
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster, LiveObject
from inference.definitions.models import HardwarePool
from inference.delivery import actions, tasks
from inference.delivery.gate import Overdue, Stale, Wait
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.errors import Conflict
from inference.manifests import digest_text
from inference.outbox.models import OutboxEntry
from tests.conftest import NOON
from tests.delivery.meddling import (
    alter_body,
    alter_body_and_its_hash,
    alter_plan,
    deactivate,
    drop_a_step,
    expire,
    force_a_step,
    forget_the_identity,
    raise_policy,
    remove_the_cluster,
    replace_the_cluster,
    take_the_grant,
    take_the_name,
    take_the_role,
)
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.factories.delivery import Gone, Put, approved, config_map, config_maps

State = ChangeRequest.State


@pytest.fixture
def cluster(author: User) -> Cluster:
    found: Cluster = ClusterFactory.create(name="east")
    team = author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=found, team=team, namespace="llm-chat")
    return found


@pytest.fixture
def change(author: User, approver: User, cluster: Cluster) -> ChangeRequest:
    return approved(author, approver, config_maps(2), cluster=cluster)


def start(change: ChangeRequest) -> ChangeRequest:
    return actions.start(change=change, at=timezone.now())


def untouched(change: ChangeRequest) -> None:
    """Neither definitions nor clusters have heard of it."""
    change.refresh_from_db()
    assert change.state == State.APPROVED
    assert not Push.objects.filter(change=change).exists()
    assert not DesiredObject.objects.exists()
    assert not HardwarePool.objects.exists()


def test_start_writes_definitions_desired_objects_and_a_push(change: ChangeRequest) -> None:
    started = start(change)

    assert started.state == State.APPLYING
    assert HardwarePool.objects.count() == 1
    push = Push.objects.get()
    rows = DesiredObject.objects.order_by("name")
    assert [(row.name, row.generation, row.pushed_generation) for row in rows] == [
        ("object-0", 1, 0),
        ("object-1", 1, 0),
    ]
    assert {row.push_id for row in rows} == {push.pk}
    assert {digest_text(row.body) for row in rows} == {row.hash for row in rows}
    assert set(PushOutcome.objects.values_list("outcome", flat=True)) == {"pending"}
    entry = OutboxEntry.objects.get(topic="delivery.converge")
    assert entry.key == str(push.cluster_id)
    assert AuditEvent.objects.filter(verb="started", subject_id=str(change.pk)).count() == 1


def test_start_of_a_plan_without_steps_succeeds_at_once(
    author: User, approver: User, cluster: Cluster
) -> None:
    change = approved(author, approver, [], cluster=cluster)

    started = start(change)

    assert started.state == State.SUCCEEDED
    assert HardwarePool.objects.count() == 1
    assert not Push.objects.exists()


def test_start_overwrites_only_the_objects_that_the_plan_names(
    author: User, approver: User, cluster: Cluster
) -> None:
    first = start(approved(author, approver, config_maps(2), cluster=cluster))
    Push.objects.update(state=Push.State.SUCCEEDED, finished_at=NOON)
    second = approved(author, approver, config_maps(1, answer="43"), cluster=cluster)

    start(second)

    assert {
        row.name: (row.generation, row.push.change_id) for row in DesiredObject.objects.all()
    } == {"object-0": (2, second.pk), "object-1": (1, first.pk)}


def test_of_two_starts_one_finds_it_approved(change: ChangeRequest) -> None:
    start(change)

    with pytest.raises(Conflict) as refused:
        start(change)

    assert refused.value.code == "change-not-approved"
    assert Push.objects.count() == 1


def test_an_approval_that_could_not_start_in_time_ends(change: ChangeRequest) -> None:
    """Whatever it waited for: the clock of its drafting comes days later."""
    past = timezone.now() - timedelta(seconds=1)
    ChangeRequest.objects.filter(pk=change.pk).update(expires_at=past)
    Cluster.objects.update(state=Cluster.State.HELD)

    with pytest.raises(Overdue):
        start(change)
    untouched(change)
    tasks.start(str(change.pk))
    assert OutboxEntry.objects.filter(topic="changes.expire", due_at__lte=Now()).exists()
    change_tasks.expire(str(change.pk))

    change.refresh_from_db()
    assert change.state == State.EXPIRED


@pytest.mark.parametrize(
    "alter", [alter_plan, alter_body, alter_body_and_its_hash, force_a_step, drop_a_step]
)
def test_start_refuses_what_is_not_byte_for_byte_what_was_approved(
    change: ChangeRequest, alter: Any
) -> None:
    alter(change)

    with pytest.raises(Conflict) as refused:
        start(change)

    assert refused.value.code == "plan-altered"
    assert not isinstance(refused.value, Stale)
    untouched(change)


@pytest.mark.parametrize(
    ("move", "code"),
    [
        (expire, "plan-expired"),
        (raise_policy, "policy-moved-on"),
        (take_the_role, "decision-invalid"),
        (deactivate, "decision-invalid"),
        (take_the_grant, "grant-gone"),
        (remove_the_cluster, "cluster-gone"),
        (replace_the_cluster, "cluster-is-another"),
        (forget_the_identity, "cluster-is-another"),
    ],
)
def test_start_has_a_plan_made_anew_when_the_world_has_moved(
    change: ChangeRequest, move: Any, code: str
) -> None:
    move(change)

    with pytest.raises(Stale) as refused:
        start(change)

    assert refused.value.code == code
    untouched(change)


def test_start_has_a_plan_made_anew_when_a_name_was_taken(change: ChangeRequest) -> None:
    take_the_name(change)

    with pytest.raises(Stale) as refused:
        start(change)

    assert refused.value.code == "name-taken"


def test_start_waits_for_a_held_cluster(change: ChangeRequest) -> None:
    Cluster.objects.update(state=Cluster.State.HELD)

    with pytest.raises(Wait) as refused:
        start(change)

    assert refused.value.code == "cluster-held"
    untouched(change)


@pytest.mark.parametrize("state", [Push.State.APPLYING, Push.State.VERIFYING])
def test_start_waits_for_another_push_of_the_same_object(
    author: User, approver: User, cluster: Cluster, state: str
) -> None:
    first = start(approved(author, approver, config_maps(2), cluster=cluster))
    Push.objects.update(state=state)
    second = approved(author, approver, config_maps(1, answer="43"), cluster=cluster)

    with pytest.raises(Wait) as refused:
        start(second)

    assert refused.value.code == "object-busy"
    assert refused.value.params["change"] == first.pk


def test_start_waits_for_no_push_of_other_objects(
    author: User, approver: User, cluster: Cluster
) -> None:
    start(approved(author, approver, config_maps(2), cluster=cluster))
    beside = approved(author, approver, [Put(config_map("beside"))], cluster=cluster)

    assert start(beside).state == State.APPLYING


def seen(cluster: Cluster, name: str, uid: str, **fields: Any) -> None:
    LiveObject.objects.create(
        cluster=cluster,
        api_version="v1",
        kind="ConfigMap",
        namespace="llm-chat",
        name=name,
        uid=uid,
        resource_version="7",
        changed_at=timezone.now(),
        **{"seen_at": timezone.now(), **fields},
    )


@pytest.mark.parametrize(
    ("planned", "live", "gone"),
    [
        pytest.param("", "somebody-elses", False, id="a creation met an object"),
        pytest.param("uid-1", "uid-2", False, id="an update met another object"),
        pytest.param("uid-1", "uid-1", True, id="an update met no object"),
    ],
)
def test_start_believes_what_was_seen_since_the_plan(
    author: User, approver: User, cluster: Cluster, planned: str, live: str, gone: bool
) -> None:
    put = Put(config_map("object-0"), uid=planned)
    change = approved(author, approver, [put], cluster=cluster)
    seen(cluster, "object-0", live, gone_at=timezone.now() if gone else None)

    with pytest.raises(Stale) as refused:
        start(change)

    assert refused.value.code == "world-moved"


def test_start_does_not_believe_what_was_seen_before_the_plan(
    author: User, approver: User, cluster: Cluster
) -> None:
    seen(cluster, "object-0", "an-older-one", seen_at=NOON)
    change = approved(author, approver, [Put(config_map("object-0"), uid="uid-1")], cluster=cluster)

    assert start(change).state == State.APPLYING


def test_deletions_come_after_everything_that_is_put_and_from_the_route_inwards(
    author: User, approver: User, cluster: Cluster
) -> None:
    objects = [
        Put(config_map("put"), phase=4),
        Gone(config_map("compute"), uid="uid-1", phase=1),
        Gone(config_map("route"), uid="uid-2", phase=4),
    ]

    start(approved(author, approver, objects, cluster=cluster))

    rows = DesiredObject.objects.order_by("phase")
    assert [row.name for row in rows] == ["put", "route", "compute"]
    assert [row.wanted for row in rows] == [True, False, False]


def test_start_has_other_changes_on_the_same_clusters_planned_anew_after_a_pool(
    author: User, approver: User, cluster: Cluster, change: ChangeRequest
) -> None:
    beside = approved(author, approver, [Put(config_map("beside"))], cluster=cluster)

    start(change)

    beside.refresh_from_db()
    assert (beside.state, beside.stale) == (State.PLANNING, True)
    assert OutboxEntry.objects.filter(topic="changes.plan", key=str(beside.pk)).exists()
