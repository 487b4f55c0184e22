"""Ending pushes and changes: when all was sent, when no more can be, when all is ready."""

from datetime import datetime
from typing import Any

from django.db import transaction

from inference import outbox
from inference.changes.models import ChangeRequest
from inference.changes.transitions import move
from inference.delivery import standing
from inference.delivery.leases import Lease
from inference.delivery.models import Push, PushOutcome
from inference.delivery.recording import fence
from inference.delivery.standing import ready_within
from inference.failpoints import declare, failpoint
from inference.messages import Message
from inference.messages import delivery as messages

declare("push.before_finish", "verify.before_finish")

State = ChangeRequest.State


@transaction.atomic
def end_if_settled(push: Push, lease: Lease, at: datetime, *, out_of_time: bool = False) -> None:
    """After the last object: on to verification, or to an end that says what is missing."""
    fence(lease)
    outcomes = list(PushOutcome.objects.filter(push=push))
    done = [one for one in outcomes if one.outcome in PushOutcome.DONE]
    stuck = [one for one in outcomes if one.outcome in PushOutcome.STUCK]
    failpoint("push.before_finish")
    if out_of_time:
        message, params = _why_not_ready(push)
        _finish(push, Push.State.PARTIAL if done else Push.State.FAILED, at, message, params)
    elif stuck:
        state = Push.State.PARTIAL if done else Push.State.FAILED
        _finish(push, state, at, messages.PUSH_STUCK, {"count": len(stuck)})
    elif len(done) == len(outcomes):
        Push.objects.filter(pk=push.pk, state=Push.State.APPLYING).update(
            state=Push.State.VERIFYING,
            verify_until=at + ready_within(push),
            problem_code="",
            problem_params={},
        )
        outbox.post("delivery.verify", push.pk)
        _move_change(push.change_id, at)


def verify(push: Push, at: datetime) -> bool:
    """Whether the push has ended: everything it touches is ready, or its time is over."""
    routes = standing.route_ids(push)
    readiness = [
        *standing.of_placements(standing.placement_ids(push)).values(),
        *standing.of_routes(routes).values(),
    ]
    late = push.verify_until is not None and at > push.verify_until
    if not all(one.is_ready for one in readiness) and not late:
        return False
    with transaction.atomic():
        if all(one.is_ready for one in readiness):
            _finish(push, Push.State.SUCCEEDED, at, None, {})
            for route in routes:
                outbox.post("health.probe", route)
        else:
            message, params = _why_not_ready(push)
            _finish(push, Push.State.PARTIAL, at, message, params)
        failpoint("verify.before_finish")
    return True


def _why_not_ready(push: Push) -> tuple[Message, dict[str, Any]]:
    """The first of its parts that is not ready, with its rung and the real reason."""
    readiness = standing.of_placements(standing.placement_ids(push)) | standing.of_routes(
        standing.route_ids(push)
    )
    minutes = int(ready_within(push).total_seconds() // 60)
    late = [(name, one) for name, one in readiness.items() if not one.is_ready]
    name, reason, rung = str(push), "nothing is known of it", "nothing"
    if late:
        name, one = late[0]
        reason, rung = one.sentence, one.rung.label
    params = {"placement": name, "rung": rung, "minutes": minutes, "reason": reason}
    return messages.NOT_READY_IN_TIME, params


def _finish(
    push: Push, state: str, at: datetime, message: Message | None, params: dict[str, Any]
) -> None:
    ended = Push.objects.filter(
        pk=push.pk, state__in=[Push.State.APPLYING, Push.State.VERIFYING]
    ).update(
        state=state,
        finished_at=at,
        problem_code=message.code if message else "",
        problem_params=params,
    )
    if ended:
        _move_change(push.change_id, at)


def _move_change(change_id: int, at: datetime) -> None:
    """The change follows its pushes: the last of them to end decides how it ends."""
    change = ChangeRequest.objects.select_for_update().get(pk=change_id)
    states = set(change.pushes.values_list("state", flat=True))
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
    worst = change.pushes.exclude(problem_code="").first()
    move(
        change,
        to,
        verb=str(to.label).lower(),
        at=at,
        finished_at=at,
        problem_code=worst.problem_code if worst else "",
        problem_params=worst.problem_params if worst else {},
    )
