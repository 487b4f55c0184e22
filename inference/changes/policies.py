"""Who may do what with a change, and when. Each check has a twin that pages ask.

Today's policy: one approval by somebody with the role in every team and environment that the plan
touches. Named policies with quorum and stages, schedules and freezes belong here.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    BigAutoField,
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
)

from inference.accounts.models import EnvironmentRule, Team, Token, User
from inference.accounts.policies import Right, check_scope, environments_of, lacking, teams_of
from inference.changes.models import (
    ChangeRequest,
    Contributor,
    Decision,
    Plan,
    PlanCheck,
    PlanTouch,
)
from inference.compiled import Select, Slot
from inference.errors import Conflict, NotAllowed, Refusal
from inference.messages import access
from inference.messages import changes as messages

VERSION = 1
QUORUM = 1
"""Approvals that a plan needs. A plan keeps the number that held when it was made."""

_PLAN = Slot("plan", BigAutoField())
_USER = Slot("user", UUIDField())
_WORDS = ("actor", "stage", "verdict")
_SAID = Select(
    lambda: Decision.objects.filter(plan=_PLAN).order_by("sequence").values_list(*_WORDS)
)
_STANDING = Select(lambda: _standing().order_by("sequence"))


class Facts(NamedTuple):
    """What rows say of somebody who would decide on a plan, and of the plan."""

    had_a_hand: bool
    # Where all that they did was to issue the token of a robot.
    has_issued: bool
    # Where the plan reaches and they have no role to decide: the first place, if there is one.
    team_beyond: str | None
    environment_beyond: str | None
    red_checks: int | None


def _facts() -> QuerySet[Plan, tuple[Any, ...]]:
    hands = Contributor.objects.filter(change=OuterRef("change"), user=_USER)
    touches = PlanTouch.objects.filter(plan=OuterRef("pk"))
    beyond = lacking(_USER, Right.DECIDE, touches).order_by("pk")
    checks = PlanCheck.objects.filter(plan=OuterRef("pk"), state=PlanCheck.State.RED)
    red = checks.order_by().values("plan").annotate(count=Count("pk"))
    return Plan.objects.filter(pk=_PLAN).values_list(
        Exists(hands),
        Exists(hands.filter(issued_token__isnull=False)),
        Subquery(beyond.values("team__name")[:1]),
        Subquery(beyond.values("environment")[:1]),
        Subquery(red.values("count")),
    )


_FACTS = Select(_facts)


def _standing() -> QuerySet[Decision, tuple[Any, ...]]:
    """Words on a plan; whether their speakers may decide there now, and had a hand in it."""
    actor = OuterRef("actor")
    lacks = lacking(OuterRef(actor), Right.DECIDE, PlanTouch.objects.filter(plan=OuterRef("plan")))
    may = Q(actor__is_active=True) & (Q(actor__is_superuser=True) | ~Exists(lacks))
    hands = Contributor.objects.filter(change=OuterRef("plan__change"), user=actor)
    return (
        Decision.objects.filter(plan=_PLAN)
        .annotate(may=ExpressionWrapper(may, BooleanField()), had_a_hand=Exists(hands))
        .values_list(*_WORDS, "may", "had_a_hand")
    )


EDITABLE = (
    ChangeRequest.State.DRAFT,
    ChangeRequest.State.PLANNING,
    ChangeRequest.State.IN_REVIEW,
    ChangeRequest.State.CHANGES_REQUESTED,
    ChangeRequest.State.APPROVED,
)


def check_can_propose(team: Team, user: User, token: Token | None = None) -> None:
    """Somewhere in the team; the exact environments are checked when targets are known."""
    check_scope(token, "propose")
    if not environments_of(user, team, Right.PROPOSE):
        raise NotAllowed(access.LACKS_ROLE, role="editor", team=team.name, environment="any")


def check_can_edit(change: ChangeRequest, user: User, token: Token | None = None) -> None:
    check_can_propose(change.team, user, token)
    if change.state not in EDITABLE:
        raise Conflict(messages.NOT_A_DRAFT, state=change.state)


def check_can_cancel(change: ChangeRequest, user: User, token: Token | None = None) -> None:
    check_scope(token, "propose")
    if change.state not in ChangeRequest.BEFORE_START:
        raise Conflict(messages.NOT_CANCELLABLE, state=change.state)
    had_a_hand = Contributor.objects.filter(change=change, user=user).exists()
    if not had_a_hand and not environments_of(user, change.team, Right.ADMINISTER):
        raise NotAllowed(messages.NOT_YOURS_TO_CANCEL, team=change.team.name)


def check_can_decide(
    change: ChangeRequest, user: User, plan_hash: str, token: Token | None = None
) -> None:
    """R1 to R3: a person, without a hand in it, with the role everywhere, who saw this plan."""
    _check_deciding(change, user, plan_hash, token)


def check_can_approve(
    change: ChangeRequest, user: User, plan_hash: str, token: Token | None = None
) -> None:
    """Deciding, and a plan that may be approved at all."""
    facts = _check_deciding(change, user, plan_hash, token)
    if facts.red_checks:
        raise Conflict(messages.PLAN_HAS_RED_CHECKS, count=facts.red_checks)


def _check_deciding(
    change: ChangeRequest, user: User, plan_hash: str, token: Token | None
) -> Facts:
    """One query, whatever is asked of rows."""
    check_scope(token, "approve")
    if user.is_robot:
        raise NotAllowed(access.ROBOTS_NEVER_DECIDE)
    plan = change.plan
    if plan is None or change.state != ChangeRequest.State.IN_REVIEW:
        raise Conflict(messages.NOT_IN_REVIEW, state=change.state)
    [found] = _FACTS.rows(plan=plan.pk, user=user.pk)
    facts = Facts(*found)
    _check_independent(plan, facts)
    _check_roles(change, plan, user, facts)
    if plan_hash != plan.hash:
        raise Conflict(messages.PLAN_MOVED_ON, was=plan_hash[:12], now=plan.hash[:12])
    if change.stale:
        raise Conflict(messages.PLAN_IS_STALE)
    return facts


def _check_independent(plan: Plan, facts: Facts) -> None:
    """Four eyes, superusers included, save where every environment does with one pair."""
    if facts.had_a_hand and not one_pair_is_enough(plan):
        raise NotAllowed(messages.ISSUED_ITS_TOKEN if facts.has_issued else messages.OWN_CHANGE)


def _check_roles(change: ChangeRequest, plan: Plan, user: User, facts: Facts) -> None:
    """The role in every team and environment that the plan touches, now. A team that is none of
    theirs, in a change of others, is not named."""
    if user.is_superuser and user.is_active:
        return
    beyond = (facts.team_beyond, facts.environment_beyond)
    if not user.is_active:  # whatever roles they still have
        beyond = plan.touches.values_list("team__name", "environment").first() or (None, None)
    team, environment = beyond
    if team is None:
        return
    if teams_of(user).filter(Q(pk=change.team_id) | Q(name=team)).exists():
        raise NotAllowed(messages.MAY_NOT_DECIDE, team=team, environment=environment)
    raise NotAllowed(messages.MAY_NOT_DECIDE_FOR_OTHERS)


class Word(NamedTuple):
    """What somebody said of a plan. It `stands` while they still may decide on it."""

    actor: UUID
    stage: int
    verdict: str
    stands: bool = True

    @property
    def approves(self) -> bool:
        return self.verdict == Decision.Verdict.APPROVE


def said(plan: Plan) -> list[Word]:
    """Every word on the plan in its order, as it was when it was said. One query."""
    return [Word(*word) for word in _SAID.rows(plan=plan.pk)]


def is_settled(plan: Plan, words: Iterable[Word]) -> bool:
    """Enough people have approved, and nobody's last word is another."""
    latest = _last(words)
    approvals = sum(word.approves for word in latest)
    return approvals >= plan.quorum and approvals == len(latest)


