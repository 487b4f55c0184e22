"""Asking for work: a row in the caller's transaction, a Celery message when it commits."""

import time
from datetime import datetime
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now
from kombu.exceptions import OperationalError

from inference.failpoints import declare, failpoint
from inference.outbox.models import OutboxEntry

declare("outbox.before_wake")

WAKE_TASK = "waybill.wake"
QUIET_AFTER_FAILURE = 5.0

_log = structlog.get_logger("waybill.outbox")
_quiet_until = 0.0


def post(topic: str, key: object, due_at: datetime | None = None) -> None:
    """Ask for `topic` to be done about `key`, now or at `due_at`. Safe to repeat.

    Must run inside the transaction whose rows the work is about. An asking that finds an older
    one keeps the earlier of both times.
    """
    name = str(key)
    if not _post_again(topic, name, due_at):
        due = Now() if due_at is None else due_at
        entry = OutboxEntry(topic=topic, key=name, posted=0, due_at=due)
        OutboxEntry.objects.bulk_create([entry], ignore_conflicts=True)
        _post_again(topic, name, due_at)  # counts it, whoever of two has made the row
    if due_at is None:
        transaction.on_commit(partial(wake, topic, name))


def _post_again(topic: str, key: str, due_at: datetime | None) -> bool:
    due = Now() if due_at is None else due_at
    return bool(
        OutboxEntry.objects.filter(topic=topic, key=key).update(
            posted=F("posted") + 1, due_at=Least(F("due_at"), due), attempts=0, last_error=""
        )
    )


def wake(topic: str, key: str) -> None:
    """Tell a worker now. A broker that cannot be reached costs latency and nothing else."""
    global _quiet_until  # noqa: PLW0603  (one broker per process, and one memory of its failure)
    failpoint("outbox.before_wake")
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(WAKE_TASK, kwargs={"topic": topic, "key": key}, retry=False)
    except (OperationalError, OSError) as error:
        _quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
        _log.warning("broker-unreachable", error=type(error).__name__)
