"""Whether a cluster is worth asking now: failures, breaker and backoff, kept in rows."""

import random
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from inference import events
from inference.clusters.models import Cluster, ClusterCredential
from inference.delivery.models import Convergence
from inference.outbox import Later

OPENS_AT = 5
LONGEST = 300.0
LOOK = 5.0
"""Seconds between two looks at rows while a breaker is open: somebody may have mended it."""


def backoff(failures: int) -> timedelta:
    """Full jitter under a doubling ceiling, so that clusters that fell together part ways."""
    return timedelta(seconds=ceiling(failures) * random.random())  # noqa: S311  (no secret)


def ceiling(failures: int) -> float:
    """The longest wait after so many failures in a row, in seconds."""
    return min(LONGEST, 2.0 ** min(failures, 10))


def closed_for(cluster: Cluster) -> Later | None:
    """How long not to ask; None when it may be asked.

    An open breaker lets go at once when the cluster has answered a probe since, or has a new
    credential.
    """
    row = Convergence.objects.filter(cluster=cluster, open_until__gt=Now()).first()
    if row is None or row.open_until is None or _mended(cluster, row):
        return None
    left = (row.open_until - timezone.now()).total_seconds()
    return Later(seconds=min(max(left, 0.05), LOOK))


def needs_a_probe(cluster: Cluster) -> bool:
    """Whether the breaker is half open: one cheap question comes before anything else."""
    return Convergence.objects.filter(cluster=cluster, failures__gte=OPENS_AT).exists()


def succeeded(cluster_id: UUID) -> None:
    with transaction.atomic(savepoint=False):
        if Convergence.objects.filter(cluster=cluster_id, failures__gt=0).update(
            failures=0, open_until=None
        ):
            events.announce(f"cluster:{cluster_id}")


@transaction.atomic
def failed(cluster_id: UUID, count: int, *, answered: bool, retry_after: float | None) -> timedelta:
    """Write down `count` failures in a row, the last of them now; returns how long to wait.

    `answered`: something succeeded before them, so that they begin a new row of failures.
    """
    row = Convergence.objects.get(cluster=cluster_id)
    failures = count if answered else row.failures + count
    wait = max(backoff(failures), timedelta(seconds=retry_after or 0.0))
    is_open = failures >= OPENS_AT or retry_after is not None
    Convergence.objects.filter(cluster=cluster_id).update(
        failures=failures, failed_at=Now(), open_until=Now() + wait if is_open else None
    )
    events.announce(f"cluster:{cluster_id}")
    return wait


def _mended(cluster: Cluster, row: Convergence) -> bool:
    if row.failed_at is None or row.failures < OPENS_AT:
        return False
    replaced = ClusterCredential.objects.filter(cluster=cluster, replaced_at__gt=row.failed_at)
    probed = cluster.contacted_at is not None and cluster.contacted_at > row.failed_at
    return (probed and not cluster.problem_code) or replaced.exists()
