"""The gate before a push, rule R9: what approval meant is asked again, in one transaction.

Clocks are the database's. Everything here reads; `actions` writes when nothing has objected.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from inference.accounts.models import Token, User
from inference.accounts.policies import LEAST_ROLE, Right, check_scope, may
from inference.changes import policies
from inference.changes.edits import Proposed, propose, reference_faults
from inference.changes.models import ChangeRequest, Plan, PlanStep
from inference.clusters.models import Cluster, Grant, LiveObject
from inference.delivery.models import DesiredObject, Push
from inference.delivery.wanting import ref_of
from inference.errors import Conflict, NotAllowed, Refusal
from inference.manifests import digest_text
from inference.messages import access
from inference.messages import delivery as messages

State = ChangeRequest.State
RETRYING = (State.PARTIAL, State.FAILED)


class Wait(Conflict):
    """Nothing is wrong with the change; it starts when something else has ended."""


class Stale(Conflict):
    """The world has moved: the change is planned anew before anything starts."""


def check_can_start(change: ChangeRequest, plan: Plan, steps: Sequence[PlanStep]) -> Proposed:
    """What the plan proposes to the definitions. Raises Wait, Stale, or Conflict for people."""
    if change.state != State.APPROVED:
        raise Conflict(messages.NOT_APPROVED, state=change.state)
    _check_plan(change, plan, steps)
    _check_targets(plan, steps)
    _check_free(change, steps)
    _check_world(change, steps)
    try:
        proposed = propose(plan.revision)
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


def check_resumable(change: ChangeRequest, plan: Plan, steps: Sequence[PlanStep]) -> None:
    """The same gate for what is left of a push. The definitions were written when it started."""
    _check_plan(change, plan, steps)
    _check_targets(plan, steps)
    _check_free(change, steps)
    wanted = DesiredObject.objects.filter(_any_of(steps)).exclude(push__plan=plan)
    overtaken = wanted.select_related("push").first()
    if overtaken:
        raise Conflict(
            messages.OVERTAKEN, change=overtaken.push.change_id, object=str(ref_of(overtaken))
        )


def _check_plan(change: ChangeRequest, plan: Plan, steps: Sequence[PlanStep]) -> None:
    """The plan is the one that was decided on, to the byte, and its decisions still stand."""
    if digest_text(plan.contents) != plan.hash:
        raise Conflict(messages.PLAN_ALTERED, object="the plan")
    _check_bytes(plan, steps)
    if not ChangeRequest.objects.filter(pk=change.pk, plan_valid_until__gt=Now()).exists():
        raise Stale(messages.PLAN_EXPIRED, until=str(change.plan_valid_until))
    if plan.policy_version != policies.VERSION:
        raise Stale(messages.POLICY_MOVED_ON)
    if policies.valid_approvals(plan) < plan.quorum or not policies.is_settled(plan):
        raise Stale(messages.DECISION_INVALID)


def _check_bytes(plan: Plan, steps: Sequence[PlanStep]) -> None:
    """The stored steps are those that were hashed, and their bytes hash to what they say."""
    approved = {json.dumps(step, sort_keys=True) for step in json.loads(plan.contents)["steps"]}
    for step in steps:
        known = json.dumps(_hashed(step), sort_keys=True) in approved
        if not known or (step.body and digest_text(step.body) != step.body_hash):
            raise Conflict(messages.PLAN_ALTERED, object=str(ref_of(step)))
    if len(steps) != len(approved):
        raise Conflict(messages.PLAN_ALTERED, object="the plan")


def _hashed(step: PlanStep) -> dict[str, Any]:
    """A stored step as planning hashed it."""
    return {
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


def _check_targets(plan: Plan, steps: Sequence[PlanStep]) -> None:
    """Each cluster is there, is the same one, and still has room for the team."""
    planned = dict(json.loads(plan.contents)["targets"])
    for cluster in {step.cluster for step in steps}:
        if cluster.state == Cluster.State.REMOVED:
            raise Stale(messages.CLUSTER_GONE, cluster=cluster.name)
        if not cluster.identity or planned.get(cluster.name) != cluster.identity:
            raise Stale(messages.CLUSTER_IS_ANOTHER, cluster=cluster.name)
        if cluster.state == Cluster.State.HELD:
            raise Wait(messages.CLUSTER_HELD, cluster=cluster.name)
    held = set(
        Grant.objects.filter(cluster__in={step.cluster_id for step in steps}).values_list(
            "cluster", "team", "namespace"
        )
    )
    for step in steps:
        if step.namespace and (step.cluster_id, step.team_id, step.namespace) not in held:
            raise Stale(
                messages.GRANT_GONE,
                team=step.team.name,
                namespace=step.namespace,
                cluster=step.cluster.name,
            )


def _check_free(change: ChangeRequest, steps: Sequence[PlanStep]) -> None:
    """No other change is at any of these objects."""
    unfinished = [Push.State.APPLYING, Push.State.VERIFYING]
    busy = DesiredObject.objects.filter(_any_of(steps), push__state__in=unfinished)
    row = busy.exclude(push__change=change).select_related("push").first()
    if row:
        raise Wait(messages.OBJECT_BUSY, object=str(ref_of(row)), change=row.push.change_id)


def _check_world(change: ChangeRequest, steps: Sequence[PlanStep]) -> None:
    """Nothing that was seen since the plan was made says that it is about another object.

    Only what an observer has seen later counts: looking again would cost a read per object, and
    the push finds out at each object anyway.
    """
    later = Q(seen_at__gt=change.planned_at) | Q(gone_at__gt=change.planned_at)
    seen = LiveObject.objects.filter(_any_of(steps), later)
    rows = {_key(row): row for row in seen}
    for step in steps:
        row = rows.get(_key(step))
        if row is not None and (row.uid if row.gone_at is None else "") != step.uid:
            raise Stale(messages.WORLD_MOVED, object=str(ref_of(step)))


_Key = tuple[UUID, str, str, str, str]


def _key(row: PlanStep | LiveObject) -> _Key:
    return (row.cluster_id, row.group, row.kind, row.namespace, row.name)


def _any_of(steps: Sequence[PlanStep]) -> Q:
    """Rows about the objects of these steps, in tables that name objects as steps do."""
    found = Q(pk__in=[])
    for cluster, group, kind, namespace in sorted({_key(step)[:4] for step in steps}, key=str):
        names = [step.name for step in steps if _key(step)[:4] == (cluster, group, kind, namespace)]
        found |= Q(cluster_id=cluster, group=group, kind=kind, namespace=namespace, name__in=names)
    return found
