"""One worker per cluster, and only as long as its lease: rows with a fencing epoch.

A lease is taken by a conditional UPDATE with the database's clock, renewed by a thread, and asked
before every write. What is recorded names the epoch, so that a worker which was presumed dead
records nothing when it wakes.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import BigIntegerField, CharField, DurationField, F, Q, UUIDField
from django.db.models.functions import Now

from inference.compiled import Slot, Update
from inference.delivery.models import Convergence
from inference.failpoints import declare, failpoint
from inference.outbox.running import WORKER

declare("lease.after_take", "lease.before_give_back")

RENEWALS = 6
RESERVE = 0.4
"""Share of a lease that must be left before a write begins: 12 s of 30 s, and a write has 10 s."""
WRITING = 5 / 6
"""Share of that reserve that a write may use."""

_log = structlog.get_logger("waybill.delivery")


_CLUSTER = Slot("cluster", UUIDField())
_EPOCH = Slot("epoch", BigIntegerField())
_WORKER = Slot("worker", CharField())
_FREE = Q(expires_at__isnull=True) | Q(expires_at__lt=Now())
_TAKE = Update(
    lambda: Convergence.objects.filter(_FREE, cluster=_CLUSTER),
    returning=("epoch", "failures", "open_until"),
    holder=_WORKER,
    epoch=F("epoch") + 1,
    expires_at=Now() + Slot("lease", DurationField()),
)
_FENCE = Update(
    lambda: Convergence.objects.filter(cluster=_CLUSTER, epoch=_EPOCH, holder=_WORKER),
    epoch=F("epoch"),
)


class LeaseLost(Exception):
    """Another worker has the cluster now. Nothing more is written under this lease."""


class Lease:
    """Held by one worker. `left` is by our own clock, which only makes it shorter than it is."""

    def __init__(
        self, cluster_id: UUID, epoch: int, asked_at: float, *, has_failed: bool = True
    ) -> None:
        self.cluster_id = cluster_id
        self.epoch = epoch
        # Whether the cluster did not answer when it was last asked; who has the lease, asks.
        self.has_failed = has_failed
        self._until = asked_at + settings.LEASE.total_seconds()

    @property
    def left(self) -> float:
        return self._until - time.monotonic()

    @property
    def allows_a_write(self) -> bool:
        """Whether a write that begins now is over before another worker could take the lease."""
        return self.left >= settings.LEASE.total_seconds() * RESERVE

    def write_deadline(self) -> float:
        """When a write that begins now has to be over, on the monotonic clock."""
        most = settings.LEASE.total_seconds() * RESERVE * WRITING
        return time.monotonic() + min(settings.WRITE_DEADLINE.total_seconds(), most)

    def fence(self) -> None:
        """Inside a transaction, before what it records. Raises LeaseLost.

        Holds the row until the commit, so that nobody takes the lease in between.
        """
        mine = {"cluster": self.cluster_id, "epoch": self.epoch, "worker": WORKER}
        if not _FENCE.update(**mine):
            raise LeaseLost

    def renew(self) -> bool:
        asked_at = time.monotonic()
        held = Convergence.objects.filter(self._mine(), expires_at__gt=Now()).update(
            expires_at=Now() + settings.LEASE
        )
        if held:
            self._until = asked_at + settings.LEASE.total_seconds()
        return bool(held)

    def give_back(self) -> None:
        failpoint("lease.before_give_back")
        Convergence.objects.filter(self._mine()).update(holder="", expires_at=None)

    def _mine(self) -> Q:
        return Q(cluster_id=self.cluster_id, epoch=self.epoch, holder=WORKER)


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
        with suppress(DatabaseError):  # it expires by itself
            held.give_back()


def _take(cluster_id: UUID) -> Lease | None:
    """In one statement, once the cluster has its row: of two, the second finds it held."""
    asked_at = time.monotonic()
    asked = {"cluster": cluster_id, "worker": WORKER, "lease": settings.LEASE}
    taken = _TAKE.changed(**asked)
    if not taken and Convergence.objects.get_or_create(cluster_id=cluster_id)[1]:
        taken = _TAKE.changed(**asked)
    for epoch, failures, open_until in taken:
        return Lease(cluster_id, epoch, asked_at, has_failed=bool(failures or open_until))
    return None


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