def valid_approvals(plan: Plan) -> int:
    """Last words that approve, of people who still may decide: asked again before a start."""
    return _valid(_said_and_standing(plan))


def is_still_approved(plan: Plan) -> bool:
    """Settled, by people who still may decide. One query."""
    words = _said_and_standing(plan)
    return is_settled(plan, words) and _valid(words) >= plan.quorum


def one_pair_of_eyes(environments: set[str]) -> bool:
    """Whether every one of these environments was set to one pair by platform."""
    if not environments:
        return False
    rules = EnvironmentRule.objects.filter(environment__in=environments, one_pair_of_eyes=True)
    return rules.count() == len(environments)


def one_pair_is_enough(plan: Plan) -> bool:
    """Whether the plan was made for one pair of eyes, and platform has not taken that back since.

    Asks nothing of a plan that needs two; only one environment can have the rule at all.
    """
    if not plan.one_pair_of_eyes:
        return False
    return EnvironmentRule.objects.filter(one_pair_of_eyes=True).exists()


def can_decide(change: ChangeRequest, user: User, plan_hash: str) -> bool:
    return _is_allowed(check_can_decide, change, user, plan_hash)


def can_approve(change: ChangeRequest, user: User, plan_hash: str) -> bool:
    return _is_allowed(check_can_approve, change, user, plan_hash)


def can_edit(change: ChangeRequest, user: User) -> bool:
    return _is_allowed(check_can_edit, change, user)


def can_cancel(change: ChangeRequest, user: User) -> bool:
    return _is_allowed(check_can_cancel, change, user)


def _said_and_standing(plan: Plan) -> list[Word]:
    """As `said`, and whether each of these people is independent, active and in the roles now."""
    words = _STANDING.rows(plan=plan.pk)
    alone = one_pair_is_enough(plan)
    return [
        Word(actor, stage, verdict, may and (alone or not had_a_hand))
        for actor, stage, verdict, may, had_a_hand in words
    ]


def _last(words: Iterable[Word]) -> list[Word]:
    """Of each person's words at a stage the latest."""
    return list({(word.actor, word.stage): word for word in words}.values())


def _valid(words: Iterable[Word]) -> int:
    return sum(word.approves and word.stands for word in _last(words))


def _is_allowed(check: Callable[..., None], *arguments: Any) -> bool:
    try:
        check(*arguments)
    except Refusal:
        return False
    return True
