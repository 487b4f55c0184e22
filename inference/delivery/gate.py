"""The gate before a push, rule R9: what approval meant is asked again, in one transaction.

Clocks are the database's. Everything here reads; `actions` writes when nothing has objected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import (
    BigAutoField,
    Case,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from inference.accounts.models import Token, User
from inference.accounts.policies import LEAST_ROLE, Right, check_scope, may
from inference.changes import policies
from inference.changes.edits import Proposed, propose_nearby, reference_faults
from inference.changes.models import ChangeRequest, Plan, PlanStep
from inference.clusters.models import Cluster, Grant, LiveObject
from inference.compiled import Select, Slot
from inference.delivery.models import DesiredObject, Push
from inference.delivery.wanting import any_of, ref_of
from inference.errors import Conflict, NotAllowed, Refusal
from inference.manifests import digest_text
from inference.messages import access
from inference.messages import changes as change_messages
from inference.messages import delivery as messages

State = ChangeRequest.State
RETRYING = (State.PARTIAL, State.FAILED)


class Wait(Conflict):
    """Nothing is wrong with the change; it starts when something else has ended."""


class Stale(Conflict):
    """The world has moved: the change is planned anew before anything starts."""


class Overdue(Conflict):
    """It was approved, and could not start in the time that an approval has."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A step, and what our rows say of its object now."""

    step: PlanStep
    is_granted: bool
    # The change whose push is not over at this object; None where there is none.
    busy_with: int | None
    # What an observer has seen there since the plan was made: a UID, "" for nothing any more; None
    # where it has seen nothing new.
    seen_uid: str | None
    # Hash of the values of our fields, as it saw them then.
    seen_hash: str | None


@dataclass(frozen=True, slots=True)
class Locked:
    """A change and its plan, while nobody else starts anything on the plan's clusters."""

    change: ChangeRequest
    plan: Plan
    is_in_time: bool
    is_plan_in_time: bool
    asked: Sequence[Asked]

    @property
    def steps(self) -> list[PlanStep]:
        return [one.step for one in self.asked]


def ask(change: ChangeRequest) -> list[Asked]:
    """The steps of the change's plan, without their clusters. One query."""
    rows = _ASK.rows(plan=change.plan_id, change=change.pk, planned_at=change.planned_at)
    return [
        Asked(row, row.is_granted, row.busy_with, row.seen_uid, row.values_seen) for row in rows
    ]


def _asking() -> QuerySet[Any]:
    same = {name: OuterRef(name) for name in ("cluster", "group", "kind", "namespace", "name")}
    planned_at = Slot("planned_at", DateTimeField())
    grants = Grant.objects.filter(
        cluster=OuterRef("cluster"), team=OuterRef("team"), namespace=OuterRef("namespace")
    )
    busy = DesiredObject.objects.filter(**same, push__state__in=Push.UNFINISHED).exclude(
        push__change=Slot("change", BigAutoField())
    )
    seen = LiveObject.objects.filter(
        Q(seen_at__gt=planned_at) | Q(gone_at__gt=planned_at), **same
    ).annotate(now=Case(When(gone_at__isnull=True, then=F("uid")), default=Value("")))
    return (
        PlanStep.objects.filter(plan=Slot("plan", BigAutoField()))
        .annotate(
            is_granted=Exists(grants),
            busy_with=Subquery(busy.values("push__change")[:1]),
            seen_uid=Subquery(seen.values("now")[:1]),
            values_seen=Subquery(seen.values("values_hash")[:1]),
        )
        .defer("diff")
        .order_by("ordinal")
    )


_ASK = Select(_asking)


def check_can_start(locked: Locked) -> Proposed:
    """What the plan proposes to the definitions. Raises Wait, Stale, Overdue, or Conflict for
    people."""
    if locked.change.state != State.APPROVED:
        raise Conflict(messages.NOT_APPROVED, state=locked.change.state)
    if not locked.is_in_time:
        raise Overdue(change_messages.EXPIRED)
    _check_plan(locked)
    _check_targets(locked)
    _check_free(locked.asked)
    _check_world(locked.asked)
    try:
        proposed = propose_nearby(locked.plan.revision_id)
    except Conflict as moved:
        raise Stale(moved.message, **moved.params) from None
    for fault in reference_faults(proposed):
        raise Stale(fault.message, **fault.params)
    return proposed


def check_can_retry(change: ChangeRequest, by: User, token: Token | None = None) -> None:
    """Whoever may propose everywhere that the plan reaches may have the rest of it tried again."""
    check_scope(token, "propose")
    if change.state not in RETRYING or change.plan is None:
        raise Conflict(messages.NOT_RETRIABLE, state=change.state)
    for touch in change.plan.touches.select_related("team"):
        if not may(by, Right.PROPOSE, touch.team, touch.environment):
            raise NotAllowed(
                access.LACKS_ROLE,
                role=LEAST_ROLE[Right.PROPOSE],
                team=touch.team.name,
                environment=touch.environment,
            )


