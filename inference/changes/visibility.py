"""Which changes a reader sees, and which of those wait for that reader: for pages and REST."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from inference.accounts.models import Membership, Team, User
from inference.accounts.policies import teams_of
from inference.changes.models import ChangeRequest, Contributor, Decision, PlanTouch

State = ChangeRequest.State
MENDED_BY_AUTHORS = (State.CHANGES_REQUESTED, State.PARTIAL, State.FAILED)
DECIDING = (Membership.Role.APPROVER, Membership.Role.ADMIN)


def visible(user: User) -> QuerySet[ChangeRequest]:
    """Of the reader's teams, and those whose plan touches one of them."""
    return visible_to(teams_of(user))


def visible_to(teams: QuerySet[Team]) -> QuerySet[ChangeRequest]:
    touched = PlanTouch.objects.filter(plan=OuterRef("plan"), team__in=teams)
    return ChangeRequest.objects.filter(Q(team__in=teams) | Exists(touched))


def needs(user: User) -> Q:
    """A decision that `user` may make and has not made; or one's own that has to be mended."""
    mine = Q(author=user, state__in=MENDED_BY_AUTHORS)
    if user.is_robot:
        return mine
    return mine | Q(state=State.IN_REVIEW, stale=False) & ~_had_a_hand(user) & ~_decided(
        user
    ) & ~_beyond(user)


def _had_a_hand(user: User) -> Q:
    hands = Contributor.objects.filter(change=OuterRef("pk"), user=user)
    return Q(Exists(hands)) & Q(plan__one_pair_of_eyes=False)


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
