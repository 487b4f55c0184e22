"""Starting what was approved, and trying again what was not completed; each in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from inference import outbox
from inference.accounts.models import Token, User
from inference.changes.edits import Proposed
from inference.changes.models import ChangeRequest, Edit, Plan, PlanStep
from inference.changes.transitions import mark_stale, move
from inference.clusters.models import Cluster
from inference.definitions.writing import write
from inference.delivery.gate import check_can_retry, check_can_start, check_resumable
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.delivery.wanting import write_pushes
from inference.errors import Conflict
from inference.failpoints import declare, failpoint
from inference.messages import delivery as messages

declare("start.before_commit", "retry.before_commit")

State = ChangeRequest.State


@transaction.atomic
def start(*, change: ChangeRequest, at: datetime) -> ChangeRequest:
    """Begin the push of an approved change. Of two that race, one finds it approved.

    Raises Wait, Stale, or Conflict for what a person has to look at; nothing is written then.
    """
    change, plan, steps = _locked(change)
    if plan is None:
        raise Conflict(messages.NOT_APPROVED, state=change.state)
    proposed = check_can_start(change, plan, steps)
    write(proposed.after, proposed.put, proposed.delete, at)
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
    write_pushes(moved, plan, steps, at)
    mark_stale(_touched(moved, proposed, steps), but=moved, at=at)
    if not steps:
        moved = move(moved, State.SUCCEEDED, verb="succeeded", at=at, finished_at=at)
    failpoint("start.before_commit")
    return moved


@transaction.atomic
def retry(
    *, change: ChangeRequest, by: User, at: datetime, token: Token | None = None
) -> ChangeRequest:
    """Take up what is left of a partial or failed push: same plan, same gate, no new decision.

    Raises Conflict where the gate does not hold any more, NotAllowed without the right to propose
    everywhere that the plan reaches.
    """
    change, plan, steps = _locked(change)
    check_can_retry(change, by, token)
    if plan is None:
        raise Conflict(messages.NOT_RETRIABLE, state=change.state)
    check_resumable(change, plan, steps)
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
    for push in plan.pushes.exclude(state=Push.State.SUCCEEDED):
        _resume(push)
    failpoint("retry.before_commit")
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
    DesiredObject.objects.filter(push=push).update(
        due_at=None, attempts=0, problem_code="", problem_params={}
    )
    outbox.post("delivery.converge", push.cluster_id)


def _locked(change: ChangeRequest) -> tuple[ChangeRequest, Plan | None, list[PlanStep]]:
    """The change as it is now, its plan and steps; nobody else starts anything on these clusters.

    Two changes about one object exclude each other because both lock the object's cluster. Clusters
    come first: whoever waits for one holds nothing that the other needs to mark a change as stale.
    """
    _lock_clusters(change.plan_id)
    row = (
        ChangeRequest.objects.select_for_update(of=("self",))
        .select_related("team", "author", "revision", "plan__revision", "plan__author")
        .get(pk=change.pk)
    )
    if row.plan is None:
        return row, None, []
    clusters = _lock_clusters(row.plan_id)
    steps = list(row.plan.steps.select_related("team").order_by("ordinal"))
    for step in steps:
        step.cluster = clusters[step.cluster_id]
    return row, row.plan, steps


def _lock_clusters(plan_id: int | None) -> dict[UUID, Cluster]:
    targets = PlanStep.objects.filter(plan=plan_id).values("cluster")
    rows = Cluster.objects.select_for_update(no_key=True).filter(pk__in=targets).order_by("pk")
    return {cluster.pk: cluster for cluster in rows}


def _touched(change: ChangeRequest, proposed: Proposed, steps: Sequence[PlanStep]) -> set[UUID]:
    """Definitions whose other plans may be outdated now.

    A plan that rests on an edited pool does not name it. Planning anew costs reads and keeps
    decisions where nothing has changed, so all that reach the same clusters are planned anew.
    """
    found = {*proposed.edited, *(step.definition_id for step in steps)}
    if any(entry.kind == "hardware-pool" for entry in proposed.put):
        beside = Edit.objects.filter(
            revision__plans__changes__in=ChangeRequest.objects.exclude(pk=change.pk),
            revision__plans__steps__cluster__in={step.cluster_id for step in steps},
        )
        found.update(beside.values_list("definition_id", flat=True))
    return found
