"""Asking for work: one row per topic and key, and a message when it commits."""

import time
from collections.abc import Iterator
from datetime import timedelta
from queue import Empty
from typing import Any

import pytest
from celery import Celery, current_app
from django.db import transaction
from django.utils import timezone

from console.celery import app
from inference import outbox
from inference.outbox import posting
from inference.outbox.models import OutboxEntry
from tests.outbox.conftest import TOPIC

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def empty_broker() -> Iterator[None]:
    messages()
    yield
    messages()


def messages() -> list[Any]:
    """The wake-ups that were sent, taken from the broker."""
    found = []
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        while True:
            try:
                message = queue.get(block=False)
            except Empty:
                break
            message.ack()
            found.append(message.payload[1])
        queue.close()
    return found


def test_post_writes_one_row_and_sends_one_message_that_names_it() -> None:
    with transaction.atomic():
        outbox.post(TOPIC, 7)
        assert messages() == []

    entry = OutboxEntry.objects.get()
    assert (entry.topic, entry.key, entry.attempts) == (TOPIC, "7", 0)
    assert entry.due_at <= timezone.now()
    assert messages() == [{"topic": TOPIC, "key": "7"}]


def test_post_that_is_rolled_back_leaves_nothing() -> None:
    with transaction.atomic():
        outbox.post(TOPIC, 7)
        transaction.set_rollback(True)

    assert not OutboxEntry.objects.exists()
    assert messages() == []


@pytest.mark.parametrize("later", [timedelta(), HOUR])
def test_posting_again_marks_the_row_and_makes_no_second(later: timedelta) -> None:
    due = timezone.now() + later if later else None
    outbox.post(TOPIC, 7, due_at=due)
    before = OutboxEntry.objects.get().posted

    outbox.post(TOPIC, 7, due_at=due)

    assert OutboxEntry.objects.get().posted != before


@pytest.mark.parametrize("later", [timedelta(), HOUR])
def test_posting_is_one_statement_once_there_is_a_row(
    later: timedelta, django_assert_num_queries: Any
) -> None:
    due = timezone.now() + later if later else None
    outbox.post(TOPIC, 7, due_at=due)

    with transaction.atomic(), django_assert_num_queries(1):
        outbox.post(TOPIC, 7, due_at=due)


def test_posting_for_later_sends_no_message() -> None:
    due = timezone.now() + HOUR

    outbox.post(TOPIC, 7, due_at=due)

    assert OutboxEntry.objects.get().due_at == due
    assert messages() == []


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_times_the_earlier_one_stands(order: tuple[int, int]) -> None:
    now = timezone.now()

    for hours in order:
        outbox.post(TOPIC, 7, due_at=now + hours * HOUR)

    assert OutboxEntry.objects.get().due_at == now + HOUR


def test_posting_now_brings_a_later_one_forward() -> None:
    outbox.post(TOPIC, 7, due_at=timezone.now() + HOUR)

    outbox.post(TOPIC, 7)

    assert OutboxEntry.objects.get().due_at <= timezone.now()


def test_posting_forgives_what_failed_before() -> None:
    outbox.post(TOPIC, 7)
    OutboxEntry.objects.update(attempts=9, last_error="before")

    outbox.post(TOPIC, 7)

    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.last_error) == (0, "")


@pytest.fixture
def dead_broker() -> Iterator[None]:
    dead = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    dead.conf.broker_transport_options = {"max_retries": 0}
    dead.set_current()
    yield
    app.set_current()
    posting._quiet_until = 0.0


def test_a_broker_that_cannot_be_reached_costs_no_row(dead_broker: None) -> None:
    outbox.post(TOPIC, 7)
    outbox.post(TOPIC, 8)

    assert OutboxEntry.objects.count() == 2
    assert posting._quiet_until > time.monotonic()