def can_retry(change: ChangeRequest, by: User) -> bool:
    try:
        check_can_retry(change, by)
    except Refusal:
        return False
    return True


def check_resumable(locked: Locked) -> None:
    """The gate for what is left of a push. The definitions were written when it started, and what
    observers have told since may be the push itself: each object is looked at when it is sent.
    """
    _check_plan(locked)
    _check_targets(locked)
    _check_free(locked.asked)
    wanted = DesiredObject.objects.filter(any_of(locked.steps))
    overtaken = wanted.exclude(push__plan=locked.plan).select_related("push").first()
    if overtaken:
        raise Conflict(
            messages.OVERTAKEN, change=overtaken.push.change_id, object=str(ref_of(overtaken))
        )


def _check_plan(locked: Locked) -> None:
    """The plan is the one that was decided on, to the byte, and its decisions still stand."""
    plan = locked.plan
    if digest_text(plan.contents) != plan.hash:
        raise Conflict(messages.PLAN_ALTERED, object="the plan")
    _check_bytes(plan, locked.steps)
    if not locked.is_plan_in_time:
        raise Stale(messages.PLAN_EXPIRED, until=str(locked.change.plan_valid_until))
    if plan.policy_version != policies.VERSION:
        raise Stale(messages.POLICY_MOVED_ON)
    if not policies.is_still_approved(plan):
        raise Stale(messages.DECISION_INVALID)


def _check_bytes(plan: Plan, steps: Sequence[PlanStep]) -> None:
    """The stored steps are those that were hashed, and their bytes hash to what they say."""
    approved = {_spelled(step) for step in orjson.loads(plan.contents)["steps"]}
    for step in steps:
        known = _spelled(_hashed(step)) in approved
        if not known or (step.body and digest_text(step.body) != step.body_hash):
            raise Conflict(messages.PLAN_ALTERED, object=str(ref_of(step)))
    if len(steps) != len(approved):
        raise Conflict(messages.PLAN_ALTERED, object="the plan")


def _spelled(step: dict[str, Any]) -> bytes:
    return orjson.dumps(step, option=orjson.OPT_SORT_KEYS)


def _hashed(step: PlanStep) -> dict[str, Any]:
    """A stored step as planning hashed it."""
    return {
        **({"takes": step.takes} if step.takes else {}),
        "cluster": step.cluster.name,
        "object": [step.api_version, step.kind, step.namespace, step.name],
        "definition": str(step.definition_id),
        "verb": step.verb,
        "phase": step.phase,
        "body": step.body_hash,
        "uid": step.uid,
        "base": step.base_hash,
        "force": step.force,
    }


def _check_targets(locked: Locked) -> None:
    """Each cluster is there, is the same one, and still has room for the team."""
    planned = dict(orjson.loads(locked.plan.contents)["targets"])
    for cluster in {step.cluster for step in locked.steps}:
        if cluster.state == Cluster.State.REMOVED:
            raise Stale(messages.CLUSTER_GONE, cluster=cluster.name)
        if not cluster.identity or planned.get(cluster.name) != cluster.identity:
            raise Stale(messages.CLUSTER_IS_ANOTHER, cluster=cluster.name)
        if cluster.state == Cluster.State.HELD:
            raise Wait(messages.CLUSTER_HELD, cluster=cluster.name)
    for one in locked.asked:
        if one.step.namespace and not one.is_granted:
            raise Stale(
                messages.GRANT_GONE,
                team=one.step.team.name,
                namespace=one.step.namespace,
                cluster=one.step.cluster.name,
            )


def _check_free(asked: Sequence[Asked]) -> None:
    """No other change is at any of these objects."""
    for one in asked:
        if one.busy_with is not None:
            raise Wait(messages.OBJECT_BUSY, object=str(ref_of(one.step)), change=one.busy_with)


def _check_world(asked: Sequence[Asked]) -> None:
    """Only what an observer has seen later counts: looking again would cost a read per object. The
    push finds out at each object who it is, and who holds a field at another value.
    """
    for one in asked:
        if has_moved(one):
            raise Stale(messages.WORLD_MOVED, object=str(ref_of(one.step)))


def has_moved(asked: Asked) -> bool:
    """Whether what was seen since the plan was made says that it is about another object, or that
    somebody has changed or removed a field of ours there."""
    if asked.seen_uid is None:
        return False
    base = asked.step.seen_hash
    return asked.seen_uid != asked.step.uid or bool(base and asked.seen_hash != base)
