"""The deeds of machines on changes: planning what was submitted, ending what was left."""

from uuid import uuid4

import structlog
from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from inference import outbox
from inference.changes import planning
from inference.changes.models import ChangeRequest
from inference.changes.transitions import move
from inference.clusters.connecting import connect
from inference.errors import Conflict, Refusal
from inference.failpoints import declare, failpoint
from inference.messages import changes as messages
from inference.outbox import Later

declare("expire.before_commit")

State = ChangeRequest.State
_log = structlog.get_logger("waybill.planning")


@outbox.handler("changes.plan")
def plan(key: str) -> Later | None:
    """Plan a change that waits for it. Nothing is written before everything is known."""
    change = (
        ChangeRequest.objects.filter(pk=key, state=State.PLANNING)
        .select_related("team", "author", "revision__author", "plan")
        .first()
    )
    if change is None:
        return None
    try:
        _plan(change)
    except Conflict as refusal:
        if refusal.message is not messages.CHANGE_MOVED_ON:
            raise
        return Later(seconds=0)  # somebody edited or cancelled it, or the world moved meanwhile
    return None


def _plan(change: ChangeRequest) -> None:
    now = timezone.now()
    try:
        planning.make(change, connect=connect, at=now)
    except Refusal as refusal:
        if refusal.message is messages.CHANGE_MOVED_ON:
            raise
        planning.give_back(change, refusal, now)
    except (OperationalError, InterfaceError, InternalError):
        raise  # the database is away or busy: asked again when it is back
    except Exception:  # noqa: BLE001  (logged once; its people would wait for ever)
        incident = uuid4().hex
        _log.exception("planning-failed", change=change.pk, incident=incident)
        planning.give_back(change, Refusal(messages.PLANNING_FAILED, incident=incident), now)


@outbox.handler("changes.expire")
def expire(key: str) -> Later | None:
    """End a change whose time has come by the clock of the database."""
    open_ones = ChangeRequest.objects.filter(state__in=ChangeRequest.BEFORE_START)
    change = open_ones.select_related("team", "plan").filter(pk=key).first()
    if change is None or change.expires_at is None:
        return None
    now = timezone.now()
    if not ChangeRequest.objects.filter(pk=change.pk, expires_at__lte=Now()).exists():
        return Later(seconds=max(1.0, (change.expires_at - now).total_seconds()))
    with transaction.atomic():
        move(
            change,
            State.EXPIRED,
            verb="expired",
            at=now,
            finished_at=now,
            problem_code=messages.EXPIRED.code,
        )
        failpoint("expire.before_commit")
    return None
