"""Is it up, and what does it measure: without signing in, and without a name of anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from inference.api import operations
from inference.clusters.models import WatchState
from inference.outbox.models import OutboxEntry
from tests.api.callers import client
from tests.api.house import House


def numbers() -> dict[tuple[str, str], float]:
    """By name and state."""
    page = client().get("/metrics").content.decode()
    return {
        (sample.name, sample.labels.get("state", "")): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_it_is_healthy_while_the_database_answers(db: None) -> None:
    response = client().get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@contextmanager
def no_database() -> Iterator[None]:
    def refuse(*_arguments: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        yield


def test_it_is_unready_without_a_database(db: None) -> None:
    with no_database():
        response = client().get("/healthz")

    assert (response.status_code, response.json()["database"]) == (503, "unreachable")


def test_it_is_unready_while_migrations_are_pending(db: None, settings: Settings) -> None:
    settings.MIGRATION_MODULES = {}  # the tables of tests are made without any
    operations.forget_migrations()

    response = client().get("/healthz")

    assert (response.status_code, response.json()["migrations"]) == (503, "pending")


def test_metrics_count_rows_by_state(house: House) -> None:
    found = numbers()

    assert found["waybill_changes", "in-review"] == 1
    assert found["waybill_changes", "draft"] == 1
    assert found["waybill_pushes", "applying"] == 1
    assert found["waybill_clusters", "active"] == 1


def test_metrics_say_how_long_the_outbox_waits(db: None) -> None:
    now = timezone.now()
    OutboxEntry.objects.create(topic="a.b", key="1", due_at=now - timedelta(minutes=1))
    OutboxEntry.objects.create(topic="a.b", key="2", due_at=now + timedelta(minutes=1))

    found = numbers()

    assert found["waybill_outbox_depth", ""] == 1
    assert 60 <= found["waybill_outbox_age_seconds", ""] < 90


def test_metrics_say_how_long_the_quietest_watch_is_silent(house: House) -> None:
    WatchState.objects.update(heard_at=timezone.now() - timedelta(minutes=2))

    assert 120 <= numbers()["waybill_watch_silence_seconds", ""] < 150


def test_metrics_name_nothing(house: House) -> None:
    page = client().get("/metrics").content.decode()

    for name in (house.cluster.name, house.model.name, "chat.example", "llm-chat", "author"):
        assert name not in page


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_only_reading_is_offered(path: str, db: None) -> None:
    assert client().post(path).status_code == 405


def test_whoever_invents_methods_makes_no_series_of_numbers(db: None) -> None:
    for number in range(20):
        client().generic(f"BREW{number}", "/healthz")

    page = client().get("/metrics").content.decode()

    assert "BREW" not in page
    assert 'method="other"' in page
