"""Giving and taking roles, and how many pairs of eyes an environment needs. Audited."""

from datetime import datetime
from typing import Any

from django.db import transaction

from inference.accounts.models import EnvironmentRule, Membership, Team, Token, User
from inference.accounts.policies import (
    Right,
    check_may,
    check_platform,
    check_scope,
    is_platform,
)
from inference.audit.recording import record
from inference.errors import Invalid, NotAllowed
from inference.messages import access

ROBOT_ROLES = {Membership.Role.VIEWER, Membership.Role.EDITOR}


@transaction.atomic
def set_role(
    *,
    team: Team,
    user: User,
    environment: str,
    role: str,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> Membership:
    """Give `user` this role there, whatever it was before. Safe to repeat."""
    _check_may_give(team, user, environment, by, token)
    if user.is_robot and role not in ROBOT_ROLES:
        raise Invalid(access.ROBOT_ROLE)
    key: dict[str, Any] = {"team": team, "user": user, "environment": environment}
    old = Membership.objects.filter(**key).first()
    membership, _ = Membership.objects.update_or_create(**key, defaults={"role": role})
    if old is None or old.role != role:
        _record_role(membership, "set the role of", by, token, at, old.role if old else "", role)
    return membership


@transaction.atomic
def remove_role(
    *, membership: Membership, by: User, at: datetime, token: Token | None = None
) -> None:
    """Safe to repeat."""
    _check_may_give(membership.team, membership.user, membership.environment, by, token)
    removed, _ = Membership.objects.filter(pk=membership.pk).delete()
    if removed:
        _record_role(membership, "removed the role of", by, token, at, membership.role, "")


@transaction.atomic
def set_eyes(
    *,
    environment: str,
    one_pair_of_eyes: bool,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> EnvironmentRule:
    """Let changes of an environment do with one pair of eyes, or not. Only dev may. Safe to
    repeat.
    """
    check_platform(by)
    check_scope(token, "administer")
    if one_pair_of_eyes and environment != "dev":
        raise Invalid(access.EYES_ONLY_DEV, environment=environment)
    old = EnvironmentRule.objects.filter(environment=environment).first()
    was = old is not None and old.one_pair_of_eyes
    rule, _ = EnvironmentRule.objects.update_or_create(
        environment=environment, defaults={"one_pair_of_eyes": one_pair_of_eyes}
    )
    if was == one_pair_of_eyes:
        return rule
    record(
        verb="set the rule of",
        subject_kind="environment-rule",
        subject_id=environment,
        subject_name=environment,
        by=by,
        token=token,
        at=at,
        before={"one_pair_of_eyes": was},
        after={"one_pair_of_eyes": one_pair_of_eyes},
    )
    return rule


def _check_may_give(
    team: Team, user: User, environment: str, by: User, token: Token | None
) -> None:
    """Admins of the team there, and platform; nobody for themselves."""
    check_scope(token, "administer")
    if not is_platform(by):
        check_may(by, Right.ADMINISTER, team, environment)
    if user.pk == by.pk:
        raise NotAllowed(access.OWN_ACCOUNT)


def _record_role(
    membership: Membership,
    verb: str,
    by: User,
    token: Token | None,
    at: datetime,
    was: str,
    now: str,
) -> None:
    record(
        verb=verb,
        subject_kind="user",
        subject_id=membership.user_id,
        subject_name=membership.user.username,
        by=by,
        token=token,
        at=at,
        team=membership.team,
        before={"environment": membership.environment, "role": was},
        after={"environment": membership.environment, "role": now},
    )
