"""One worker per cluster, and only as long as its lease: rows with a fencing epoch.

A lease is taken by a conditional UPDATE with the database's clock, renewed by a thread, and asked
before every write. What is recorded names the epoch, so that a worker which was presumed dead
records nothing when it wakes.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, Q
from django.db.models.functions import Now

from inference.delivery.models import Convergence
from inference.failpoints import declare, failpoint
from inference.outbox.running import WORKER

declare("lease.after_take")

RENEWALS = 6
RESERVE = 0.4
"""Share of a lease that must be left before a write begins: 12 s of 30 s, and a write has 10 s."""

_log = structlog.get_logger("waybill.delivery")


class LeaseLost(Exception):
    """Another worker has the cluster now. Nothing more is written under this lease."""


class Lease:
    """Held by one worker. `left` is by our own clock, which only makes it shorter than it is."""

    def __init__(self, cluster_id: UUID, epoch: int) -> None:
        self.cluster_id = cluster_id
        self.epoch = epoch
        self._until = time.monotonic() + settings.LEASE.total_seconds()

    @property
    def left(self) -> float:
        return self._until - time.monotonic()

    def check_can_write(self) -> None:
        """Raises LeaseLost when a write that begins now might outlive the lease."""
        if self.left < settings.LEASE.total_seconds() * RESERVE:
            raise LeaseLost

    def rows(self) -> "Q":
        """The condition that this lease still holds, by the database's clock."""
        return Q(cluster_id=self.cluster_id, epoch=self.epoch, holder=WORKER)

    def is_held(self) -> bool:
        return Convergence.objects.filter(self.rows(), expires_at__gt=Now()).exists()

    def renew(self) -> bool:
        asked = time.monotonic()
        held = Convergence.objects.filter(self.rows(), expires_at__gt=Now()).update(
            expires_at=Now() + settings.LEASE
        )
        if held:
            self._until = asked + settings.LEASE.total_seconds()
        return bool(held)


@contextmanager
def lease(cluster_id: UUID) -> Iterator[Lease | None]:
    """The lease of a cluster, or None while another worker holds it. Given back at the end."""
    held = _take(cluster_id)
    if held is None:
        yield None
        return
    failpoint("lease.after_take")
    stop = threading.Event()
    thread = threading.Thread(target=_keep, args=(held, stop), name="lease", daemon=True)
    thread.start()
    try:
        yield held
    finally:
        stop.set()
        thread.join()
        Convergence.objects.filter(held.rows()).update(holder="", expires_at=None)


def _take(cluster_id: UUID) -> Lease | None:
    Convergence.objects.get_or_create(cluster_id=cluster_id)
    free = Q(expires_at__isnull=True) | Q(expires_at__lt=Now())
    taken = Convergence.objects.filter(free, cluster_id=cluster_id).update(
        holder=WORKER, epoch=F("epoch") + 1, expires_at=Now() + settings.LEASE
    )
    if not taken:
        return None
    epoch = Convergence.objects.values_list("epoch", flat=True).get(cluster_id=cluster_id)
    return Lease(cluster_id, epoch)


def _keep(held: Lease, stop: threading.Event) -> None:
    try:
        while not stop.wait(settings.LEASE.total_seconds() / RENEWALS):
            try:
                if not held.renew():
                    return
            except DatabaseError as error:
                _log.warning("lease-not-renewed", error=type(error).__name__)
    finally:
        connection.close()


def retry_wait(failures: int, share: float) -> timedelta:
    """Full jitter under a doubling ceiling of 300 s; `share` is between 0 and 1."""
    return timedelta(seconds=min(300.0, 2.0 ** min(failures, 10)) * share)
