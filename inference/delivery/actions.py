"""Starting what was approved, and trying again what was not completed; each in one transaction."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from inference import outbox
from inference.accounts.models import Token, User
from inference.accounts.policies import Right, check_scope, environments_of
from inference.changes.edits import propose
from inference.changes.models import ChangeRequest
from inference.changes.transitions import mark_stale, move
from inference.definitions.writing import write
from inference.delivery.gate import checked_plan
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.delivery.wanting import write_pushes
from inference.errors import Conflict, NotAllowed
from inference.failpoints import declare, failpoint
from inference.messages import access
from inference.messages import delivery as messages

declare("start.before_commit")

State = ChangeRequest.State
STARTING = (State.APPROVED,)
RETRYING = (State.PARTIAL, State.FAILED)


@transaction.atomic
def start(*, change: ChangeRequest, at: datetime) -> ChangeRequest:
    """Begin the push of an approved change. Of two that race, one finds it approved.

    Raises Wait, Stale, or Conflict for what a person has to look at.
    """
    change = _locked(change, STARTING)
    plan = checked_plan(change)
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
    write_pushes(moved, plan, steps, at)
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
    checked_plan(change)
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
