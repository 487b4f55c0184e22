"""The people of a demo: *author* and *approver* of team chat, and *platform*, who owns clusters."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from inference.accounts.models import Environment, Membership, Team, User
from inference.accounts.tokens import issue
from inference.audit.recording import record

TEAM = "chat"


@dataclass(frozen=True)
class Person:
    """Somebody of the demo, with what is needed to be them until it stops."""

    user: User
    password: str
    token: str


def make(at: datetime) -> dict[str, Person]:
    """Team chat and its people, with passwords and tokens that are new at each start."""
    with transaction.atomic():
        team = Team.objects.create(name=TEAM, title="Chat")
        record(
            verb="created",
            subject_kind="team",
            subject_id=team.pk,
            subject_name=team.name,
            by=None,
            at=at,
            team=team,
        )
    role = Membership.Role
    return {
        "platform": _person("platform", {"administer"}, at, is_platform=True),
        "author": _member(team, "author", role.EDITOR, {"propose"}, at),
        "approver": _member(team, "approver", role.APPROVER, {"propose", "approve"}, at),
    }


def _member(team: Team, name: str, role: str, scopes: set[str], at: datetime) -> Person:
    person = _person(name, scopes, at)
    Membership.objects.bulk_create(
        Membership(team=team, user=person.user, environment=environment, role=role)
        for environment in Environment
    )
    return person


def _person(name: str, scopes: set[str], at: datetime, *, is_platform: bool = False) -> Person:
    password = secrets.token_urlsafe(9)
    user = User.objects.create_user(
        username=name,
        password=password,
        name=name.capitalize(),
        is_staff=True,
        is_platform=is_platform,
    )
    _, token = issue(
        owner=user,
        name="demo",
        scopes=scopes,
        expires_at=at + timedelta(days=7),
        by=user,
        at=at,
    )
    return Person(user, password, token)
