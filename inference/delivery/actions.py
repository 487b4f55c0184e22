"""Starting what was approved, and trying again what was not completed; each in one transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import (
    BigAutoField,
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Now

from inference import events, outbox
from inference.accounts.models import Team, Token, User
from inference.changes.edits import Proposed
from inference.changes.models import ChangeRequest, Edit, PlanStep
from inference.changes.transitions import mark_stale, move, notice_of, waiting, waiting_with
from inference.clusters.models import Cluster
from inference.compiled import Select, Slot
from inference.definitions.writing import write
from inference.delivery.gate import (
    Locked,
    ask,
    check_can_retry,
    check_can_start,
    check_resumable,
)
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

    Raises Wait, Stale, Overdue, or Conflict for what a person has to look at; nothing is written
    then.
    """
    others = _OTHERS.rows(change=change.pk)
    if others:
        _TEAM.rows(change=change.pk)
    locked = _locked(change)
    if locked is None:
        raise Conflict(messages.NOT_APPROVED, state=change.state)
    proposed = check_can_start(locked)
    outdated = _outdated(locked, proposed) if others else []
    events.announce(notice_of(locked.change), *proposed.notices)  # once, for all that follows
    write(proposed.after, proposed.put, proposed.delete, at)
    moved = move(
        locked.change,
        State.APPLYING,
        verb="started",
        at=at,
        edited=proposed.notices,
        started_at=at,
        finished_at=None,
        problem_code="",
        problem_params={},
    )
    write_pushes(moved, locked.plan, locked.steps, at)
    mark_stale(outdated, at=at)
    if not locked.asked:
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
    locked = _locked(change)
    if locked is None:
        raise Conflict(messages.NOT_RETRIABLE, state=change.state)
    check_can_retry(locked.change, by, token)
    check_resumable(locked)
    moved = move(
        locked.change,
        State.APPLYING,
        verb="retried",
        at=at,
        by=by,
        token=token,
        finished_at=None,
        problem_code="",
        problem_params={},
    )
    for push in locked.plan.pushes.exclude(state=Push.State.SUCCEEDED):
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


_CHANGE = Slot("change", BigAutoField())
_TEAM = Select(
    lambda: Team.objects.select_for_update(no_key=True).filter(
        pk__in=ChangeRequest.objects.filter(pk=_CHANGE).values("team")
    )
)
"""Locked before all else where others wait: two changes of one definition may reach clusters of
which none is the same, and each would mark the other as stale. Changes are locked before what
they write, and that before the chain of the audit, as the deeds of people do it.
"""
_CLUSTERS = Select(
    lambda: (
        Cluster.objects.select_for_update(no_key=True)
        .filter(pk__in=PlanStep.objects.filter(plan__changes=_CHANGE).values("cluster"))
        .order_by("pk")
    )
)
_ROW = Select(
    lambda: (
        ChangeRequest.objects.select_for_update(of=("self",))
        .select_related("team", "plan")
        .annotate(
            is_in_time=ExpressionWrapper(
                Q(expires_at__isnull=True) | Q(expires_at__gt=Now()), BooleanField()
            ),
            is_plan_in_time=ExpressionWrapper(Q(plan_valid_until__gt=Now()), BooleanField()),
        )
        .filter(pk=_CHANGE)
    )
)


def _locked(change: ChangeRequest) -> Locked | None:
    """The change as it is now, its plan and steps; nobody else starts anything on these clusters.
    None without a plan.

    Two changes about one object exclude each other because both lock the object's cluster. Clusters
    come first: whoever waits for one holds nothing that the other needs to mark a change as stale.
    """
    clusters = {cluster.pk: cluster for cluster in _CLUSTERS.rows(change=change.pk)}
    row: Any = _ROW.first(change=change.pk)
    if row is None or row.plan is None:
        return None
    asked = ask(row)
    unlocked = {one.step.cluster_id for one in asked} - clusters.keys()
    if unlocked:  # it was planned anew between the two locks
        more = Cluster.objects.filter(pk__in=unlocked).select_for_update(no_key=True)
        clusters |= {cluster.pk: cluster for cluster in more.order_by("pk")}
        asked = ask(row)
    for one in asked:
        one.step.cluster = clusters[one.step.cluster_id]
    return Locked(row, row.plan, row.is_in_time, row.is_plan_in_time, asked)


def _outdated(locked: Locked, proposed: Proposed) -> list[ChangeRequest]:
    """Changes whose plans may be outdated by this one, locked."""
    if any(entry.kind == "hardware-pool" for entry in proposed.put):
        return list(_beside(locked.change, proposed))
    plan = locked.plan
    about = {"change": locked.change.pk, "plan": plan.pk, "revision": plan.revision_id}
    return _OUTDATED.rows(**about)


def _beside(change: ChangeRequest, proposed: Proposed) -> QuerySet[ChangeRequest]:
    """A plan that rests on an edited pool does not name it, and one that is being made has no
    steps yet. Planning anew costs reads and keeps decisions where nothing has changed, so all that
    reach the pool's clusters are planned anew.
    """
    clusters = {
        spec.cluster
        for world in (proposed.before, proposed.after)
        for entry, spec in world.pools()
        if entry.id in proposed.edited
    }
    reaching = PlanStep.objects.filter(plan=OuterRef("plan"), cluster__name__in=clusters)
    edited = Q(definition_id__in=proposed.edited)
    found = waiting_with(edited, Q(state=State.PLANNING), Q(Exists(reaching)))
    return found.exclude(pk=change.pk).select_for_update(of=("self",))


def _touched() -> Q:
    """Definitions that this change edits, or has steps for."""
    edits = Edit.objects.filter(revision=Slot("revision", BigAutoField()))
    steps = PlanStep.objects.filter(plan=Slot("plan", BigAutoField()))
    return Q(definition_id__in=edits.values("definition_id")) | Q(
        definition_id__in=steps.values("definition_id")
    )


_OTHERS = Select(lambda: waiting().exclude(pk=_CHANGE).values_list("pk")[:1])
_OUTDATED = Select(
    lambda: waiting_with(_touched()).exclude(pk=_CHANGE).select_for_update(of=("self",))
)
