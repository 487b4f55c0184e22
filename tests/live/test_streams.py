"""A page's stream: what it hears, how often that is rendered, and when it ends."""

import time
from collections.abc import Callable
from contextlib import ExitStack

from django.db import connection, transaction

from inference import events
from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.events.models import Notice
from tests.live.house import KIND, House, Page, Topic, serving

SETTLED_WITHIN = 10.0


def name_of(change: ChangeRequest) -> str:
    return f"{KIND}:{change.pk}"


def rename(change: ChangeRequest, title: str) -> None:
    with transaction.atomic():
        ChangeRequest.objects.filter(pk=change.pk).update(title=title)
        events.announce(f"change-request:{change.pk}")


def test_a_page_gets_what_is_there_and_then_what_changes(
    house: House, author: User, change: ChangeRequest
) -> None:
    with house.stream(author, name_of(change)) as page:
        assert page.status == 200
        assert page.response.headers["Content-Type"].startswith("text/event-stream")
        first = page.until("title")["data"]

        rename(change, "Serve more")
        second = page.until("Serve more")["data"]

    title = f"title-{change.pk}"
    assert first == (
        f'<hx-partial id="{title}" hx-swap="outerMorph"><p id="{title}">Serve</p></hx-partial>'
    )
    assert second == first.replace("Serve", "Serve more")


def test_pages_whose_hub_has_failed_find_another(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    """What it cannot look at ends one of its tasks; beats alone would go on, and look live."""
    shown.follows_more = "observed:no-cluster/llm"
    with house.stream(author, name_of(change)) as page:
        page.until("Serve")
        rename(change, f"{Topic.GROWN} too far")
        heard = page.rest()
    shown.follows_more = ""

    with house.stream(author, name_of(change)) as page:
        page.until("too far")
        rename(change, "Serve again")
        page.until("Serve again")

    assert heard[-1]["event"] == "restart"


def test_what_is_rolled_back_is_not_shown(
    house: House, author: User, change: ChangeRequest
) -> None:
    with house.stream(author, name_of(change)) as page:
        page.until("Serve")
        with transaction.atomic():
            rename(change, "Never")
            transaction.set_rollback(True)
        rename(change, "Serve more")

        assert "Serve more" in page.until("title")["data"]


def test_a_fragment_is_rendered_once_however_many_look(
    house: House, author: User, viewer: User, change: ChangeRequest, shown: Topic
) -> None:
    with ExitStack() as stack:
        pages = [
            stack.enter_context(house.stream(person, name_of(change)))
            for person in (author, viewer)
            for _ in range(10)
        ]
        for page in pages:
            page.until("Serve")
        before = shown.renders[str(change.pk)]

        rename(change, "Serve more")
        for page in pages:
            page.until("Serve more")

    assert before == 1
    assert shown.renders[str(change.pk)] == 2


def test_what_looks_the_same_is_not_sent_again(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    with house.stream(author, name_of(change)) as page:
        page.until("Serve")
        events.announce(f"change-request:{change.pk}")
        heard = [page.message() for _ in range(3)]

    assert [message.get("event") for message in heard] == ["beat"] * 3


def test_one_stream_carries_many_topics(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    other = ChangeRequest.objects.get(pk=change.pk)
    other.pk, other.title, other.revision = None, "Another", None
    other.save()

    with house.stream(author, name_of(change), name_of(other)) as page:
        heard = ""
        while "Another" not in heard or "Serve" not in heard:
            heard += page.until("title")["data"]

        rename(change, "Serve more")
        page.until("Serve more")

    assert shown.renders[str(other.pk)] == 1


def test_what_depends_on_the_person_is_told_and_not_shown(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    shown.tells = True
    told = f"changed-tests-change-{change.pk}"

    with house.stream(author, name_of(change)) as page:
        page.until(told)
        rename(change, "Serve more")
        page.until(told)


def test_a_gap_has_everything_looked_at_again(
    house: House, author: User, change: ChangeRequest, database: str
) -> None:
    with house.stream(author, name_of(change)) as page:
        page.until("Serve")
        ChangeRequest.objects.filter(pk=change.pk).update(title="Unannounced")
        lose_notices(database)

        page.until("Unannounced")


def lose_notices(database: str) -> None:
    if database == "sqlite":
        with transaction.atomic():
            events.announce("lost")
            Notice.objects.all().delete()
            events.announce("found")
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'waybill-live'"
        )


def test_a_reader_that_does_not_read_is_dropped_and_delays_nobody(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    shown.padding = 400_000
    with (
        house.stream(author, name_of(change), buffer=4096) as slow,
        house.stream(author, name_of(change)) as quick,
    ):
        quick.until("Serve")
        for number in range(40):
            rename(change, f"Serve {number}.")
            quick.until(f"Serve {number}.")

        heard = slow.rest()

    assert "Serve 39." not in str(heard)


def test_open_streams_hold_no_connection_to_the_database(
    house: House, author: User, change: ChangeRequest, database: str
) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            page: Page = stack.enter_context(house.stream(author, name_of(change)))
            page.until("Serve")
        if database == "sqlite":
            return

        held = settled(connections_held, few=3)

    assert len(held) == 3, held  # one listens, one admits, one renders


def connections_held() -> list[str]:
    """What each client but us has asked last. The server's own workers come and go, and so does
    for a moment what a server before this one held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [query for (query,) in cursor.fetchall()]


def settled(look: Callable[[], list[str]], *, few: int) -> list[str]:
    """What is there when it has come down to so few, or after long enough to say that it stays."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while len(found := look()) > few and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_a_server_that_stops_sends_pages_away(
    database: str, author: User, change: ChangeRequest, shown: Topic
) -> None:
    with serving() as house, house.stream(author, name_of(change)) as page:
        page.until("Serve")
        house.stop()

        assert page.rest()[-1]["event"] == "restart"
        assert not house.thread.is_alive()


def test_what_time_alone_changes_is_looked_at_again(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    """Once by then, and not over and over: what was shown says so each time."""
    shown.again = 0.2
    with house.stream(author, name_of(change)) as page:
        page.until("Serve")
        ChangeRequest.objects.filter(pk=change.pk).update(title="Nobody has announced this")

        page.until("Nobody has announced this")


def test_a_topic_that_takes_its_time_is_rendered_less_often(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    shown.every, begun = 1.0, time.monotonic()
    with house.stream(author, name_of(change)) as page:
        page.until("Serve")
        for number in range(5):
            page.until("beat")
            rename(change, f"title {number}")

        page.until("title 4")

    most = (time.monotonic() - begun) / shown.every
    assert shown.renders[str(change.pk)] <= most + 2
