"""Bringing one cluster to what was approved: phase by phase, as far as it answers. Thin."""

import random
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from inference.clusters.client.door import ClusterClient
from inference.clusters.client.errors import ClusterUnavailable
from inference.clusters.models import Cluster, Inventory
from inference.delivery import standing
from inference.delivery.apply import Result, send
from inference.delivery.ending import end_if_settled
from inference.delivery.leases import Lease, retry_wait
from inference.delivery.models import Convergence, DesiredObject, Push, PushOutcome
from inference.delivery.recording import announce, record
from inference.delivery.standing import ready_within
from inference.delivery.wanting import FIRST_DELETION
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.messages import delivery as messages
from inference.outbox import Later
from inference.planning.checks import prune_cap
from inference.rendering.objects import Phase

declare("push.before_phase")

BREAKER = 5
LOOK_AGAIN = timedelta(seconds=1)
Connect = Callable[[Cluster], ClusterClient]

_seen: set[tuple[int, object]] = set()
"""Clients whose cluster has shown its identity to this process: a warm push asks nothing."""


def converge(cluster: Cluster, lease: Lease, connect: Connect) -> Later | None:
    """Work on every push that applies to `cluster`. Says when to look again, if ever.

    Raises LeaseLost when another worker took over; nothing more is written then.
    """
    until = time.monotonic() + settings.TASK_DEADLINE.total_seconds()
    pushes = list(
        Push.objects.filter(cluster=cluster, state=Push.State.APPLYING)
        .select_related("change", "plan")
        .order_by("pk")
    )
    if not pushes or cluster.state != Cluster.State.ACTIVE:
        return None
    waiting = _breaker(cluster)
    if waiting:
        return waiting
    try:
        client = connect(cluster)
        _check_identity(client, cluster)
    except ClusterUnavailable as unavailable:
        return _unavailable(cluster, pushes, unavailable)
    except Refusal as refusal:
        return _unavailable(cluster, pushes, refusal)
    waits = [_push(client, push, lease, until) for push in pushes]
    found = [wait for wait in waits if wait is not None]
    return min(found, default=None)


def _push(client: ClusterClient, push: Push, lease: Lease, until: float) -> Later | None:
    """Take one push as far as it goes now."""
    while time.monotonic() < until:
        rows = _open(push)
        if not rows or _stuck(push).exists():
            end_if_settled(push, lease, timezone.now())
            return None
        phase = min(row.phase for row in rows)
        if Phase.ROUTE <= phase < FIRST_DELETION and not _is_ready(push):
            return _wait(push, lease)
        failpoint("push.before_phase")
        Push.objects.filter(pk=push.pk).update(phase=phase)
        here = [row for row in rows if row.phase == phase]
        unavailable = _send_phase(client, push, here, lease, until)
        if unavailable:
            return _unavailable(push.cluster, [push], unavailable)
    return Later(seconds=0)


def _send_phase(
    client: ClusterClient, push: Push, rows: list[DesiredObject], lease: Lease, until: float
) -> ClusterUnavailable | None:
    rows = _within_cap(push, rows, lease)
    announced = announce(rows, lease, timezone.now())
    for chunk in send(client, rows, announced, lease, until):
        record(push, chunk.results, lease, timezone.now())
        if chunk.unavailable:
            return chunk.unavailable
    _answered(push.cluster)
    return None


def _open(push: Push) -> list[DesiredObject]:
    return list(
        DesiredObject.objects.filter(
            push=push, pushed_generation__lt=F("generation"), problem_code=""
        )
        .select_related("cluster", "team")
        .order_by("phase", "pk")
    )


def _stuck(push: Push) -> "QuerySet[PushOutcome]":
    return PushOutcome.objects.filter(push=push, outcome__in=PushOutcome.STUCK)


def _within_cap(push: Push, rows: list[DesiredObject], lease: Lease) -> list[DesiredObject]:
    """Deletions are counted once more, and only what the inventory knows by UID is deleted."""
    deletions = [row for row in rows if not row.wanted]
    if not deletions:
        return rows
    ours = set(
        Inventory.objects.filter(
            cluster=push.cluster,
            uid__in=[row.uid for row in deletions],
            deleted_at__isnull=True,
        ).values_list("uid", flat=True)
    )
    held = Inventory.objects.filter(
        cluster=push.cluster, team=deletions[0].team, deleted_at__isnull=True
    ).count()
    cap = prune_cap(held)
    beyond = deletions if len(deletions) > cap else []
    unknown = [row for row in deletions if row.uid not in ours and row not in beyond]
    rejected = PushOutcome.Outcome.REJECTED
    refused = [
        *(Result(row, rejected, messages.BEYOND_CAP, {"cap": cap}) for row in beyond),
        *(
            Result(row, rejected, messages.NOT_IN_INVENTORY, {"object": str(row)})
            for row in unknown
        ),
    ]
    if refused:
        record(push, refused, lease, timezone.now())
    return [row for row in rows if row.wanted or (row.uid in ours and not beyond)]


def _is_ready(push: Push) -> bool:
    readiness = standing.of_placements(standing.placement_ids(push))
    return all(one.is_ready for one in readiness.values())


def _wait(push: Push, lease: Lease) -> Later | None:
    """The route comes when its engines answer; until then nothing is held but a row."""
    now = timezone.now()
    Push.objects.filter(pk=push.pk).update(phase=Phase.WAIT)
    if now > push.started_at + ready_within(push):
        end_if_settled(push, lease, now, out_of_time=True)
        return None
    return Later(seconds=LOOK_AGAIN.total_seconds())


def _check_identity(client: ClusterClient, cluster: Cluster) -> None:
    key = (id(client), cluster.pk)
    if key not in _seen:
        client.check_identity(cluster.identity)
        _seen.add(key)


def _breaker(cluster: Cluster) -> Later | None:
    open_now = Convergence.objects.filter(cluster=cluster, open_until__gt=Now()).first()
    if open_now and open_now.open_until:
        left = (open_now.open_until - timezone.now()).total_seconds()
        return Later(seconds=max(0.1, left))
    return None


def _answered(cluster: Cluster) -> None:
    Convergence.objects.filter(cluster=cluster, failures__gt=0).update(failures=0, open_until=None)


def _unavailable(cluster: Cluster, pushes: list[Push], problem: Refusal) -> Later:
    """Count the failure, say it on each push, and come back later: sooner while it is new."""
    with transaction.atomic():
        row = Convergence.objects.select_for_update().get(cluster=cluster)
        failures = row.failures + 1
        asked = getattr(problem, "retry_after", None) or 0.0
        wait = max(retry_wait(failures, random.random()), timedelta(seconds=asked))  # noqa: S311
        is_open = failures >= BREAKER or asked > 0
        Convergence.objects.filter(cluster=cluster).update(
            failures=failures, open_until=Now() + wait if is_open else None
        )
        Push.objects.filter(pk__in=[push.pk for push in pushes]).update(
            problem_code=problem.code, problem_params=problem.params
        )
    return Later(seconds=max(0.2, wait.total_seconds()))
