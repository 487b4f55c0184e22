"""Which changes a reader sees, and which of those wait for that reader: for pages and REST."""

from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import BigAutoField, Exists, Model, OuterRef, Q, QuerySet, UUIDField

from inference.accounts.models import EnvironmentRule, Membership, Team, User
from inference.accounts.policies import teams_held_by, teams_of
from inference.changes.models import ChangeRequest, Contributor, Decision, PlanCheck, PlanTouch
from inference.compiled import Select, Slot
from inference.messages import planning as messages

M = TypeVar("M", bound=Model)
Reach = frozenset[UUID] | None
"""Ids of the teams whose objects are shown; None for all."""
State = ChangeRequest.State
MENDED_BY_AUTHORS = (State.CHANGES_REQUESTED, State.PARTIAL, State.FAILED)
NAMING = frozenset({"object", "subject", "namespace", "workloads", "author", "team"})
"""Parameters of reasons that name what is somebody's."""
DECIDING = (Membership.Role.APPROVER, Membership.Role.ADMIN)


def visible(user: User) -> QuerySet[ChangeRequest]:
    """Of the reader's teams, and those whose plan touches one of them."""
    return visible_to(teams_of(user))


def visible_to(teams: QuerySet[Team]) -> QuerySet[ChangeRequest]:
    touched = PlanTouch.objects.filter(plan=OuterRef("plan"), team__in=teams)
    return ChangeRequest.objects.filter(Q(team__in=teams) | Exists(touched))


def _seen() -> QuerySet[ChangeRequest]:
    teams = teams_held_by(Slot("user", UUIDField()))
    return visible_to(teams).filter(pk=Slot("change", BigAutoField()))


_SEEN = Select(_seen)


@cache
def _showing(fields: tuple[str, ...]) -> Select[tuple[Any, ...]]:
    return Select(lambda: _seen().values_list(*fields))


def find(user: User, pk: int) -> ChangeRequest | None:
    """The change, if the reader sees it. One query."""
    if user.is_superuser or not user.is_active:
        return visible(user).filter(pk=pk).first()
    return _SEEN.first(user=user.pk, change=pk)


def shown(user: User, pk: int, *fields: str) -> tuple[Any, ...] | None:
    """These fields of it, by their paths, if the reader sees it. One query."""
    if user.is_superuser or not user.is_active:
        return visible(user).filter(pk=pk).values_list(*fields).first()
    return _showing(fields).first(user=user.pk, change=pk)


def reach(user: User, change: ChangeRequest) -> Reach:
    """All where it is of the reader's team, else what is of the reader's teams: a change of a
    shared pool reaches teams that are nobody else's business.
    """
    teams = frozenset(teams_of(user).values_list("pk", flat=True))
    return None if change.team_id in teams else teams


def within(rows: QuerySet[M], whose: Reach, team: str = "team") -> QuerySet[M]:
    return rows if whose is None else rows.filter(**{f"{team}__in": whose})


def readable(
    rows: QuerySet[M], user: User, change: ChangeRequest, team: str = "team"
) -> QuerySet[M]:
    """Of rows about the objects of a change, those that the reader may see."""
    return within(rows, reach(user, change), team)


def told(code: str, params: dict[str, Any], whose: Reach) -> tuple[str, dict[str, Any]]:
    """A reason for a reader with this reach: of one that names somebody's, that there is one."""
    if whose is None or not NAMING & params.keys():
        return code, params
    return messages.OF_OTHERS.code, {}


def checks_of(plan: int | None, whose: Reach) -> list[PlanCheck]:
    """In their order. What names something of teams beyond `whose` says no more than that, and how
    it was judged: silence would read as green. One query.
    """
    rows = PlanCheck.objects.filter(plan=plan).select_related("cluster").order_by("ordinal")
    found: dict[Any, PlanCheck] = {}
    for row in rows:
        if whose is None or row.team_id in whose or not NAMING & row.params.keys():
            found[row.pk] = row
        else:
            row.code, row.params = told(row.code, row.params, whose)
            found.setdefault((row.verdict, row.state, row.cluster_id), row)
    return list(found.values())


def needs(user: User) -> Q:
    """A decision that `user` may make and has not made; or one's own that has to be mended."""
    given_back = Q(state=State.DRAFT) & ~Q(problem_code="")
    mine = Q(author=user) & (Q(state__in=MENDED_BY_AUTHORS) | given_back)
    if user.is_robot:
        return mine
    return mine | Q(state=State.IN_REVIEW, stale=False) & ~_had_a_hand(user) & ~_decided(
        user
    ) & ~_beyond(user)


def _had_a_hand(user: User) -> Q:
    hands = Contributor.objects.filter(change=OuterRef("pk"), user=user)
    alone = Q(Exists(EnvironmentRule.objects.filter(one_pair_of_eyes=True)))
    return Q(Exists(hands)) & ~(Q(plan__one_pair_of_eyes=True) & alone)


def _decided(user: User) -> Q:
    return Q(Exists(Decision.objects.filter(plan=OuterRef("plan"), actor=user)))


def _beyond(user: User) -> Q:
    """Plans that touch something where `user` may not decide."""
    if user.is_superuser:
        return Q(pk__in=[])
    held = Membership.objects.filter(
        user=user, team=OuterRef("team"), environment=OuterRef("environment"), role__in=DECIDING
    )
    return Q(Exists(PlanTouch.objects.filter(~Exists(held), plan=OuterRef("plan"))))
