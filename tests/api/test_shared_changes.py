"""A change that reaches several teams: each reads of it what is its own."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from inference.accounts.models import Team, User
from inference.changes.models import ChangeRequest, PlanStep, PlanTouch
from inference.delivery.models import Push, PushOutcome
from tests.api.callers import Caller
from tests.conftest import NOON
from tests.factories.changes import planned

Rest = Callable[..., Caller]


@pytest.fixture
def shared(author: User, outsider: User) -> ChangeRequest:
    """Of the author's team, with one object of it and one of the outsider's."""
    change = planned(author, objects=2)
    theirs = Team.objects.get(memberships__user=outsider, memberships__environment="prod")
    assert change.plan is not None
    PlanTouch.objects.create(plan=change.plan, team=theirs, environment="prod")
    PlanStep.objects.filter(plan=change.plan, ordinal=1).update(team=theirs)
    push = Push.objects.create(
        change=change,
        plan=change.plan,
        cluster=change.plan.steps.all()[0].cluster,
        started_at=NOON,
    )
    for step in change.plan.steps.all():
        PushOutcome.objects.create(push=push, step=step, uid=str(uuid4()))
    return change


def names(caller: Caller, change: ChangeRequest) -> list[set[str]]:
    push = Push.objects.get()
    path = f"change-requests/{change.pk}"
    found = [
        caller.get(f"{path}/steps/").json()["items"],
        caller.get(f"{path}/plan/").json()["steps"],
        caller.get(f"pushes/{push.pk}/").json()["objects"],
        caller.get(f"pushes/{push.pk}/outcomes/").json()["items"],
    ]
    return [{one["name"] for one in items} for items in found]


def test_who_is_reached_by_another_teams_change_reads_their_own_objects(
    shared: ChangeRequest, outsider: User, rest: Rest
) -> None:
    caller = rest(outsider)

    assert names(caller, shared) == [{"object-1"}] * 4
    assert caller.get(f"change-requests/{shared.pk}/steps/1/").status_code == 200
    assert caller.get(f"change-requests/{shared.pk}/steps/0/").status_code == 404
    assert caller.get(f"change-requests/{shared.pk}/plan/").json()["counts"] == {"create": 2}


def test_the_team_of_a_change_reads_all_that_it_does(
    shared: ChangeRequest, author: User, rest: Rest
) -> None:
    assert names(rest(author), shared) == [{"object-0", "object-1"}] * 4
