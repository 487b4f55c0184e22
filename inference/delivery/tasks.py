"""The deeds of machines on deliveries: start what was approved, converge, verify."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from inference import events, outbox
from inference.changes.models import ChangeRequest
from inference.changes.transitions import move
from inference.clusters.connecting import connect
from inference.delivery import actions, converging, verification
from inference.delivery.gate import Overdue, Stale, Wait
from inference.delivery.leases import LeaseLost, lease
from inference.delivery.models import Push
from inference.errors import Conflict
from inference.failpoints import declare, failpoint
from inference.messages import delivery as messages
from inference.outbox import Later

declare("start.before_say", "start.before_sent_back", "start.after_commit", "push.begin")

WAIT = timedelta(seconds=2)
LOOK = timedelta(seconds=1)

State = ChangeRequest.State


@outbox.handler("delivery.start")
def start(key: str) -> Later | None:
    """Start a change that is approved, or have it planned anew when the world has moved."""
    change = ChangeRequest(pk=int(key))
    try:
        actions.start(change=change, at=timezone.now())
    except Wait as reason:
        _say(change, reason)
        return Later(seconds=WAIT.total_seconds())
    except Overdue:
        with transaction.atomic():
            outbox.post("changes.expire", change.pk)
    except Stale as reason:
        _send_back(change, State.PLANNING, reason)
    except Conflict as reason:
        _send_back(change, State.IN_REVIEW, reason)
    except IntegrityError:
        _send_back(change, State.IN_REVIEW, Conflict(messages.DEFINITIONS_REFUSED))
    failpoint("start.after_commit")
    return None


@outbox.handler("delivery.converge")
def converge(key: str) -> Later | None:
    """Bring one cluster to its desired objects. What is left over stays due, in rows."""
    cluster_id = UUID(key)
    failpoint("push.begin")
    try:
        with lease(cluster_id) as held:
            if held is None:
                return Later(seconds=settings.LEASE.total_seconds() / 10)
            return converging.converge(cluster_id, held, connect)
    except LeaseLost:
        return Later(seconds=LOOK.total_seconds())


@outbox.handler("delivery.verify")
def verify(key: str) -> Later | None:
    """Look whether a push is ready."""
    push = (
        Push.objects.filter(pk=key, state=Push.State.VERIFYING)
        .select_related("plan", "cluster", "change__team")
        .first()
    )
    if push is None or verification.verify(push, timezone.now()):
        return None
    return Later(seconds=LOOK.total_seconds())


def _say(change: ChangeRequest, reason: Conflict) -> None:
    unsaid = ChangeRequest.objects.filter(pk=change.pk, state=State.APPROVED).exclude(
        problem_code=reason.code, problem_params=reason.params
    )
    if unsaid.exists():
        with transaction.atomic():
            unsaid.update(problem_code=reason.code, problem_params=reason.params)
            events.announce(f"change-request:{change.pk}")
            failpoint("start.before_say")


def _send_back(change: ChangeRequest, to: str, reason: Conflict) -> None:
    """To planning, which keeps decisions when the plan comes out the same; or to its people.

    It may have been started or taken back: then there is nothing left to send back.
    """
    with transaction.atomic():
        waiting = ChangeRequest.objects.filter(pk=change.pk, state=State.APPROVED)
        fresh = waiting.select_for_update().first()
        if fresh is None:
            return
        move(
            fresh,
            to,
            verb="could not start",
            at=timezone.now(),
            stale=True,
            approved_at=None,
            problem_code=reason.code,
            problem_params=reason.params,
        )
        if to == State.PLANNING:
            outbox.post("changes.plan", fresh.pk)
        failpoint("start.before_sent_back")
