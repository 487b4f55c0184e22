"""The gate before a push: everything that approval meant is checked again, in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from inference import outbox
from inference.accounts.models import Token, User
from inference.accounts.policies import Right, check_scope, environments_of
from inference.changes import policies
from inference.changes.edits import propose
from inference.changes.models import ChangeRequest, Plan, PlanStep
from inference.changes.transitions import mark_stale, move
from inference.clusters.models import Cluster, Grant
from inference.definitions.models import Placement
from inference.definitions.writing import write
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.errors import Conflict, NotAllowed
from inference.failpoints import declare, failpoint
from inference.manifests import ObjectRef, digest_text
from inference.messages import access
from inference.messages import delivery as messages
from inference.rendering.objects import Phase

declare("start.before_commit")

State = ChangeRequest.State
FIRST_DELETION = 10
"""Deletions come after everything that is put, and from the route inwards."""

STARTING = (State.APPROVED,)
RETRYING = (State.PARTIAL, State.FAILED)


class Wait(Conflict):
    """Nothing is wrong with the change; it starts when something else has ended."""


class Stale(Conflict):
    """The world has moved: the change is planned anew before anything starts."""


@transaction.atomic
def start(*, change: ChangeRequest, at: datetime) -> ChangeRequest:
    """Begin the push of an approved change. Of two that race, one finds it approved.

    Raises Wait, Stale, or Conflict for what a person has to look at.
    """
    change = _locked(change, STARTING)
    plan = _checked(change)
    proposed = propose(plan.revision)
    write(proposed.after, proposed.put, proposed.delete, at)
    steps = list(plan.steps.select_related("cluster", "team").order_by("ordinal"))
    moved = move(
        change,
        State.APPLYING,
        verb="started",
        at=at,
        started_at=at,
        finished_at=None,
        problem_code="",
        problem_params={},
    )
    _write_pushes(moved, plan, steps, at)
    mark_stale(proposed.edited, but=change, at=at)
    if not steps:
        moved = move(moved, State.SUCCEEDED, verb="succeeded", at=at, finished_at=at)
    failpoint("start.before_commit")
    return moved


@transaction.atomic
def retry(
    *, change: ChangeRequest, by: User, at: datetime, token: Token | None = None
) -> ChangeRequest:
    """Take up what is left of a partial or failed push: same plan, same gate, no new decision.

    Raises Conflict where the gate does not hold any more, NotAllowed without a right to propose.
    """
    check_scope(token, "propose")
    if not environments_of(by, change.team, Right.PROPOSE):
        raise NotAllowed(access.LACKS_ROLE, role="editor", team=change.team.name, environment="any")
    change = _locked(change, RETRYING)
    _checked(change)
    moved = move(
        change,
        State.APPLYING,
        verb="retried",
        at=at,
        by=by,
        token=token,
        finished_at=None,
        problem_code="",
        problem_params={},
    )
    for push in moved.pushes.exclude(state=Push.State.SUCCEEDED):
        _resume(push)
    return moved


def _resume(push: Push) -> None:
    Push.objects.filter(pk=push.pk).update(
        state=Push.State.APPLYING,
        phase=0,
        attempt=push.attempt + 1,
        verify_until=None,
        problem_code="",
        problem_params={},
        finished_at=None,
    )
    PushOutcome.objects.filter(push=push).exclude(outcome__in=PushOutcome.DONE).update(
        outcome=PushOutcome.Outcome.PENDING, code="", params={}
    )
    DesiredObject.objects.filter(push=push).update(due_at=None, problem_code="", problem_params={})
    outbox.post("delivery.converge", push.cluster_id)


def _locked(change: ChangeRequest, states: Iterable[str]) -> ChangeRequest:
    row = (
        ChangeRequest.objects.select_for_update(of=("self",))
        .select_related("team", "author", "revision")
        .get(pk=change.pk)
    )
    if row.state not in states:
        if row.state in RETRYING or RETRYING[0] in states:
            raise Conflict(messages.NOT_RETRIABLE, state=row.state)
        raise Conflict(messages.NOT_APPROVED, state=row.state)
    return row


def _checked(change: ChangeRequest) -> Plan:
    """The approved plan, if everything that its approval meant still holds."""
    plan = Plan.objects.select_related("revision", "author").get(changes=change)
    if digest_text(plan.contents) != plan.hash:
        raise Conflict(messages.PLAN_ALTERED, object="the plan")
    in_time = ChangeRequest.objects.filter(pk=change.pk, plan_valid_until__gt=Now()).exists()
    if not in_time and change.state in STARTING:
        raise Stale(messages.PLAN_EXPIRED, until=str(change.plan_valid_until))
    if plan.policy_version != policies.VERSION:
        raise Stale(messages.POLICY_MOVED_ON)
    if policies.valid_approvals(plan) < plan.quorum:
        raise Conflict(messages.DECISION_INVALID)
    steps = list(plan.steps.select_related("cluster", "team"))
    _check_bytes(steps)
    _check_clusters(steps)
    _check_grants(steps)
    _check_free(change, steps)
    return plan


def _check_bytes(steps: Sequence[PlanStep]) -> None:
    for step in steps:
        if step.body and digest_text(step.body) != step.body_hash:
            raise Conflict(messages.PLAN_ALTERED, object=str(ref_of(step)))


def _check_clusters(steps: Sequence[PlanStep]) -> None:
    for cluster in {step.cluster for step in steps}:
        if cluster.state == Cluster.State.REMOVED:
            raise Conflict(messages.CLUSTER_GONE, cluster=cluster.name)
        if cluster.state != Cluster.State.ACTIVE:
            raise Wait(messages.CLUSTER_NOT_ACTIVE, cluster=cluster.name, state=cluster.state)


def _check_grants(steps: Sequence[PlanStep]) -> None:
    wanted = {
        (step.cluster_id, step.team_id, step.namespace): step for step in steps if step.namespace
    }
    held = set(
        Grant.objects.filter(cluster__in={key[0] for key in wanted}).values_list(
            "cluster", "team", "namespace"
        )
    )
    for key, step in wanted.items():
        if key not in held:
            raise Conflict(
                messages.GRANT_GONE,
                team=step.team.name,
                namespace=step.namespace,
                cluster=step.cluster.name,
            )


def _check_free(change: ChangeRequest, steps: Sequence[PlanStep]) -> None:
    """No other change is at any of these objects."""
    busy = DesiredObject.objects.filter(
        push__state__in=[Push.State.APPLYING, Push.State.VERIFYING],
        cluster__in={step.cluster_id for step in steps},
    ).exclude(push__change=change)
    names = {(step.cluster_id, step.kind, step.namespace, step.name) for step in steps}
    for row in busy.select_related("push"):
        if (row.cluster_id, row.kind, row.namespace, row.name) in names:
            raise Wait(
                messages.OBJECT_BUSY,
                object=f"{row.kind} {row.namespace}/{row.name}",
                change=row.push.change_id,
            )


def _write_pushes(
    change: ChangeRequest, plan: Plan, steps: Sequence[PlanStep], at: datetime
) -> None:
    for cluster in {step.cluster for step in steps}:
        here = [step for step in steps if step.cluster_id == cluster.pk]
        push = Push.objects.create(
            change=change, plan=plan, cluster=cluster, phase=0, started_at=at
        )
        PushOutcome.objects.bulk_create(PushOutcome(push=push, step=step) for step in here)
        _want(push, plan, here)
        outbox.post("delivery.converge", cluster.pk)


def _want(push: Push, plan: Plan, steps: Sequence[PlanStep]) -> None:
    """One row per object: those that are there move to their next generation."""
    known = {
        (row.group, row.kind, row.namespace, row.name): row
        for row in DesiredObject.objects.filter(
            Q(name__in={step.name for step in steps}), cluster=push.cluster
        )
    }
    new, old = [], []
    for step in steps:
        row = known.get((step.group, step.kind, step.namespace, step.name))
        if row is None:
            row = DesiredObject(
                cluster=push.cluster,
                group=step.group,
                kind=step.kind,
                namespace=step.namespace,
                name=step.name,
            )
            new.append(row)
        else:
            row.generation += 1
            old.append(row)
        _fill(row, push, plan, step)
    DesiredObject.objects.bulk_create(new)
    DesiredObject.objects.bulk_update(old, [*_FILLED, "generation"])


_FILLED = [
    "api_version",
    "team",
    "definition_kind",
    "definition_id",
    "placement_id",
    "phase",
    "wanted",
    "body",
    "hash",
    "force",
    "uid",
    "plan",
    "push",
    "creation_sent_at",
    "attempts",
    "due_at",
    "problem_code",
    "problem_params",
]


def _fill(row: DesiredObject, push: Push, plan: Plan, step: PlanStep) -> None:
    row.api_version = step.api_version
    row.team = step.team
    row.definition_kind = step.definition_kind
    row.definition_id = step.definition_id
    row.placement_id = step.placement_id
    row.phase = step.phase
    if step.verb == PlanStep.Verb.DELETE:
        row.phase = FIRST_DELETION + Phase.ROUTE - step.phase
    row.wanted = step.verb != PlanStep.Verb.DELETE
    row.body, row.hash, row.force, row.uid = step.body, step.body_hash, step.force, step.uid
    row.plan, row.push = plan, push
    row.creation_sent_at, row.attempts, row.due_at = None, 0, None
    row.problem_code, row.problem_params = "", {}


def ref_of(row: PlanStep | DesiredObject) -> ObjectRef:
    return ObjectRef(row.api_version, row.kind, row.namespace, row.name)


def ready_within(push: Push) -> timedelta:
    """How long the slowest placement of a push may take."""
    placements = Placement.objects.filter(
        pk__in=push.plan.steps.filter(cluster=push.cluster).values("placement_id")
    )
    return max(placements.values_list("ready_within", flat=True), default=timedelta(minutes=60))
