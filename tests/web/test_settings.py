"""Settings on pages: tokens shown once, people, teams and roles."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inference.accounts.models import Membership, Team, Token, User
from inference.accounts.tokens import find
from tests.api.house import token_for
from tests.conftest import member
from tests.factories.accounts import UserFactory
from tests.web.markup import words

Browse = Callable[[User | None], Client]


def test_a_token_is_shown_once(author: User, browse: Browse) -> None:
    browser = browse(author)

    page = browser.post("/settings/tokens/", {"name": "ci", "propose": "yes", "days": "30"})

    text = re.search(r"wbl_\w{8}_\w{43}", page.content.decode())
    assert text is not None
    found = find(text.group())
    assert found is not None
    assert (found.owner, found.may_propose, found.may_approve) == (author, True, False)
    assert page["Cache-Control"] == "no-store"
    assert text.group() not in browser.get("/settings/tokens/").content.decode()


@pytest.mark.parametrize("days", ["0", "91", "many", "99999999999999"])
def test_a_token_has_an_end(days: str, author: User, browse: Browse) -> None:
    response = browse(author).post("/settings/tokens/", {"name": "ci", "days": days})

    assert response.status_code == 422
    assert "at most 90 days" in words(response.content.decode())
    assert not Token.objects.exists()


def test_a_token_is_revoked_by_its_owner_and_not_by_others(
    author: User, viewer: User, browse: Browse
) -> None:
    token_for(author)
    row = Token.objects.get()
    address = f"/settings/tokens/{row.pk}/revoke/"

    theirs = browse(viewer).post(address)
    mine = browse(author).post(address)

    row.refresh_from_db()
    assert (theirs.status_code, mine.status_code) == (404, 302)
    assert row.revoked_at is not None


def test_platform_issues_for_a_robot_which_never_approves(
    robot: User, platform: User, browse: Browse
) -> None:
    sent = {"name": "ci", "owner": "robot", "days": "30", "propose": "yes"}
    browser = browse(platform)

    refused = browser.post("/settings/tokens/", {**sent, "approve": "yes"})
    browser.post("/settings/tokens/", sent)

    assert refused.status_code == 403
    assert Token.objects.get().owner == robot


def test_people_are_entered_and_deactivated_by_platform(
    viewer: User, platform: User, browse: Browse
) -> None:
    browser = browse(platform)

    browser.post("/settings/people/", {"username": "Nora", "name": "Nora Vik", "kind": "person"})
    sent = {"version": str(viewer.version), "is_active": "no"}
    browser.post("/settings/people/viewer/", sent)

    viewer.refresh_from_db()
    assert User.objects.get(username="nora").name == "Nora Vik"
    assert not viewer.is_active
    assert browse(viewer).get("/settings/people/").status_code == 302


@pytest.mark.parametrize("who", ["viewer", "admin"])
def test_others_enter_and_deactivate_nobody(
    who: str, author: User, browse: Browse, request: pytest.FixtureRequest
) -> None:
    browser = browse(request.getfixturevalue(who))

    entered = browser.post("/settings/people/", {"username": "nora", "kind": "person"})
    changed = browser.post("/settings/people/author/", {"version": "1", "is_active": "no"})

    author.refresh_from_db()
    assert (entered.status_code, changed.status_code) == (403, 403)
    assert author.is_active
    assert not User.objects.filter(username="nora").exists()


def test_a_username_that_is_taken_says_so(viewer: User, platform: User, browse: Browse) -> None:
    response = browse(platform).post("/settings/people/", {"username": "viewer"})

    assert response.status_code == 409
    assert "There is a user named viewer already." in words(response.content.decode())


def test_platform_makes_a_team(platform: User, browse: Browse) -> None:
    browser = browse(platform)

    made = browser.post("/settings/teams/", {"name": "search", "title": "Search"})
    wrong = browser.post("/settings/teams/", {"name": "No Name"})

    assert made["Location"] == "/settings/teams/search/"
    assert wrong.status_code == 422
    assert Team.objects.get().title == "Search"


def test_an_admin_gives_and_takes_roles(
    chat: Team, admin: User, viewer: User, browse: Browse
) -> None:
    browser = browse(admin)
    sent = {"username": "viewer", "environment": "dev", "role": "editor"}

    browser.post("/settings/teams/chat/", sent)

    row = Membership.objects.get(user=viewer, environment="dev")
    assert row.role == "editor"
    browser.post(f"/settings/teams/chat/roles/{row.pk}/remove/")
    assert not Membership.objects.filter(pk=row.pk).exists()


def test_of_one_person_the_costliest_environment_comes_first(
    author: User, viewer: User, chat: Team, browse: Browse
) -> None:
    rows = browse(viewer).get(f"/settings/teams/{chat.name}/").context["sheet"].rows

    theirs = [one.environment for one in rows if one.user == author]
    assert theirs == ["prod", "stage", "dev"]


def test_a_name_that_nobody_has_is_no_list(viewer: User, browse: Browse) -> None:
    page = browse(viewer).get("/settings/people/?q=nobody-like-it").content.decode()

    assert "No account has such a name" in words(page)
    assert "0 to 0" not in words(page)


def test_roles_are_refused_to_oneself_to_others_and_to_strangers(
    chat: Team, admin: User, author: User, outsider: User, browse: Browse
) -> None:
    own = {"username": "admin", "environment": "prod", "role": "approver"}
    theirs = {"username": "author", "environment": "prod", "role": "approver"}
    strange = {"username": "ghost", "environment": "prod", "role": "approver"}

    assert browse(admin).post("/settings/teams/chat/", own).status_code == 403
    assert browse(author).post("/settings/teams/chat/", theirs).status_code == 403
    assert browse(admin).post("/settings/teams/chat/", strange).status_code == 422
    assert browse(outsider).post("/settings/teams/chat/", theirs).status_code == 404
    assert Membership.objects.get(user=author, environment="prod").role == "editor"


def test_lists_of_settings_cost_as_many_queries_with_few_rows_as_with_many(
    chat: Team, admin: User, browse: Browse
) -> None:
    pages = ("/settings/tokens/", "/settings/people/", "/settings/teams/", "/settings/teams/chat/")
    browser = browse(admin)
    token_for(admin)
    browser.get("/settings/tokens/")
    few = [_count(browser, page) for page in pages]
    UserFactory.create_batch(20)
    for number in range(10):
        member(chat, f"mate-{number}", "viewer")
        token_for(admin)

    assert [_count(browser, page) for page in pages] == few


def _count(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def test_a_token_for_somebody_who_is_not_there_is_nobodys(
    platform: User, robot: User, browse: Browse
) -> None:
    User.objects.filter(pk=robot.pk).update(is_active=False)
    sent = {"owner": robot.username, "name": "ci", "days": "30", "propose": "yes"}

    response = browse(platform).post("/settings/tokens/", sent)

    assert response.status_code == 422
    assert not Token.objects.exists()
