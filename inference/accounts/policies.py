"""Who may: roles per team and environment, the site role, and what a token narrows."""

from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet

from inference.accounts.models import Environment, Membership, Team, Token, User
from inference.errors import NotAllowed
from inference.messages import access

Role = Membership.Role
M = TypeVar("M", bound=Model)


class Right(StrEnum):
    """What a role allows. Each role has the rights of those before it."""

    VIEW = "view"
    TRY = "try"
    PROPOSE = "propose"
    DECIDE = "decide"
    ADMINISTER = "administer"


LEAST_ROLE = {
    Right.VIEW: Role.VIEWER,
    Right.TRY: Role.EDITOR,
    Right.PROPOSE: Role.EDITOR,
    Right.DECIDE: Role.APPROVER,
    Right.ADMINISTER: Role.ADMIN,
}
_order = [Role.VIEWER, Role.EDITOR, Role.APPROVER, Role.ADMIN]


def _roles_with(right: Right) -> list[str]:
    return [str(role) for role in _order[_order.index(LEAST_ROLE[right]) :]]


def may(user: User, right: Right, team: Team | UUID, environment: str) -> bool:
    """Whether `user` holds `right` in this team and environment. One query."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    team_id = team.pk if isinstance(team, Team) else team
    return Membership.objects.filter(
        user=user, team_id=team_id, environment=environment, role__in=_roles_with(right)
    ).exists()


def lacking(who: Any, right: Right, places: QuerySet[M]) -> QuerySet[M]:
    """Of rows with a team and an environment, those in which `who` has no role with `right`.

    `who` is a user or an expression that gives one; whether they are active, or a superuser, is
    for the caller to ask.
    """
    held = Membership.objects.filter(
        user=who,
        team=OuterRef("team"),
        environment=OuterRef("environment"),
        role__in=_roles_with(right),
    )
    return places.filter(~Exists(held))


def check_may(user: User, right: Right, team: Team, environment: str) -> None:
    if not may(user, right, team, environment):
        raise NotAllowed(
            access.LACKS_ROLE,
            role=LEAST_ROLE[right],
            team=team.name,
            environment=environment,
        )


def teams_of(user: User, right: Right = Right.VIEW) -> QuerySet[Team]:
    """Teams in which `user` holds `right` in some environment: for lists, as a subquery."""
    if user.is_superuser and user.is_active:
        return Team.objects.all()
    teams = teams_held_by(user, right)
    return teams if user.is_active else teams.none()


def teams_held_by(who: Any, right: Right = Right.VIEW) -> QuerySet[Team]:
    """Teams in which `who`, a user or an expression that gives one, has a role with `right`."""
    memberships = Membership.objects.filter(user=who, role__in=_roles_with(right))
    return Team.objects.filter(pk__in=memberships.values("team"))


def environments_of(user: User, team: Team, right: Right = Right.VIEW) -> list[str]:
    """The environments in which `user` holds `right` in `team`."""
    if user.is_superuser and user.is_active:
        return [str(environment) for environment in Environment]
    return list(
        Membership.objects.filter(user=user, team=team, role__in=_roles_with(right)).values_list(
            "environment", flat=True
        )
    )


def is_platform(user: User) -> bool:
    return user.is_active and (user.is_platform or user.is_superuser)


def check_platform(user: User) -> None:
    if not is_platform(user):
        raise NotAllowed(access.LACKS_PLATFORM)


def check_scope(token: Token | None, scope: str) -> None:
    """A session has every scope of its user; a token has those that it was given."""
    granted = {
        "read": True,
        "propose": token is None or token.may_propose,
        "approve": token is None or token.may_approve,
        "administer": token is None or token.may_administer,
    }
    if not granted[scope]:
        raise NotAllowed(access.LACKS_SCOPE, scope=scope)
