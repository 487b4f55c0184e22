"""What a transaction announces is heard if it commits, once, and in the order of commits."""

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from inference import events
from inference.events import sqlite
from inference.events.models import Notice
from inference.events.postgresql import LARGEST, payloads
from tests.events.listeners import listening


def test_what_is_committed_is_heard(database: str) -> None:
    with listening() as heard:
        with transaction.atomic():
            events.announce("change-request:7", "delivery:7/3")

        assert heard.until("change-request:7")[-1] == {"change-request:7", "delivery:7/3"}


def test_nothing_is_heard_before_the_commit(database: str) -> None:
    with listening() as heard:
        with transaction.atomic():
            events.announce("slow")
            if database == "postgresql":
                announce_elsewhere("quick")
                assert heard.next() == {"quick"}
            assert heard.rest() == []

        assert heard.next() == {"slow"}


def announce_elsewhere(name: str) -> None:
    """In another transaction, which commits meanwhile."""

    def announce() -> None:
        events.announce(name)
        connection.close()

    thread = threading.Thread(target=announce)
    thread.start()
    thread.join()


def test_what_is_rolled_back_is_not_heard(database: str) -> None:
    with listening() as heard:
        with transaction.atomic():
            events.announce("change-request:7")
            transaction.set_rollback(True)
        events.announce("end")

        assert heard.until("end") == [{"end"}]


def test_a_savepoint_that_is_rolled_back_takes_back_what_it_announced(database: str) -> None:
    with listening() as heard:
        with transaction.atomic():
            with transaction.atomic():
                events.announce("change-request:7")
                transaction.set_rollback(True)
            events.announce("change-request:7", "end")

        assert heard.until("end")[-1] == {"change-request:7", "end"}


def test_what_was_announced_is_not_announced_again(database: str) -> None:
    with transaction.atomic():
        events.announce("change-request:7")
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            events.announce("change-request:7")

    assert [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]] == []


def test_many_names_cost_one_statement(database: str) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        events.announce(*(f"change-request:{number}" for number in range(50)))

    assert len(queries) == 1


def test_commits_are_heard_in_their_order(database: str) -> None:
    with listening() as heard:
        for number in range(50):
            with transaction.atomic():
                events.announce(f"change-request:{number}")

        batches = heard.until("change-request:49")
    firsts = [min(int(name.split(":")[1]) for name in batch) for batch in batches]
    assert firsts == sorted(firsts)
    assert len(frozenset().union(*batches)) == 50


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_listener_that_slept_through_the_ring_looks_at_everything(database: str) -> None:
    with listening() as heard:
        with transaction.atomic():
            events.announce("missed")
            Notice.objects.all().delete()
            events.announce("found")

        assert heard.next() == events.LOST


@pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_a_listener_that_was_interrupted_looks_at_everything(database: str) -> None:
    with listening() as heard:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'waybill-live'"
            )

        assert heard.next() == events.LOST
        events.announce("after")
        assert heard.next() == {"after"}


def test_the_ring_stays_short(database: str) -> None:
    if database == "postgresql":
        events.announce("change-request:7")
        assert not Notice.objects.exists()
        return
    Notice.objects.bulk_create(Notice(names="old") for _ in range(sqlite.KEPT + 255))

    for number in range(sqlite.SWEPT_EVERY):
        events.announce(f"change-request:{number}")

    assert Notice.objects.count() <= sqlite.KEPT + sqlite.SWEPT_EVERY


@pytest.mark.parametrize("name", ["", "two words", "x" * 201])
def test_a_name_is_one_short_word(db: None, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        events.announce(name)


def test_many_names_fill_as_few_payloads_as_there_is_room_for() -> None:
    names = [f"observed:{number:060}" for number in range(300)]

    made = list(payloads(names))

    assert [name for payload in made for name in payload.split()] == names
    assert all(len(payload.encode()) <= LARGEST for payload in made)
    assert len(made) == 3
