"""A worker as a process of its own, to be killed; with the people who go on where they were.

With a broker it is Celery's own worker, which has the sweeper too; without one, the sweeper alone.
Ends with 0 when nothing is left to do, with 3 when that takes too long. With `--when-told` it has
its program ready, and begins when its standard input ends.
"""

import os
import sys
import threading
import time
from datetime import datetime

import django
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
django.setup()

from django.conf import settings  # noqa: E402  (tables need Django set up)
from django.db import close_old_connections  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.db.models.functions import Now  # noqa: E402

import inference.tasks as _deeds  # noqa: E402, F401
from console.celery import app  # noqa: E402
from inference.accounts.models import User  # noqa: E402
from inference.changes import actions as changes  # noqa: E402
from inference.changes.models import ChangeRequest  # noqa: E402
from inference.delivery import actions as delivery  # noqa: E402
from inference.errors import Conflict  # noqa: E402
from inference.outbox.models import OutboxEntry  # noqa: E402
from inference.outbox.sweeper import Sweeper  # noqa: E402

PATIENCE = 40
TOO_LONG = 3
ENDING = (
    *("changes.plan", "delivery.start", "delivery.converge", "delivery.verify"),
    "health.members",
)
"""Topics that come to an end; the others are due again and again."""
State = ChangeRequest.State
PARKED = (State.PARTIAL, State.FAILED)


def work(*, retry: bool) -> int:
    """Until everything has ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        close_old_connections()
        quiet = is_quiet()  # asked first: what machines end between the two is for people to see
        if not decide(timezone.now(), retry=retry) and quiet:
            return 0
        time.sleep(0.02)
    return TOO_LONG


def decide(at: datetime, *, retry: bool) -> bool:
    """What people do when they come back. Says whether there was anything to do."""
    author = User.objects.get(username="author")
    approver = User.objects.get(username="approver")
    done = False
    for change in ChangeRequest.objects.filter(state__in=[State.DRAFT, State.IN_REVIEW, *PARKED]):
        try:
            if change.state == State.DRAFT and not change.problem_code:
                changes.submit(change=change, version=change.version, by=author, at=at)
            elif change.state == State.IN_REVIEW and change.plan and not change.stale:
                changes.approve(change=change, plan_hash=change.plan.hash, by=approver, at=at)
            elif change.state in PARKED and retry:
                delivery.retry(change=change, by=author, at=at)
            else:
                continue
        except Conflict as refused:  # somebody was quicker, and that is all right
            sys.stderr.write(f"{refused}\n")
        done = True
    return done


def is_quiet() -> bool:
    moving = [State.PLANNING, State.APPROVED, State.APPLYING, State.VERIFYING]
    return not (
        ChangeRequest.objects.filter(state__in=moving).exists()
        or OutboxEntry.objects.filter(Q(topic__in=ENDING) | Q(due_at__lte=Now())).exists()
    )


def with_sweeper(*, retry: bool) -> int:
    sweeper = Sweeper()
    sweeper.start()
    try:
        return work(retry=retry)
    finally:
        sweeper.stop()


def with_celery(*, retry: bool) -> None:
    """Celery takes the main thread and its signals; people stand beside, and end the process."""

    def people() -> None:
        code = 1
        try:
            code = work(retry=retry)
        finally:
            sys.stderr.flush()
            os._exit(code)

    threading.Thread(target=people, daemon=True).start()
    app.worker_main(
        [
            *("worker", "-P", "threads", "--concurrency", "4", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    )


if __name__ == "__main__":
    if "--when-told" in sys.argv:
        sys.stdin.read()
    if settings.CELERY_BROKER_URL.startswith("memory:"):
        sys.exit(with_sweeper(retry="--retry" in sys.argv))
    with_celery(retry="--retry" in sys.argv)
