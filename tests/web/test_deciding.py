"""Deciding on a change: each way well and each way refused."""

from typing import Any

import pytest

from inference.accounts.models import EnvironmentRule, Membership, User
from inference.changes.models import ChangeRequest, Contributor, Decision
from inference.messages import planning
from inference.planning.values import Check
from tests.api.house import House
from tests.web import scenes
from tests.web.changes import Browse, State, address, sent, state_of
from tests.web.markup import words

HTMX = {"HX-Request": "true"}


def red(code: Any, **params: Any) -> Check:
    return Check("accepted", "red", code, params)


def test_approving_works_without_script(
    change: ChangeRequest, approver: User, browse: Browse
) -> None:
    response = browse(approver).post(address(change, "approve"), sent(change, "Fine by me."))

    assert response["Location"] == address(change)
    assert state_of(change) == State.APPROVED
    assert Decision.objects.get().comment == "Fine by me."


def test_htmx_gets_the_content_alone(change: ChangeRequest, approver: User, browse: Browse) -> None:
    response = browse(approver).post(address(change, "approve"), sent(change), headers=HTMX)
    page = response.content.decode()

    assert page.lstrip().startswith('<div class="whole" id="content"')
    assert "Approved: the push is about to start." in words(page)
    assert "HX-Request" in response["Vary"]


def test_who_issued_the_token_of_the_robot_reads_why_somebody_else_decides(
    change: ChangeRequest, approver: User, author: User, browse: Browse
) -> None:
    Contributor.objects.create(
        change=change, user=approver, issued_token=author.tokens.order_by("pk")[0]
    )

    page = words(browse(approver).get(address(change)).content.decode())
    refused = browse(approver).post(address(change, "approve"), sent(change))

    assert "You issued the token of the robot that made this change: somebody else" in page
    assert f"{approver}, issued the robot's token" in page
    assert refused.status_code == 403
    assert state_of(change) == State.IN_REVIEW


@pytest.mark.parametrize(
    ("deed", "comment", "state"),
    [("request-changes", "Split it.", State.CHANGES_REQUESTED), ("reject", "No.", State.REJECTED)],
)
def test_sending_back_takes_a_comment(
    deed: str, comment: str, state: str, change: ChangeRequest, approver: User, browse: Browse
) -> None:
    browser = browse(approver)

    silent = browser.post(address(change, deed), sent(change))
    browser.post(address(change, deed), sent(change, comment))

    assert silent.status_code == 422
    assert "Say what should be different." in words(silent.content.decode())
    assert state_of(change) == state
    assert comment in browser.get(address(change)).content.decode()


def test_a_plan_that_moved_on_is_not_signed_and_the_comment_is_kept(
    change: ChangeRequest, approver: User, browse: Browse
) -> None:
    posted = {"plan": "0" * 64, "comment": "Looks right."}

    response = browse(approver).post(address(change, "approve"), posted)

    page = response.content.decode()
    assert response.status_code == 409
    assert "The plan has moved on" in words(page)
    assert "Looks right.</textarea>" in page
    assert state_of(change) == State.IN_REVIEW


@pytest.mark.parametrize("deed", ["approve", "request-changes", "reject"])
@pytest.mark.parametrize("who", ["author", "viewer"])
def test_who_may_not_decide_is_refused_with_the_rule(
    deed: str, who: str, change: ChangeRequest, browse: Browse, request: pytest.FixtureRequest
) -> None:
    user: User = request.getfixturevalue(who)

    response = browse(user).post(address(change, deed), sent(change, "please"))

    assert response.status_code == 403
    assert "This was not done." in words(response.content.decode())
    assert not Decision.objects.exists()


def test_an_unknown_verdict_is_no_address(
    change: ChangeRequest, approver: User, browse: Browse
) -> None:
    assert browse(approver).post(address(change, "bless"), sent(change)).status_code == 404
    assert browse(approver).get(address(change, "approve")).status_code == 405


def test_a_red_check_can_be_sent_back_and_not_approved(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    check = red(planning.NAMESPACE_MISSING, cluster="east-0", namespace="llm-chat")
    change = scenes.in_review(house, author, checks=[check])
    browser = browse(approver)

    page = words(browser.get(address(change)).content.decode())
    response = browser.post(address(change, "approve"), sent(change))

    assert "Cannot be approved: verdict 2 says “no namespace”." in page
    assert "kubectl create namespace llm-chat" in page
    assert response.status_code == 409
    assert state_of(change) == State.IN_REVIEW


def test_one_pair_of_eyes_is_said_loudly(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    EnvironmentRule.objects.create(environment="dev", one_pair_of_eyes=True)
    Membership.objects.filter(user=author).update(role=Membership.Role.APPROVER)
    change = scenes.in_review(house, author)
    assert change.plan is not None
    type(change.plan).objects.filter(pk=change.plan.pk).update(one_pair_of_eyes=True)
    browser = browse(author)

    page = words(browser.get(address(change)).content.decode())
    browser.post(address(change, "approve"), sent(change))

    assert "One pair of eyes." in page
    assert "alone: one pair of eyes" in words(browser.get(address(change)).content.decode())
