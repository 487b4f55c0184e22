"""Who may do what with a change, and when. Each check has a twin that pages ask.

Today's policy: one approval by somebody with the role in every team and environment that the plan
touches. Named policies with quorum and stages, schedules and freezes belong here.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Max

from inference.accounts.models import EnvironmentRule, Team, Token, User
from inference.accounts.policies import Right, check_scope, environments_of, may
from inference.changes.models import ChangeRequest, Contributor, Decision, Plan, PlanCheck
from inference.errors import Conflict, NotAllowed, Refusal
from inference.messages import access
from inference.messages import changes as messages

VERSION = 1
QUORUM = 1
"""Approvals that a plan needs. A plan keeps the number that held when it was made."""

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
    check_scope(token, "approve")
    if user.is_robot:
        raise NotAllowed(access.ROBOTS_NEVER_DECIDE)
    plan = change.plan
    if plan is None or change.state != ChangeRequest.State.IN_REVIEW:
        raise Conflict(messages.NOT_IN_REVIEW, state=change.state)
    check_independent(plan, user)
    check_roles(plan, user)
    if plan_hash != plan.hash:
        raise Conflict(messages.PLAN_MOVED_ON, was=plan_hash[:12], now=plan.hash[:12])
    if change.stale:
        raise Conflict(messages.PLAN_IS_STALE)


def check_can_approve(
    change: ChangeRequest, user: User, plan_hash: str, token: Token | None = None
) -> None:
    """Deciding, and a plan that may be approved at all."""
    check_can_decide(change, user, plan_hash, token)
    red = PlanCheck.objects.filter(plan=change.plan, state=PlanCheck.State.RED).count()
    if red:
        raise Conflict(messages.PLAN_HAS_RED_CHECKS, count=red)


def check_independent(plan: Plan, user: User) -> None:
    """Four eyes, superusers included, save where every environment does with one pair."""
    if plan.one_pair_of_eyes:
        return
    if Contributor.objects.filter(change=plan.change_id, user=user).exists():
        raise NotAllowed(messages.OWN_CHANGE)


def check_roles(plan: Plan, user: User) -> None:
    """The role in every team and environment that the plan touches, now."""
    for touch in plan.touches.select_related("team"):
        if not may(user, Right.DECIDE, touch.team, touch.environment):
            raise NotAllowed(
                messages.MAY_NOT_DECIDE, team=touch.team.name, environment=touch.environment
            )


def is_settled(plan: Plan) -> bool:
    """Enough people have approved, and nobody's last word is another."""
    latest = _last_words(plan)
    approvals = sum(word.verdict == Decision.Verdict.APPROVE for word in latest)
    return approvals >= plan.quorum and approvals == len(latest)


def valid_approvals(plan: Plan) -> int:
    """Last words that approve, of people who still may decide: asked again before a start."""
    words = [word for word in _last_words(plan) if word.verdict == Decision.Verdict.APPROVE]
    return sum(_is_allowed(check_roles, plan, word.actor) for word in words if _stands(plan, word))


def one_pair_of_eyes(environments: set[str]) -> bool:
    """Whether every one of these environments was set to one pair by platform."""
    if not environments:
        return False
    rules = EnvironmentRule.objects.filter(environment__in=environments, one_pair_of_eyes=True)
    return rules.count() == len(environments)


def can_decide(change: ChangeRequest, user: User, plan_hash: str) -> bool:
    return _is_allowed(check_can_decide, change, user, plan_hash)


def can_approve(change: ChangeRequest, user: User, plan_hash: str) -> bool:
    return _is_allowed(check_can_approve, change, user, plan_hash)


def can_edit(change: ChangeRequest, user: User) -> bool:
    return _is_allowed(check_can_edit, change, user)


def can_cancel(change: ChangeRequest, user: User) -> bool:
    return _is_allowed(check_can_cancel, change, user)


def _stands(plan: Plan, word: Decision) -> bool:
    return word.actor.is_active and _is_allowed(check_independent, plan, word.actor)


def _last_words(plan: Plan) -> list[Decision]:
    last = (
        Decision.objects.filter(plan=plan)
        .values("actor", "stage")
        .annotate(last=Max("sequence"))
        .values_list("actor", "stage", "last")
    )
    wanted = set(last)
    decisions = Decision.objects.filter(plan=plan).select_related("actor")
    return [one for one in decisions if (one.actor_id, one.stage, one.sequence) in wanted]


def _is_allowed(check: Callable[..., None], *arguments: Any) -> bool:
    try:
        check(*arguments)
    except Refusal:
        return False
    return True
