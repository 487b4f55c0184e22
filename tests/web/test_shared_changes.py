"""A change of one team that reaches another: each reads what is theirs of it."""

from typing import Any

import pytest

from inference.accounts.models import Team, User
from inference.changes.models import ChangeRequest, PlanCheck, PlanStep, PlanTouch
from inference.live.registry import feed_of
from tests.api.house import House
from tests.factories.changes import planned
from tests.web.changes import Browse, address
from tests.web.markup import words


@pytest.fixture
def change(house: House, author: User, outsider: User) -> ChangeRequest:
    """Two objects, the second of a team that its author has nothing to do with."""
    change = planned(author, cluster=house.cluster, objects=2)
    theirs = Team.objects.get(memberships__user=outsider, memberships__environment="prod")
    assert change.plan is not None
    PlanTouch.objects.create(plan=change.plan, team=theirs, environment="prod")
    PlanStep.objects.filter(plan=change.plan, ordinal=1).update(team=theirs)
    return change


def test_who_is_reached_by_another_teams_change_reads_their_own_objects(
    change: ChangeRequest, author: User, outsider: User, browse: Browse
) -> None:

    found = {
        (who.username, place): browse(who).get(f"/change-requests/{change.pk}/steps/{place}/")
        for who in (author, outsider)
        for place in (0, 1)
    }

    assert {key for key, answer in found.items() if answer.status_code == 404} == {("outsider", 0)}


def test_the_page_of_another_teams_change_names_ones_own_objects_alone(
    change: ChangeRequest, author: User, outsider: User, browse: Browse
) -> None:
    hidden, own = PlanStep.objects.filter(plan=change.plan_id).order_by("ordinal")

    mine, reached = (
        words(browse(who).get(address(change)).content.decode()) for who in (author, outsider)
    )

    assert f"{hidden.kind} {hidden.name} " in mine
    assert "of other teams" not in mine
    assert f"{own.kind} {own.name} " in reached
    assert f"{hidden.kind} {hidden.name} " not in reached
    assert "1 object of other teams" in reached


def test_the_page_of_another_teams_change_names_nothing_of_others_in_its_verdicts(
    change: ChangeRequest, author: User, outsider: User, browse: Browse
) -> None:
    said = {"object": "Pod llm-of-chat/x", "cluster": "east-0", "managers": "kubectl"}
    about: dict[str, Any] = {"plan_id": change.plan_id, "team": change.team, "params": said}
    about |= {"ordinal": 7, "verdict": "blast-radius", "code": "plan-owned-by-others"}
    PlanCheck.objects.create(state=PlanCheck.State.RED, **about)

    mine, reached = (
        words(browse(who).get(address(change)).content.decode()) for who in (author, outsider)
    )

    assert "llm-of-chat" in mine
    assert "llm-of-chat" not in reached
    assert "This is about objects of teams that are not yours" in reached
    assert "Cannot be approved: verdict 5" in reached


def test_the_page_of_another_teams_change_says_not_what_it_waits_for(
    change: ChangeRequest, author: User, outsider: User, browse: Browse
) -> None:
    ChangeRequest.objects.filter(pk=change.pk).update(
        problem_code="world-moved", problem_params={"object": "Pod llm-of-chat/x"}
    )

    mine, reached = (
        words(browse(who).get(address(change)).content.decode()) for who in (author, outsider)
    )

    assert "llm-of-chat" in mine
    assert "llm-of-chat" not in reached
    assert "It was approved, and could not start." in reached


def test_what_is_live_of_another_teams_change_is_of_ones_own_objects_alone(
    change: ChangeRequest, author: User, outsider: User
) -> None:
    hidden = PlanStep.objects.filter(plan=change.plan_id).order_by("ordinal")[0]

    mine, reached = (feed_of(who, f"delivery:{change.pk}") for who in (author, outsider))

    assert mine
    assert reached
    assert mine.audience != reached.audience
    assert hidden.name in mine.show()["deliveries"]
    assert hidden.name not in reached.show()["deliveries"]
