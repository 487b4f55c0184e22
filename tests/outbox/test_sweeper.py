"""The clock of a worker: it needs no message, and one topic does not take all of its places."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from inference import outbox
from inference.outbox import handler, running
from inference.outbox.models import OutboxEntry
from inference.outbox.sweeper import Sweeper
from tests.outbox.conftest import TOPIC, Echo

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60


@pytest.fixture
def sweeper(threaded: None, settings: Any) -> Iterator[Sweeper]:
    settings.SWEEP_EVERY = timedelta(seconds=0.01)
    made = Sweeper(slots=4)
    made.start()
    yield made
    made.stop()


def test_the_sweeper_does_what_no_message_named(echo: Echo, sweeper: Sweeper) -> None:
    done = threading.Event()

    def finish(_key: str) -> None:
        done.set()

    echo.answer = finish
    OutboxEntry.objects.bulk_create([OutboxEntry(topic=TOPIC, key="7", due_at=_past())])

    assert done.wait(PATIENCE)


def test_a_topic_that_hangs_leaves_places_to_others(echo: Echo, sweeper: Sweeper) -> None:
    release, done = threading.Event(), threading.Event()

    def hang(_key: str) -> None:
        release.wait(PATIENCE)

    echo.answer = hang

    @handler("tests.quick")
    def quick(_key: str) -> None:
        done.set()

    for key in range(8):
        outbox.post(TOPIC, key, due_at=_past())
    outbox.post("tests.quick", 1)

    try:
        assert done.wait(PATIENCE)
        assert len(echo.asked) <= 2
    finally:
        release.set()
        del running._handlers["tests.quick"]


def _past() -> datetime:
    return timezone.now() - timedelta(minutes=1)
