"""The people of a demo: *author* and *approver* of its teams, and *platform*, who owns clusters."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import transaction

from inference.accounts.models import Environment, Membership, Team, User
from inference.accounts.tokens import issue
from inference.audit.recording import record

CHAT, SEARCH = "chat", "search"
TEAMS = {CHAT: "Chat", SEARCH: "Search"}
_ROUNDS = 1000
"""A password that is drawn from 2^72 needs no slow hash; signing in makes it one all the same."""


@dataclass(frozen=True)
class Person:
    """Somebody of the demo, with what is needed to be them until it stops."""

    user: User
    password: str
    token: str


@transaction.atomic
def make(at: datetime) -> dict[str, Person]:
    """Two teams and their people, with passwords and tokens that are new at each start."""
    teams = [_team(name, title, at) for name, title in TEAMS.items()]
    role = Membership.Role
    return {
        "platform": _person("platform", {"administer"}, at, is_platform=True),
        "author": _member(teams, "author", role.EDITOR, {"propose", "approve"}, at),
        "approver": _member(teams, "approver", role.APPROVER, {"propose", "approve"}, at),
    }


def _team(name: str, title: str, at: datetime) -> Team:
    team = Team.objects.create(name=name, title=title)
    record(
        verb="created",
        subject_kind="team",
        subject_id=team.pk,
        subject_name=team.name,
        by=None,
        at=at,
        team=team,
    )
    return team


def _member(teams: list[Team], name: str, role: str, scopes: set[str], at: datetime) -> Person:
    person = _person(name, scopes, at)
    Membership.objects.bulk_create(
        Membership(team=team, user=person.user, environment=environment, role=role)
        for team in teams
        for environment in Environment
    )
    return person


def _person(name: str, scopes: set[str], at: datetime, *, is_platform: bool = False) -> Person:
    password = secrets.token_urlsafe(9)
    user = User(username=name, name=name.capitalize(), is_staff=True, is_platform=is_platform)
    user.password = PBKDF2PasswordHasher().encode(password, secrets.token_hex(8), _ROUNDS)
    user.save()
    _, token = issue(
        owner=user,
        name="demo",
        scopes=scopes,
        expires_at=at + timedelta(days=7),
        by=user,
        at=at,
    )
    return Person(user, password, token)
