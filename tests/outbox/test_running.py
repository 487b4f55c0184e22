"""Doing what is due: claims, answers, failures, and what was asked for meanwhile."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from inference import outbox
from inference.outbox import Later, running
from inference.outbox.models import OutboxEntry
from inference.outbox.tasks import wake
from tests.outbox.conftest import TOPIC, Echo

pytestmark = pytest.mark.django_db(transaction=True)


def entry() -> OutboxEntry:
    return OutboxEntry.objects.get(topic=TOPIC)


def test_run_calls_the_handler_once_and_crosses_the_row_out(echo: Echo) -> None:
    outbox.post(TOPIC, 7)

    assert running.run(TOPIC, "7")
    assert not running.run(TOPIC, "7")

    assert echo.asked == ["7"]
    assert not OutboxEntry.objects.exists()


def test_run_leaves_what_is_not_due(echo: Echo) -> None:
    outbox.post(TOPIC, 7, due_at=timezone.now() + timedelta(minutes=1))

    assert not running.run(TOPIC, "7")
    assert running.due(10) == []


def test_run_leaves_what_another_worker_has_claimed(echo: Echo) -> None:
    outbox.post(TOPIC, 7)
    OutboxEntry.objects.update(
        claimed_by="another", claimed_until=timezone.now() + timedelta(seconds=30)
    )

    assert not running.run(TOPIC, "7")
    assert running.due(10) == []


def test_run_takes_over_a_claim_that_has_run_out(echo: Echo) -> None:
    outbox.post(TOPIC, 7)
    OutboxEntry.objects.update(
        claimed_by="a dead one", claimed_until=timezone.now() - timedelta(seconds=1)
    )

    assert running.due(10) == [(TOPIC, "7")]
    assert running.run(TOPIC, "7")


def test_run_leaves_a_topic_of_another_release() -> None:
    outbox.post("tests.of-another-release", 7)

    assert not running.run("tests.of-another-release", "7")

    assert OutboxEntry.objects.get().attempts == 0


def test_later_keeps_the_row_for_its_time(echo: Echo) -> None:
    echo.answer = lambda _key: Later(minutes=5)
    outbox.post(TOPIC, 7)

    running.run(TOPIC, "7")

    found = entry()
    assert found.due_at > timezone.now() + timedelta(minutes=4)
    assert (found.attempts, found.claimed_by, found.claimed_until) == (0, "", None)


@pytest.mark.parametrize("answer", [None, Later(minutes=5)])
def test_what_is_asked_for_meanwhile_is_done_again_at_once(
    echo: Echo, answer: Later | None
) -> None:
    def meanwhile(key: str) -> Later | None:
        if len(echo.asked) == 1:
            outbox.post(TOPIC, key)
            return answer
        return None

    echo.answer = meanwhile
    outbox.post(TOPIC, 7)

    running.run(TOPIC, "7")
    running.run(TOPIC, "7")

    assert echo.asked == ["7", "7"]
    assert not OutboxEntry.objects.exists()


def test_what_fails_is_tried_again_after_a_growing_wait(echo: Echo) -> None:
    def fail(_key: str) -> None:
        raise ValueError("no")

    echo.answer = fail
    outbox.post(TOPIC, 7)

    running.run(TOPIC, "7")

    found = entry()
    assert (found.attempts, found.last_error, found.claimed_by) == (1, "ValueError: no", "")
    OutboxEntry.objects.update(due_at=Now())
    running.run(TOPIC, "7")
    assert entry().attempts == 2


def test_what_fails_and_was_asked_for_meanwhile_does_not_wait(echo: Echo) -> None:
    def fail(key: str) -> None:
        outbox.post(TOPIC, key)
        raise ValueError("no")

    echo.answer = fail
    outbox.post(TOPIC, 7)

    running.run(TOPIC, "7")

    assert running.due(10) == [(TOPIC, "7")]


def test_a_database_that_is_away_leaves_the_row(echo: Echo) -> None:
    def away(_key: str) -> None:
        raise OperationalError("gone")

    echo.answer = away
    outbox.post(TOPIC, 7)

    running.run(TOPIC, "7")

    assert entry().last_error == "OperationalError"


def test_due_names_what_waits_longest_first_and_leaves_full_topics_out(echo: Echo) -> None:
    now = timezone.now()
    for key, minutes in (("young", 1), ("old", 3), ("middle", 2)):
        outbox.post(TOPIC, key, due_at=now - timedelta(minutes=minutes))

    assert [key for _, key in running.due(2)] == ["old", "middle"]
    assert running.due(2, but={TOPIC}) == []


def test_renew_keeps_what_is_running_and_nothing_else(echo: Echo) -> None:
    soon = timezone.now() + timedelta(seconds=1)
    seen: list[bool] = []

    def look(_key: str) -> None:
        OutboxEntry.objects.update(claimed_until=soon)
        running.renew()
        until = entry().claimed_until
        seen.append(until is not None and until > soon)

    echo.answer = look
    outbox.post(TOPIC, 7)

    running.run(TOPIC, "7")
    running.renew()

    assert seen == [True]


def test_longest_run_is_nothing_while_nothing_runs(echo: Echo) -> None:
    assert running.longest_run() == 0


def test_of_ten_messages_at_once_one_does_the_row(threaded: None, echo: Echo) -> None:
    begin = threading.Barrier(10, timeout=30)
    release = threading.Event()

    def hold(_key: str) -> None:
        release.wait(5)

    echo.answer = hold
    outbox.post(TOPIC, 7)

    def message() -> None:
        begin.wait()
        wake(topic=TOPIC, key="7", sent_by="another release")
        release.set()
        connection.close()

    threads = [threading.Thread(target=message) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert echo.asked == ["7"]


def test_what_a_handler_asks_for_is_done_by_its_worker_without_a_message(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(running, "send", lambda *row: sent.append(row))

    def ask(key: str) -> None:
        if key == "first":
            for following in ("second", "third"):
                outbox.post(TOPIC, following)

    echo.answer = ask
    outbox.post(TOPIC, "first")

    running.work(TOPIC, "first")

    assert echo.asked == ["first", "second"]
    assert sent == [(TOPIC, "third")]
    assert entry().key == "third"


def test_what_a_handler_asks_for_of_another_release_is_sent(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(running, "send", lambda *row: sent.append(row))
    echo.answer = lambda _key: outbox.post("tests.of-another-release", 7)
    outbox.post(TOPIC, 7)

    running.work(TOPIC, "7")

    assert sent == [("tests.of-another-release", "7")]


def test_what_is_asked_for_again_meanwhile_is_done_again_by_its_worker(echo: Echo) -> None:
    def again(key: str) -> None:
        if len(echo.asked) == 1:
            outbox.post(TOPIC, key)

    echo.answer = again
    outbox.post(TOPIC, 7)

    running.work(TOPIC, "7")

    assert echo.asked == ["7", "7"]
    assert not OutboxEntry.objects.exists()


def test_claiming_and_crossing_out_are_a_statement_each(
    echo: Echo, django_assert_num_queries: Any
) -> None:
    outbox.post(TOPIC, 7)

    with transaction.atomic(), django_assert_num_queries(2):
        running.run(TOPIC, "7")
