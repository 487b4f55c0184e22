"""A worker's days in one process: what is due is done, and waits are over when a test says so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inference.delivery.models import Convergence, DesiredObject
from inference.failpoints import Died, scripted
from inference.outbox import running
from inference.outbox.models import OutboxEntry

ROUNDS = 50
TOPICS = ("changes.plan", "delivery.start", "delivery.converge", "delivery.verify")
"""What a push needs; clusters and routes are looked at elsewhere."""


def work() -> None:
    """Do what is due, and what that leads to; what is put off stays put off."""
    for _ in range(ROUNDS):
        due = [entry for entry in running.due(20) if entry[0] in TOPICS]
        for topic, key in due:
            running.run(topic, key)
        if not due:
            return
    raise AssertionError(f"still busy after {ROUNDS} rounds: {due}")


def die(script: str) -> None:
    """A day that ends at a failpoint; what it held runs out."""
    with scripted(script), pytest.raises(Died):
        work()
    later()


def later() -> None:
    """Every wait is over, and every claim and lease has run out."""
    past = timezone.now() - timedelta(seconds=1)
    OutboxEntry.objects.filter(topic__in=TOPICS).update(
        due_at=past, claimed_by="", claimed_until=None
    )
    DesiredObject.objects.filter(due_at__isnull=False).update(due_at=past)
    Convergence.objects.update(expires_at=None)
    Convergence.objects.filter(open_until__isnull=False).update(open_until=past)
