"""A change that reaches several teams: each reads of it what is its own."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from inference.accounts.models import Membership, Team, User
from inference.changes.models import ChangeRequest, PlanCheck, PlanStep, PlanTouch
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
    for place, team in enumerate((change.team, theirs, None), 1):
        name = team.name if team else "of-an-older-plan"
        PlanCheck.objects.create(
            plan=change.plan,
            ordinal=place,
            verdict="blast-radius",
            state=PlanCheck.State.RED,
            code="plan-owned-by-others",
            params={"object": f"Pod {name}/x", "cluster": "east", "managers": "kubectl"},
            team=team,
        )
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


def test_who_is_reached_reads_of_checks_what_is_about_them_and_that_there_are_others(
    shared: ChangeRequest, outsider: User, author: User, rest: Rest
) -> None:
    theirs = rest(outsider).get(f"change-requests/{shared.pk}/plan/").json()
    mine = rest(author).get(f"change-requests/{shared.pk}/plan/").json()

    told = [(one["code"], one["state"], one["params"].get("object")) for one in theirs["checks"]]
    assert told == [
        ("plan-accepted", "green", None),
        ("plan-of-other-teams", "red", None),
        ("plan-owned-by-others", "red", "Pod search/x"),
    ]
    assert theirs["touches"] == [{"team": "search", "environment": "prod"}]
    assert "chat/x" not in str(theirs)
    assert "older" not in str(theirs)
    assert [one["code"] for one in mine["checks"]] == [
        "plan-accepted",
        *["plan-owned-by-others"] * 3,
    ]


def test_why_it_does_not_go_on_is_for_the_people_of_the_change(
    shared: ChangeRequest, outsider: User, author: User, rest: Rest
) -> None:
    about = {"subject": "chat/x", "rung": "scheduled", "reason": "no room"}
    Push.objects.update(problem_code="push-waits-for", problem_params=about)
    ChangeRequest.objects.filter(pk=shared.pk).update(
        problem_code="world-moved", problem_params={"object": "Pod chat/x"}
    )
    paths = [f"change-requests/{shared.pk}/", f"pushes/{Push.objects.get().pk}/"]

    theirs = [rest(outsider).get(path).json()["problem"] for path in paths]
    mine = [rest(author).get(path).json()["problem"] for path in paths]

    assert {one["code"] for one in theirs} == {"plan-of-other-teams"}
    assert "chat/x" not in str(theirs)
    assert [one["code"] for one in mine] == ["world-moved", "push-waits-for"]
    assert str(mine).count("chat/x") > 1


def test_a_refusal_names_no_team_that_is_none_of_the_readers(
    shared: ChangeRequest, outsider: User, approver: User, rest: Rest
) -> None:
    body = {"plan_hash": shared.plan.hash}  # type: ignore[union-attr]
    Membership.objects.filter(user=outsider).update(role=Membership.Role.APPROVER)

    refused = rest(outsider, "approve").post(f"change-requests/{shared.pk}/approve/", body)
    known = rest(approver, "approve").post(f"change-requests/{shared.pk}/approve/", body)

    assert refused.json()["type"].endswith("may-not-decide-for-others")
    assert "chat" not in str(refused.json())
    assert "search" in known.json()["detail"]


def test_the_team_of_a_change_reads_all_that_it_does(
    shared: ChangeRequest, author: User, rest: Rest
) -> None:
    assert names(rest(author), shared) == [{"object-0", "object-1"}] * 4
