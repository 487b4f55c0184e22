"""Doing what is due: claim a row by a conditional UPDATE, call its handler, cross the row out."""

import os
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import BigIntegerField, CharField, DurationField, F, Q, QuerySet
from django.db.models.functions import Now

from inference.compiled import Delete, Slot, Update
from inference.failpoints import declare, failpoint
from inference.outbox.models import OutboxEntry
from inference.outbox.posting import asked_here, new_mark, send, wake

declare("outbox.after_claim", "outbox.before_done")
declare("outbox.before_release", "outbox.before_let_go")

Handler = Callable[[str], "Later | None"]

WORKER = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
LONGEST_WAIT = 300.0

_handlers: dict[str, Handler] = {}
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


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is ours. `mark` is in it as long as nobody has asked for it again."""

    topic: str
    key: str
    mark: int

    def rows(self) -> QuerySet[OutboxEntry]:
        return OutboxEntry.objects.filter(topic=self.topic, key=self.key, claimed_by=WORKER)

    def unasked(self) -> QuerySet[OutboxEntry]:
        """The row, if nobody has asked for it since it was claimed."""
        return self.rows().filter(posted=self.mark)


_running: dict[Claim, float] = {}


def work(topic: str, key: str) -> None:
    """Do that row, and go on here with the first thing that it asks for: that is one message and
    one worker's waking less on the way. For the rest others are woken.
    """
    upcoming: tuple[str, str] | None = (topic, key)
    while upcoming:
        with asked_here() as asked:
            run(*upcoming)
        upcoming = next((each for each in asked if each[0] in _handlers), None)
        for each in dict.fromkeys(asked):
            if each != upcoming:
                send(*each)


def run(topic: str, key: str) -> bool:
    """Do the row of (topic, key) if it is due and nobody else is at it. Says whether it did.

    A topic that this process does not know is left to one that does: releases work side by side.
    """
    claim = _claim(topic, key) if topic in _handlers else None
    if claim is None:
        return False
    with _lock:
        _running[claim] = time.monotonic()
    try:
        failpoint("outbox.after_claim")
        _do(claim)
    finally:
        with _lock:
            _running.pop(claim, None)
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
    for claim in mine:
        claim.rows().update(claimed_until=Now() + settings.LEASE)


def longest_run() -> float:
    """Seconds since the oldest handler that is still running was called."""
    with _lock:
        return max((time.monotonic() - began for began in _running.values()), default=0.0)


def _free() -> Q:
    return Q(claimed_until__isnull=True) | Q(claimed_until__lt=Now())


_ROW = {"topic": Slot("topic", CharField()), "key": Slot("key", CharField())}
_MARK = Slot("mark", BigIntegerField())
_TAKE = Update(
    lambda: OutboxEntry.objects.filter(_free(), **_ROW, due_at__lte=Now()),
    claimed_by=WORKER,
    claimed_until=Now() + Slot("lease", DurationField()),
    attempts=F("attempts") + 1,
    posted=_MARK,
)
_CROSS_OUT = Delete(lambda: OutboxEntry.objects.filter(**_ROW, claimed_by=WORKER, posted=_MARK))


def _claim(topic: str, key: str) -> Claim | None:
    claim = Claim(topic, key, new_mark())
    claimed = _TAKE.update(topic=topic, key=key, lease=settings.LEASE, mark=claim.mark)
    return claim if claimed else None


def _do(claim: Claim) -> None:
    structlog.contextvars.bind_contextvars(topic=claim.topic, key=claim.key)
    try:
        later = _handlers[claim.topic](claim.key)
    except DatabaseError as error:
        _log.warning("database-unavailable", error=type(error).__name__)
        with suppress(DatabaseError):
            _release(claim, type(error).__name__)
    except Exception as error:  # noqa: BLE001  (the top of a worker: logged once, tried again)
        _log.exception("handler-failed")
        _release(claim, f"{type(error).__name__}: {error}"[:500])
    else:
        failpoint("outbox.before_done")
        _finish(claim, later)
    finally:
        structlog.contextvars.unbind_contextvars("topic", "key")


def _finish(claim: Claim, later: Later | None) -> None:
    if later is None:
        settled = _CROSS_OUT.delete(topic=claim.topic, key=claim.key, mark=claim.mark)
    else:
        settled = claim.unasked().update(
            due_at=Now() + later, attempts=0, last_error="", claimed_by="", claimed_until=None
        )
    if not settled:
        _let_go(claim)


def _release(claim: Claim, error: str) -> None:
    failpoint("outbox.before_release")
    attempts = claim.rows().values_list("attempts", flat=True).first() or 1
    if not claim.unasked().update(
        due_at=Now() + _backoff(attempts), last_error=error, claimed_by="", claimed_until=None
    ):
        _let_go(claim)


def _let_go(claim: Claim) -> None:
    """It was asked for again meanwhile: what was new then may not have been seen."""
    failpoint("outbox.before_let_go")
    if claim.rows().update(claimed_by="", claimed_until=None):
        wake(claim.topic, claim.key)


def _backoff(attempts: int) -> timedelta:
    """Full jitter under a doubling ceiling, so that many that failed together part ways."""
    ceiling = min(LONGEST_WAIT, 2.0 ** min(attempts, 10))
    return timedelta(seconds=ceiling * random.random())  # noqa: S311  (spread, not secrecy)
