"""The deeds of machines on deliveries: start what was approved, converge, verify."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from inference import outbox
from inference.changes.models import ChangeRequest
from inference.changes.transitions import move
from inference.clusters.connecting import connect
from inference.clusters.models import Cluster
from inference.delivery import actions, converging, ending
from inference.delivery.gate import Wait
from inference.delivery.leases import LeaseLost, lease
from inference.delivery.models import Push
from inference.errors import Conflict
from inference.failpoints import declare, failpoint
from inference.outbox import Later

declare("start.after_commit", "push.begin")

WAIT = timedelta(seconds=2)


@outbox.handler("delivery.start")
def start(key: str) -> Later | None:
    """Start a change that is approved, or have it planned anew when the world has moved."""
    change = ChangeRequest.objects.filter(pk=key, state=ChangeRequest.State.APPROVED).first()
    if change is None:
        return None
    try:
        actions.start(change=change, at=timezone.now())
    except Wait as reason:
        ChangeRequest.objects.filter(pk=change.pk).update(
            problem_code=reason.code, problem_params=reason.params
        )
        return Later(seconds=WAIT.total_seconds())
    except Conflict as reason:
        _plan_anew(change, reason)
    failpoint("start.after_commit")
    return None


@outbox.handler("delivery.converge")
def converge(key: str) -> Later | None:
    """Bring one cluster to its desired objects. What is left over stays due, in rows."""
    cluster = Cluster.objects.filter(pk=key).first()
    if cluster is None:
        return None
    failpoint("push.begin")
    try:
        with lease(cluster.pk) as held:
            if held is None:
                return Later(seconds=settings.LEASE.total_seconds() / 10)
            return converging.converge(cluster, held, connect)
    except LeaseLost:
        return Later(seconds=1)


@outbox.handler("delivery.verify")
def verify(key: str) -> Later | None:
    """Look whether a push is ready. Rows of observation only: no cluster is asked."""
    push = (
        Push.objects.filter(pk=key, state=Push.State.VERIFYING)
        .select_related("plan", "cluster", "change")
        .first()
    )
    if push is None or ending.verify(push, timezone.now()):
        return None
    return Later(seconds=1)


def _plan_anew(change: ChangeRequest, reason: Conflict) -> None:
    fresh = ChangeRequest.objects.get(pk=change.pk)
    if fresh.state != ChangeRequest.State.APPROVED:
        return
    with transaction.atomic():
        move(
            fresh,
            ChangeRequest.State.PLANNING,
            verb="could not start",
            at=timezone.now(),
            stale=True,
            approved_at=None,
            problem_code=reason.code,
            problem_params=reason.params,
        )
        outbox.post("changes.plan", fresh.pk)
