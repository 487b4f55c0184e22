"""Asking for work: a row in the caller's transaction, a Celery message when it commits."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import BigIntegerField, CharField, F
from django.db.models.functions import Least, Now
from kombu.exceptions import OperationalError

from inference.compiled import Insert, Slot
from inference.failpoints import declare, failpoint
from inference.outbox.models import OutboxEntry

declare("outbox.before_wake")

WAKE_TASK = "waybill.wake"
QUIET_AFTER_FAILURE = 5.0

_log = structlog.get_logger("waybill.outbox")
_quiet_until = 0.0
_worker = threading.local()


def post(topic: str, key: object, due_at: datetime | None = None) -> None:
    """Ask for `topic` to be done about `key`, now or at `due_at`. Safe to repeat.

    Must run inside the transaction whose rows the work is about. An asking for later that finds an
    older one keeps the earlier of both times.
    """
    name = str(key)
    if due_at is None:
        _POST_NOW.create(topic=topic, key=name, mark=new_mark())
        transaction.on_commit(partial(wake, topic, name))
    elif not _post_again(topic, name, due_at):
        entry = OutboxEntry(topic=topic, key=name, posted=new_mark(), due_at=due_at)
        OutboxEntry.objects.bulk_create([entry], ignore_conflicts=True)
        _post_again(topic, name, due_at)  # whoever of two has made the row


_POST_NOW = Insert(
    OutboxEntry,
    unique=["topic", "key"],
    update=["posted", "due_at", "attempts", "last_error"],
    topic=Slot("topic", CharField()),
    key=Slot("key", CharField()),
    posted=Slot("mark", BigIntegerField()),
    due_at=Now(),
    created_at=Now(),
)


def _post_again(topic: str, key: str, due_at: datetime) -> bool:
    return bool(
        OutboxEntry.objects.filter(topic=topic, key=key).update(
            posted=new_mark(), due_at=Least(F("due_at"), due_at), attempts=0, last_error=""
        )
    )


def new_mark() -> int:
    """A number that no other asking or claim has."""
    return secrets.randbits(62)


def wake(topic: str, key: str) -> None:
    """Have it done now: by a worker that is told, or by this one if it is about to look."""
    here: list[tuple[str, str]] | None = getattr(_worker, "asked", None)
    if here is None:
        send(topic, key)
    else:
        here.append((topic, key))


@contextmanager
def asked_here() -> Iterator[list[tuple[str, str]]]:
    """What this thread asks for is not sent: who opens this does it, or sends it, afterwards."""
    outer = getattr(_worker, "asked", None)
    asked: list[tuple[str, str]] = []
    _worker.asked = asked
    try:
        yield asked
    finally:
        _worker.asked = outer


def send(topic: str, key: str) -> None:
    """Tell a worker. A broker that cannot be reached costs latency and nothing else."""
    global _quiet_until  # noqa: PLW0603  (one broker per process, and one memory of its failure)
    failpoint("outbox.before_wake")
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(WAKE_TASK, kwargs={"topic": topic, "key": key}, retry=False)
    except (OperationalError, OSError) as error:
        _quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
        _log.warning("broker-unreachable", error=type(error).__name__)
