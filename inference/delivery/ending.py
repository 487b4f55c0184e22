"""Ending pushes and changes: when all was sent, when no more can be, when time is over."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count

from inference import events, outbox
from inference.audit.recording import record
from inference.changes.models import ChangeRequest
from inference.changes.transitions import move
from inference.definitions.models import Route
from inference.delivery import standing
from inference.delivery.leases import Lease
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.delivery.recording import notice_of
from inference.delivery.standing import Part
from inference.delivery.wanting import ref_of
from inference.failpoints import declare, failpoint
from inference.messages import Message
from inference.messages import delivery as messages

declare("push.before_finish")

State = ChangeRequest.State


@transaction.atomic
def settle(push: Push, blocked: Mapping[int, int], lease: Lease, at: datetime) -> None:
    """After the last object: on to verification, or to an end that says what is missing."""
    lease.fence()
    _say_blocked(push, blocked)
    counts = _counts(push)
    done = sum(counts.get(one, 0) for one in PushOutcome.DONE)
    missing = sum(counts.values()) - done
    failpoint("push.before_finish")
    if missing:
        state = Push.State.PARTIAL if done else Push.State.FAILED
        finish(push, state, at, messages.PUSH_STUCK, {"count": missing})
        return
    until = push.verify_until or at + standing.ready_within(push)
    Push.objects.filter(pk=push.pk, state=Push.State.APPLYING).update(
        state=Push.State.VERIFYING, verify_until=until, problem_code="", problem_params={}
    )
    events.announce(notice_of(push))
    outbox.post("delivery.verify", push.pk)
    _move_change(push.change_id, at)


@transaction.atomic
def end_late(push: Push, missing: Sequence[Part], lease: Lease, at: datetime) -> None:
    """Its placements were not ready in time; the route was not touched."""
    lease.fence()
    failpoint("push.before_finish")
    params = late(push, missing[0])
    pending = PushOutcome.objects.filter(push=push, outcome=PushOutcome.Outcome.PENDING)
    pending.update(code=messages.NOT_READY_IN_TIME.code, params=params)
    others = len(standing.placements(push)) > len(missing)
    state = Push.State.PARTIAL if others else Push.State.FAILED
    finish(push, state, at, messages.NOT_READY_IN_TIME, params)


@transaction.atomic
def abandon(push: Push, lease: Lease, at: datetime) -> None:
    """Its cluster was removed: what is there stays there, as orphans."""
    lease.fence()
    failpoint("push.before_finish")
    done = push.outcomes.filter(outcome__in=PushOutcome.DONE).exists()
    state = Push.State.PARTIAL if done else Push.State.FAILED
    finish(push, state, at, messages.CLUSTER_GONE, {"cluster": push.cluster.name})


def finish(
    push: Push, state: str, at: datetime, message: Message | None, params: dict[str, Any]
) -> bool:
    """End the push, and the change with its last push. Says whether it was still to be ended.

    Must run in a transaction.
    """
    ended = Push.objects.filter(pk=push.pk, state__in=Push.UNFINISHED).update(
        state=state,
        finished_at=at,
        problem_code=message.code if message else "",
        problem_params=params,
    )
    if not ended:
        return False
    events.announce(notice_of(push))
    _audit(push, state, at)
    for route in _routes_done(push):
        outbox.post("health.probe", route)
    _move_change(push.change_id, at)
    return True


def described(part: Part) -> dict[str, Any]:
    return {
        "subject": part.name,
        "rung": part.readiness.rung.label,
        "reason": part.readiness.sentence,
    }


def late(push: Push, part: Part) -> dict[str, Any]:
    minutes = int(standing.ready_within(push).total_seconds() // 60)
    return {**described(part), "minutes": minutes}


def _say_blocked(push: Push, blocked: Mapping[int, int]) -> None:
    rows = {
        row.pk: row for row in DesiredObject.objects.filter(pk__in={*blocked, *blocked.values()})
    }
    for stop in set(blocked.values()):
        steps = [rows[pk].step_id for pk, by in blocked.items() if by == stop]
        PushOutcome.objects.filter(push=push, step__in=steps).update(
            code=messages.PHASE_BLOCKED.code, params={"object": str(ref_of(rows[stop]))}
        )


def _routes_done(push: Push) -> set[Any]:
    """Routes that the push has put, and those that lead to what it has put; whatever became of
    the rest."""
    done = push.outcomes.filter(outcome__in=PushOutcome.DONE).exclude(step__verb="delete")
    own = done.filter(step__definition_kind="route")
    placements = done.filter(step__placement_id__isnull=False).values("step__placement_id")
    leading = Route.objects.live().filter(members__placement__in=placements)
    found = {*own.values_list("step__definition_id", flat=True)}
    return found | {*leading.values_list("pk", flat=True)}


def _counts(push: Push) -> dict[str, int]:
    """How many steps came to each outcome."""
    outcomes = PushOutcome.objects.filter(push=push).values("outcome").order_by("outcome")
    return dict(outcomes.annotate(count=Count("pk")).values_list("outcome", "count"))


def _audit(push: Push, state: str, at: datetime) -> None:
    record(
        verb=f"push {state}",
        subject_kind="push",
        subject_id=push.pk,
        subject_name=f"#{push.change_id} to {push.cluster.name}",
        by=None,
        at=at,
        team=push.change.team,
        after={"attempt": push.attempt, "outcomes": _counts(push)},
    )


def _move_change(change_id: int, at: datetime) -> None:
    """The change follows its pushes: the last of them to end decides how it ends."""
    rows = ChangeRequest.objects.select_for_update(of=("self",)).select_related("team", "plan")
    change = rows.get(pk=change_id)
    pushes = Push.objects.filter(plan=change.plan_id)
    states = set(pushes.values_list("state", flat=True))
    if Push.State.APPLYING in states or change.state not in (State.APPLYING, State.VERIFYING):
        return
    if Push.State.VERIFYING in states:
        if change.state == State.APPLYING:
            move(change, State.VERIFYING, verb="applied", at=at)
        return
    to = State.PARTIAL
    if states == {Push.State.SUCCEEDED}:
        to = State.SUCCEEDED
    elif states == {Push.State.FAILED}:
        to = State.FAILED
    worst = pushes.exclude(problem_code="").order_by("pk").first()
    move(
        change,
        to,
        verb=str(to.label).lower(),
        at=at,
        finished_at=at,
        problem_code=worst.problem_code if worst else "",
        problem_params=worst.problem_params if worst else {},
    )
