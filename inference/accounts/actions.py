"""The deeds on people, teams and tokens. Audited, and no changes: nothing here is pushed."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from inference.accounts import tokens
from inference.accounts.models import Team, Token, User
from inference.accounts.policies import check_platform, check_scope, is_platform
from inference.audit.recording import record
from inference.errors import Conflict, Invalid, NotAllowed
from inference.messages import access, connecting


def create_team(
    *, name: str, title: str, by: User, at: datetime, token: Token | None = None
) -> Team:
    _check_site(by, token)
    team = Team(name=name, title=title)
    team.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            team.save(force_insert=True)
            _record_team(team, "created", by, token, at)
    except IntegrityError:
        raise Conflict(access.TEAM_NAME_TAKEN, name=name) from None
    return team


@transaction.atomic
def describe_team(
    *, team: Team, version: int, title: str, by: User, at: datetime, token: Token | None = None
) -> Team:
    """Change what people read; the name stays."""
    _check_site(by, token)
    now: Team = _update(Team, team, version, title=title)
    _record_team(now, "described", by, token, at, before={"title": team.title})
    return now


def enter_person(
    *,
    username: str,
    name: str,
    kind: str,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> User:
    """Enter a person or a robot, without a password: single sign-on or a token lets them in."""
    _check_site(by, token)
    user = User(username=username, name=name, kind=kind)
    user.set_unusable_password()
    user.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            _record_user(user, "entered", by, token, at, after=_shown(user))
    except IntegrityError:
        raise Conflict(access.USERNAME_TAKEN, name=username) from None
    return user


@transaction.atomic
def change_person(
    *,
    user: User,
    version: int,
    by: User,
    at: datetime,
    name: str | None = None,
    is_active: bool | None = None,
    is_platform: bool | None = None,
    token: Token | None = None,
) -> User:
    """Rename, deactivate or give the site role, which only superusers give. Never oneself."""
    _check_site(by, token)
    if user.pk == by.pk:
        raise NotAllowed(access.OWN_ACCOUNT)
    touches_site = is_platform is not None or user.is_platform or user.is_superuser
    if touches_site and not by.is_superuser:
        raise NotAllowed(access.LACKS_SUPERUSER)
    given = {"name": name, "is_active": is_active, "is_platform": is_platform}
    fields = {key: value for key, value in given.items() if value is not None}
    if fields.get("is_platform") and user.is_robot:
        raise Invalid(access.ROBOT_ROLE)
    now: User = _update(User, user, version, **fields)
    _record_user(now, "changed", by, token, at, before=_shown(user), after=_shown(now))
    return now


def issue_token(
    *,
    owner: User,
    name: str,
    scopes: set[str],
    expires_at: datetime,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> tuple[Token, str]:
    """A token for oneself, or for a robot by platform. Its text is returned once.

    A token begets none that could do more or live longer than itself.
    """
    if owner.pk != by.pk:
        if not (owner.is_robot and is_platform(by)):
            raise NotAllowed(access.TOKEN_OF_ANOTHER)
        check_scope(token, "administer")
    elif token and (expires_at > token.expires_at or scopes - _scopes(token)):
        raise NotAllowed(access.TOKEN_WIDER)
    return tokens.issue(
        owner=owner, name=name, scopes=scopes, expires_at=expires_at, by=by, at=at, token=token
    )


def revoke_token(*, row: Token, by: User, at: datetime, token: Token | None = None) -> None:
    """Everybody revokes their own; platform revokes any. Safe to repeat."""
    if row.owner_id != by.pk:
        _check_site(by, token)
    tokens.revoke(token=row, by=by, at=at, through=token)


def _scopes(token: Token) -> set[str]:
    given = {
        "propose": token.may_propose,
        "approve": token.may_approve,
        "administer": token.may_administer,
    }
    return {scope for scope, has in given.items() if has}


def _check_site(by: User, token: Token | None) -> None:
    check_platform(by)
    check_scope(token, "administer")


def _update(table: Any, row: Any, version: int, **fields: Any) -> Any:
    changed = table.objects.filter(pk=row.pk, version=version).update(
        version=F("version") + 1, **fields
    )
    now = table.objects.get(pk=row.pk)
    if not changed:
        raise Conflict(connecting.VERSION_MOVED_ON, was=version, now=now.version)
    return now


def _shown(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "kind": user.kind,
        "is_active": user.is_active,
        "is_platform": user.is_platform,
    }


def _record_team(
    team: Team,
    verb: str,
    by: User,
    token: Token | None,
    at: datetime,
    before: dict[str, Any] | None = None,
) -> None:
    record(
        verb=verb,
        subject_kind="team",
        subject_id=team.pk,
        subject_name=team.name,
        by=by,
        token=token,
        at=at,
        team=team,
        before=before,
        after={"title": team.title},
    )


def _record_user(
    user: User,
    verb: str,
    by: User,
    token: Token | None,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    record(
        verb=verb,
        subject_kind="user",
        subject_id=user.pk,
        subject_name=user.username,
        by=by,
        token=token,
        at=at,
        before=before,
        after=after,
    )
