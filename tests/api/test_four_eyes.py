"""Nobody decides on what they had a hand in: over REST, by token, in the admin site."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from inference.accounts.models import EnvironmentRule, Membership, User
from inference.changes.models import ChangeRequest, Contributor, Decision, Plan
from inference.changes.tasks import plan
from inference.outbox.models import OutboxEntry
from tests.api.callers import Caller, code_of, signed_in
from tests.api.house import POOL_DOCUMENT, House
from tests.factories.changes import planned

Rest = Callable[..., Caller]
VERDICTS = ("approve", "request-changes", "reject")


def hash_of(change: ChangeRequest) -> str:
    assert change.plan is not None
    return change.plan.hash


def decide(caller: Caller, change: ChangeRequest, verdict: str = "approve", **other: Any) -> Any:
    body = {"plan_hash": hash_of(change), "comment": "seen", **other}
    return caller.post(f"change-requests/{change.pk}/{verdict}/", body)


def test_another_person_approves_the_plan_that_they_saw(
    house: House, approver: User, rest: Rest
) -> None:
    response = decide(rest(approver), house.change)

    assert (response.status_code, response.json()["state"]) == (200, "approved")
    assert OutboxEntry.objects.filter(topic="delivery.start", key=str(house.change.pk)).exists()
    [said] = rest(approver).get(f"change-requests/{house.change.pk}/decisions/").json()["items"]
    assert (said["actor"], said["plan_hash"]) == ("approver", hash_of(house.change))


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_author_decides_nothing(verdict: str, house: House, approver: User, rest: Rest) -> None:
    change = planned(approver, cluster=house.cluster)

    response = decide(rest(approver), change, verdict)

    assert code_of(response) == (403, "own-change")
    assert not Decision.objects.exists()


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_superuser_decides_nothing_of_their_own(
    verdict: str, house: House, author: User, rest: Rest
) -> None:
    User.objects.filter(pk=author.pk).update(is_superuser=True)
    author.refresh_from_db()

    assert code_of(decide(rest(author), house.change, verdict)) == (403, "own-change")


def test_who_revised_a_change_has_a_hand_in_it(house: House, admin: User, rest: Rest) -> None:
    Contributor.objects.create(change=house.change, user=admin)

    assert code_of(decide(rest(admin), house.change)) == (403, "own-change")


def test_a_token_without_the_scope_decides_nothing(
    house: House, approver: User, rest: Rest
) -> None:
    response = decide(rest(approver, "propose"), house.change)

    assert code_of(response) == (403, "lacks-scope")


def test_a_robot_proposes_and_never_decides(house: House, robot: User, rest: Rest) -> None:
    caller = rest(robot)
    edit = {"verb": "create", "kind": "hardware-pool", "name": "bot", "document": POOL_DOCUMENT}

    drafted = caller.post("change-requests/", {"team": "chat", "reason": "ci", "edits": [edit]})

    path = f"change-requests/{drafted.json()['id']}/submit/"
    assert caller.post(path, If_Match=drafted["ETag"]).status_code == 202
    assert code_of(decide(caller, house.change)) == (403, "lacks-scope")


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("by_its_own", [False, True])
def test_who_issued_the_token_of_a_robot_decides_nothing_that_it_proposed(
    verdict: str,
    by_its_own: bool,
    house: House,
    robot: User,
    platform: User,
    approver: User,
    rest: Rest,
) -> None:
    """Nor where the robot has issued itself another by it: the text of that was theirs to see."""
    Membership.objects.create(
        user=platform, team=house.team, environment="prod", role=Membership.Role.APPROVER
    )
    asked = {"name": "ci", "expires_at": soon(), "may_propose": True}
    issued = rest(platform, "administer").post("tokens/", {**asked, "owner": robot.username})
    text = issued.json()["secret"]
    if by_its_own:
        text = Caller(text).post("tokens/", {**asked, "expires_at": soon(-1)}).json()["secret"]
    edit = {"verb": "create", "kind": "hardware-pool", "name": "bot", "document": POOL_DOCUMENT}
    change = proposed(Caller(text), edit)

    response = decide(rest(platform, "approve"), change, verdict)

    assert code_of(response) == (403, "issued-its-token")
    assert not Decision.objects.filter(actor=platform).exists()
    assert decide(rest(approver), change, verdict).status_code == 200


def soon(more: int = 0) -> str:
    return (timezone.now() + timedelta(days=30, minutes=more)).isoformat()


def proposed(caller: Caller, edit: dict[str, Any]) -> ChangeRequest:
    """By REST, and planned: a pool alone asks nothing of a cluster."""
    drafted = caller.post("change-requests/", {"team": "chat", "reason": "ci", "edits": [edit]})
    path = f"change-requests/{drafted.json()['id']}/submit/"
    assert caller.post(path, If_Match=drafted["ETag"]).status_code == 202
    plan(str(drafted.json()["id"]))
    return ChangeRequest.objects.get(pk=drafted.json()["id"])


def test_a_token_issues_none_that_could_approve(house: House, approver: User, rest: Rest) -> None:
    response = rest(approver, "propose").post(
        "tokens/", {"name": "more", "expires_at": "2026-12-01T00:00:00Z", "may_approve": True}
    )

    assert code_of(response) == (403, "token-wider")


def test_a_plan_that_was_not_seen_is_not_decided_on(
    house: House, approver: User, rest: Rest
) -> None:
    response = decide(rest(approver), house.change, plan_hash="0" * 64)

    assert code_of(response) == (409, "plan-moved-on")


@pytest.mark.parametrize("plan_hash", ["", "x", "0" * 63, None, 7, "0" * 64 + "\n"])
def test_a_decision_names_a_plan(plan_hash: Any, house: House, approver: User, rest: Rest) -> None:
    response = decide(rest(approver), house.change, plan_hash=plan_hash)

    assert code_of(response) == (422, "body-invalid")


def test_a_plan_with_a_red_check_is_readable_and_not_approvable(
    house: House, author: User, approver: User, rest: Rest
) -> None:
    change, caller = planned(author, cluster=house.cluster, red=True), rest(approver)

    plan = caller.get(f"change-requests/{change.pk}/plan/").json()

    assert plan["checks"][0]["state"] == "red"
    assert code_of(decide(caller, change)) == (409, "plan-has-red-checks")


@pytest.mark.parametrize("verdict", ["request-changes", "reject"])
def test_sending_back_says_why(verdict: str, house: House, approver: User, rest: Rest) -> None:
    response = decide(rest(approver), house.change, verdict, comment="")

    assert "comment" in response.json()["fields"]


def test_a_get_never_decides(house: House, approver: User, rest: Rest) -> None:
    response = rest(approver).get(f"change-requests/{house.change.pk}/approve/")

    assert code_of(response) == (405, "method-not-allowed")


def test_one_pair_of_eyes_is_said_loudly_and_allowed_where_platform_set_it(
    house: House, author: User, approver: User, rest: Rest
) -> None:
    EnvironmentRule.objects.create(environment="dev", one_pair_of_eyes=True)
    change = planned(approver, cluster=house.cluster)
    Plan.objects.filter(change=change).update(one_pair_of_eyes=True)

    response = decide(rest(approver), change)

    assert response.status_code == 200
    assert response.json()["one_pair_of_eyes"] is True


@pytest.mark.parametrize("environment", ["prod", "stage"])
def test_prod_and_stage_keep_two_pairs(environment: str, platform: User, rest: Rest) -> None:
    response = rest(platform).send(
        "PUT", f"environment-rules/{environment}/", {"one_pair_of_eyes": True}
    )

    assert code_of(response) == (422, "eyes-only-dev")


def staff(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.refresh_from_db()
    return signed_in(user)


def in_admin(browser: Client, change: ChangeRequest, verdict: str = "approve") -> Any:
    address = f"/admin/inference/changerequest/{change.pk}/{verdict}/decide/"
    page = browser.get(address)
    assert hash_of(change) in page.content.decode()
    return browser.post(
        address, {"plan_hash": hash_of(change), "comment": "seen"}, follow=True
    ).content.decode()


def test_the_admin_site_approves_by_the_same_action(house: House, approver: User) -> None:
    in_admin(staff(approver), house.change)

    house.change.refresh_from_db()
    assert house.change.state == "approved"


def test_the_admin_site_rejects_with_a_reason(house: House, approver: User) -> None:
    in_admin(staff(approver), house.change, "reject")

    assert Decision.objects.get().comment == "seen"


def test_the_admin_site_bypasses_nothing(house: House, author: User) -> None:
    User.objects.filter(pk=author.pk).update(is_superuser=True)

    page = in_admin(staff(author), house.change)

    assert "Nobody decides on a change that they had a hand in." in page
    assert not Decision.objects.exists()


def test_the_admin_site_decides_by_the_hash_of_the_page(house: House, approver: User) -> None:
    address = f"/admin/inference/changerequest/{house.change.pk}/approve/decide/"

    page = staff(approver).post(address, {"plan_hash": "0" * 64})

    assert "The plan has moved on" in page.content.decode()


def test_the_admin_site_decides_on_one_change_at_a_time(
    house: House, author: User, approver: User
) -> None:
    planned(author, cluster=house.cluster)
    chosen = list(ChangeRequest.objects.values_list("pk", flat=True))

    page = staff(approver).post(
        "/admin/inference/changerequest/",
        {"action": "approve", "_selected_action": chosen},
        follow=True,
    )

    assert "Choose one change" in page.content.decode()
    assert not Decision.objects.exists()
