"""Doing what is due: claim a row by a conditional UPDATE, call its handler, cross the row out."""

import os
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from inference.failpoints import declare, failpoint
from inference.outbox.models import OutboxEntry
from inference.outbox.posting import wake

declare("outbox.after_claim", "outbox.before_done")
declare("outbox.before_release", "outbox.before_let_go")

Handler = Callable[[str], "Later | None"]

WORKER = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
LONGEST_WAIT = 300.0

_handlers: dict[str, Handler] = {}
_running: dict[int, tuple[str, float]] = {}
_lock = threading.Lock()
_log = structlog.get_logger("waybill.outbox")


class Later(timedelta):
    """What a handler returns when there is more to do, but not yet: how long to wait."""


def handler(topic: str) -> Callable[[Handler], Handler]:
    """Enter the function that does `topic`. It takes the key, and is safe to run twice.

    It returns None when nothing is left to do, or `Later`. What it raises is logged, and it is
    called again after a growing wait.
    """

    def enter(function: Handler) -> Handler:
        _handlers[topic] = function
        return function

    return enter


def run(topic: str, key: str) -> bool:
    """Do the row of (topic, key) if it is due and nobody else is at it. Says whether it did.

    A topic that this process does not know is left to one that does: releases work side by side.
    """
    entry = _claim(topic, key) if topic in _handlers else None
    if entry is None:
        return False
    with _lock:
        _running[entry.pk] = (topic, time.monotonic())
    try:
        failpoint("outbox.after_claim")
        _do(entry)
    finally:
        with _lock:
            _running.pop(entry.pk, None)
    return True


def due(limit: int, *, but: Collection[str] = ()) -> list[tuple[str, str]]:
    """Topic and key of the rows that wait longest, for topics that this process can do.

    `but`: topics that have no place now.
    """
    topics = [topic for topic in _handlers if topic not in but]
    return list(
        OutboxEntry.objects.filter(_free(), due_at__lte=Now(), topic__in=topics)
        .order_by("due_at")
        .values_list("topic", "key")[:limit]
    )


def renew() -> None:
    """Keep the claims of this process. Called by its heartbeat, a few times per lease."""
    with _lock:
        mine = list(_running)
    if mine:
        OutboxEntry.objects.filter(pk__in=mine, claimed_by=WORKER).update(
            claimed_until=Now() + settings.LEASE
        )


def longest_run() -> float:
    """Seconds since the oldest handler that is still running was called."""
    with _lock:
        return max((time.monotonic() - began for _, began in _running.values()), default=0.0)


def _free() -> Q:
    return Q(claimed_until__isnull=True) | Q(claimed_until__lt=Now())


def _claim(topic: str, key: str) -> OutboxEntry | None:
    claimed = OutboxEntry.objects.filter(_free(), topic=topic, key=key, due_at__lte=Now()).update(
        claimed_by=WORKER, claimed_until=Now() + settings.LEASE, attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    return OutboxEntry.objects.filter(topic=topic, key=key, claimed_by=WORKER).first()


def _do(entry: OutboxEntry) -> None:
    structlog.contextvars.bind_contextvars(topic=entry.topic, key=entry.key)
    try:
        later = _handlers[entry.topic](entry.key)
    except DatabaseError as error:
        _log.warning("database-unavailable", error=type(error).__name__)
        with suppress(DatabaseError):
            _release(entry, _backoff(entry.attempts), type(error).__name__)
    except Exception as error:  # noqa: BLE001  (the top of a worker: logged once, tried again)
        _log.exception("handler-failed", attempts=entry.attempts)
        _release(entry, _backoff(entry.attempts), f"{type(error).__name__}: {error}"[:500])
    else:
        failpoint("outbox.before_done")
        _finish(entry, later)
    finally:
        structlog.contextvars.unbind_contextvars("topic", "key")


def _finish(entry: OutboxEntry, later: Later | None) -> None:
    mine = _unasked(entry)
    if later is None:
        settled = bool(mine.delete()[0])
    else:
        settled = bool(
            mine.update(
                due_at=Now() + later, attempts=0, last_error="", claimed_by="", claimed_until=None
            )
        )
    if not settled:
        _let_go(entry)


def _release(entry: OutboxEntry, wait: timedelta, error: str) -> None:
    failpoint("outbox.before_release")
    if not _unasked(entry).update(
        due_at=Now() + wait, last_error=error, claimed_by="", claimed_until=None
    ):
        _let_go(entry)


def _unasked(entry: OutboxEntry) -> QuerySet[OutboxEntry]:
    """The row, if it is still ours and nobody has asked for it since it was claimed."""
    return OutboxEntry.objects.filter(pk=entry.pk, claimed_by=WORKER, posted=entry.posted)


def _let_go(entry: OutboxEntry) -> None:
    """It was asked for again meanwhile: what was new then may not have been seen."""
    failpoint("outbox.before_let_go")
    if OutboxEntry.objects.filter(pk=entry.pk, claimed_by=WORKER).update(
        claimed_by="", claimed_until=None
    ):
        wake(entry.topic, entry.key)


def _backoff(attempts: int) -> timedelta:
    """Full jitter under a doubling ceiling, so that many that failed together part ways."""
    ceiling = min(LONGEST_WAIT, 2.0 ** min(attempts, 10))
    return timedelta(seconds=ceiling * random.random())  # noqa: S311  (spread, not secrecy)
