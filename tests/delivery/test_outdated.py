"""What starts outdates the plans that rest on it, and those that are being made just then."""

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.changes.models import ChangeRequest, PlanStep
from inference.changes.transitions import move
from inference.clusters.models import Cluster
from inference.delivery import actions
from inference.errors import Conflict
from inference.outbox.models import OutboxEntry
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.factories.delivery import NAMESPACE, approved, config_maps, in_review

State = ChangeRequest.State


@pytest.fixture
def cluster(author: User) -> Cluster:
    found: Cluster = ClusterFactory.create(name="east")
    team = author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=found, team=team, namespace=NAMESPACE)
    return found


def start(author: User, approver: User, cluster: Cluster) -> ChangeRequest:
    """A change of a pool that nothing stands on yet: no object follows from it."""
    change = approved(author, approver, [], cluster=cluster)
    return actions.start(change=change, at=timezone.now())


def test_a_plan_that_may_rest_on_a_pool_is_made_anew_when_the_pool_changes(
    author: User, approver: User, cluster: Cluster
) -> None:
    elsewhere: Cluster = ClusterFactory.create(name="west")
    at = timezone.now()
    here = in_review(author, config_maps(1), [cluster], at)
    there = in_review(author, config_maps(1), [elsewhere], at)

    start(author, approver, cluster)

    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.state, here.stale) == (State.PLANNING, True)
    assert (there.state, there.stale) == (State.IN_REVIEW, False)
    assert OutboxEntry.objects.filter(topic="changes.plan", key=here.pk).exists()


def test_a_plan_that_is_being_made_of_yesterdays_world_is_not_put_in_review(
    author: User, approver: User, cluster: Cluster
) -> None:
    beside = in_review(author, config_maps(1), [cluster], timezone.now())
    plan = beside.plan
    ChangeRequest.objects.filter(pk=beside.pk).update(state=State.PLANNING, plan=None)
    seen_by_the_planner = ChangeRequest.objects.get(pk=beside.pk)

    start(author, approver, cluster)

    with pytest.raises(Conflict, match="has moved on"):
        move(seen_by_the_planner, State.IN_REVIEW, verb="planned", at=timezone.now(), plan=plan)


def test_a_plan_that_writes_an_object_of_an_edited_definition_is_made_anew(
    author: User, approver: User, cluster: Cluster
) -> None:
    """As a change of a model writes the routes that lead to it."""
    elsewhere: Cluster = ClusterFactory.create(name="west")
    beside = in_review(author, config_maps(1), [elsewhere], timezone.now())
    change = approved(author, approver, [], cluster=cluster)
    assert change.revision is not None
    edited = change.revision.edits.get().definition_id
    PlanStep.objects.filter(plan=beside.plan).update(definition_id=edited)

    actions.start(change=change, at=timezone.now())

    beside.refresh_from_db()
    assert (beside.state, beside.stale) == (State.PLANNING, True)
