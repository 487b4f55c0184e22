"""Teams, people, roles and tokens over REST: who may, what is refused, what is written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from inference.accounts.models import Membership, Team, Token, User
from inference.audit.models import AuditEvent
from tests.api.callers import Caller, code_of

Rest = Callable[..., Caller]


def role(caller: Caller, username: str, given: str | None, environment: str = "prod") -> Any:
    path = f"memberships/chat/{username}/{environment}/"
    return caller.send("PUT", path, {"role": given}) if given else caller.send("DELETE", path)


def soon(**other: Any) -> str:
    return (timezone.now() + timedelta(**(other or {"days": 1}))).isoformat()


def test_who_i_am_names_roles_and_scopes(author: User, rest: Rest) -> None:
    me = rest(author, "propose").get("me/").json()

    assert me["roles"][0] == {"team": "chat", "environment": "dev", "role": "editor"}
    assert (me["token"]["may_propose"], me["token"]["may_approve"]) == (True, False)


def test_a_name_of_a_team_is_taken_once(chat: Team, platform: User, rest: Rest) -> None:
    response = rest(platform).post("teams/", {"name": "chat"})

    assert code_of(response) == (409, "team-name-taken")


def test_a_team_keeps_its_name_and_changes_its_title(
    chat: Team, platform: User, rest: Rest
) -> None:
    caller = rest(platform)

    response = caller.send("PATCH", "teams/chat/", {"title": "Chat"}, If_Match='"1"')

    assert (response.json()["title"], response["ETag"]) == ("Chat", '"2"')
    stale = caller.send("PATCH", "teams/chat/", {"title": "Talk"}, If_Match='"1"')
    assert code_of(stale) == (412, "version-moved-on")


def test_an_admin_gives_roles_in_their_team(admin: User, viewer: User, rest: Rest) -> None:
    response = role(rest(admin), "viewer", "approver")

    assert response.json() == {
        "team": "chat",
        "username": "viewer",
        "environment": "prod",
        "role": "approver",
    }
    assert AuditEvent.objects.filter(verb="set the role of", team__name="chat").count() == 1


def test_a_role_that_is_given_twice_is_recorded_once(admin: User, viewer: User, rest: Rest) -> None:
    caller = rest(admin)
    role(caller, "viewer", "approver")
    role(caller, "viewer", "approver")

    assert AuditEvent.objects.filter(verb="set the role of").count() == 1


def test_an_admin_of_one_environment_gives_none_in_another(
    admin: User, viewer: User, rest: Rest
) -> None:
    Membership.objects.filter(user=admin, environment="prod").update(role="editor")

    assert code_of(role(rest(admin), "viewer", "admin")) == (403, "lacks-role")
    assert role(rest(admin), "viewer", "admin", "dev").status_code == 200


@pytest.mark.parametrize("given", ["admin", None])
def test_nobody_gives_or_takes_their_own_role(given: str | None, admin: User, rest: Rest) -> None:
    assert code_of(role(rest(admin), "admin", given)) == (403, "own-account")


def test_platform_does_not_let_itself_into_a_team(chat: Team, platform: User, rest: Rest) -> None:
    assert code_of(role(rest(platform), "platform", "approver")) == (403, "own-account")


@pytest.mark.parametrize("given", ["approver", "admin"])
def test_a_robot_never_gets_a_role_that_decides(
    given: str, admin: User, robot: User, rest: Rest
) -> None:
    assert code_of(role(rest(admin), "robot", given)) == (422, "robot-role")


def test_a_role_that_was_taken_ends_at_once(admin: User, viewer: User, rest: Rest) -> None:
    theirs = rest(viewer)
    for environment in ("prod", "stage", "dev"):
        role(rest(admin), "viewer", None, environment)

    assert theirs.get("teams/").json()["items"] == []


def test_a_robot_is_entered_and_gets_a_token_from_platform(platform: User, rest: Rest) -> None:
    caller = rest(platform)
    caller.post("people/", {"username": "ci", "kind": "robot"})

    issued = caller.post(
        "tokens/", {"name": "ci", "owner": "ci", "expires_at": soon(), "may_propose": True}
    )

    assert issued.status_code == 201
    assert Caller(issued.json()["secret"]).get("me/").json()["kind"] == "robot"


@pytest.mark.parametrize("scope", ["may_approve", "may_administer"])
def test_a_robots_token_neither_approves_nor_administers(
    scope: str, robot: User, platform: User, rest: Rest
) -> None:
    response = rest(platform).post(
        "tokens/", {"name": "ci", "owner": "robot", "expires_at": soon(), scope: True}
    )

    assert code_of(response) == (403, "robots-never-decide")


@pytest.mark.parametrize("asker", ["admin", "platform"])
def test_nobody_gets_a_token_of_another_person(
    asker: str, admin: User, platform: User, author: User, rest: Rest
) -> None:
    caller = rest({"admin": admin, "platform": platform}[asker])

    response = caller.post("tokens/", {"name": "x", "owner": "author", "expires_at": soon()})

    assert code_of(response) == (403, "token-of-another")


@pytest.mark.parametrize(
    ("expires_at", "code"),
    [
        pytest.param(soon(days=100), "token-wider", id="in a hundred days"),
        ("2020-01-01T00:00:00Z", "token-lifetime"),
        ("9999-12-31T23:59:59Z", "token-wider"),
        ("2026-12-01", "body-invalid"),
        ("2026-12-01T00:00:00", "body-invalid"),
        ("1796000000", "body-invalid"),
        (1796000000, "body-invalid"),
        (None, "body-invalid"),
    ],
)
def test_a_token_lives_for_a_time_that_is_said(
    expires_at: Any, code: str, author: User, rest: Rest
) -> None:
    response = rest(author).post("tokens/", {"name": "x", "expires_at": expires_at})

    assert code_of(response)[1] == code


def test_platform_revokes_any_token_and_others_only_their_own(
    author: User, viewer: User, platform: User, rest: Rest
) -> None:
    theirs = rest(author)
    row = Token.objects.get(owner=author)

    assert rest(viewer).post(f"tokens/{row.pk}/revoke/").status_code == 404
    assert rest(platform).post(f"tokens/{row.pk}/revoke/").status_code == 200
    assert theirs.get("me/").status_code == 401


def test_a_person_is_deactivated_and_stays_in_history(
    author: User, platform: User, rest: Rest
) -> None:
    response = rest(platform).send("PATCH", "people/author/", {"is_active": False}, If_Match='"1"')

    assert response.json()["is_active"] is False
    assert User.objects.filter(username="author").exists()


def test_the_site_role_is_given_by_superusers(author: User, platform: User, rest: Rest) -> None:
    body = {"is_platform": True}

    refused = rest(platform).send("PATCH", "people/author/", body, If_Match='"1"')
    User.objects.filter(pk=platform.pk).update(is_superuser=True)
    platform.refresh_from_db()
    given = rest(platform).send("PATCH", "people/author/", body, If_Match='"1"')

    assert code_of(refused) == (403, "lacks-superuser")
    assert given.json()["is_platform"] is True


def test_a_superuser_is_not_deactivated_by_platform(
    author: User, platform: User, rest: Rest
) -> None:
    User.objects.filter(pk=author.pk).update(is_superuser=True)

    response = rest(platform).send("PATCH", "people/author/", {"is_active": False}, If_Match='"1"')

    assert code_of(response) == (403, "lacks-superuser")


def test_nobody_changes_their_own_account(platform: User, rest: Rest) -> None:
    response = rest(platform).send("PATCH", "people/platform/", {"is_active": True}, If_Match='"1"')

    assert code_of(response) == (403, "own-account")


@pytest.mark.parametrize("username", ["Ann", "a b", "", "a/b", "a" * 151, "ann\n"])
def test_a_username_that_is_none_is_refused(username: str, platform: User, rest: Rest) -> None:
    response = rest(platform).post("people/", {"username": username})

    assert "username" in response.json()["fields"]


def test_people_of_other_teams_are_not_seen(author: User, outsider: User, rest: Rest) -> None:
    seen = {person["username"] for person in rest(author).get("people/").json()["items"]}

    assert seen == {"author"}


def test_a_platform_token_without_the_scope_administers_nothing(platform: User, rest: Rest) -> None:
    response = rest(platform, "propose").post("teams/", {"name": "new"})

    assert code_of(response) == (403, "lacks-scope")
