"""An open list tells at its foot what has come and gone since, and moves no row for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.definitions.models import HardwarePool, Placement, Route, ServedModel
from inference.live.registry import Feed, feed_of
from tests.api.house import House, furnish
from tests.web.markup import words

Browse = Callable[[User | None], Client]
LISTS: dict[str, tuple[Any, str, str]] = {
    "/served-models/": (ServedModel, "model", "served-model"),
    "/hardware-pools/": (HardwarePool, "pool", "hardware-pool"),
    "/routes/": (Route, "route", "route"),
}


def opened(browser: Client, address: str, user: User) -> Feed:
    """The topic that a page of this list follows, as it was opened."""
    stream = browser.get(address).context["live"].stream
    (name,) = [one for one in parse_qs(urlsplit(stream).query)["topic"] if "list-news:" in one]
    found = feed_of(user, name)
    assert found is not None
    return found


def told(feed: Feed) -> str:
    return words(feed.show()["news"])


def later(table: Any, **fields: Any) -> None:
    """As if it came about after the page was opened."""
    table.update(
        **{name: timezone.now() + timedelta(hours=value) for name, value in fields.items()}
    )


@pytest.mark.parametrize("address", LISTS)
def test_what_comes_and_goes_is_told_at_the_foot(
    address: str, house: House, chat: Team, author: User, viewer: User, browse: Browse
) -> None:
    table, word, kind = LISTS[address]
    feed = opened(browse(viewer), address, viewer)
    old = set(table.objects.values_list("pk", flat=True))

    before = told(feed)
    for number in (1, 2):
        furnish(chat, author, number)
    later(table.objects.exclude(pk__in=old), created_at=1)
    added = told(feed)
    later(table.objects.filter(pk__in=old), deleted_at=2)

    assert before == ""
    assert added == f"2 {word}s were added since. Look again"
    assert told(feed) == f"2 {word}s were added and 1 was deleted since. Look again"
    assert feed.follows == {kind}
    assert told(opened(browse(viewer), address, viewer)) == ""


def test_it_speaks_of_the_readers_rows_under_the_filters_of_the_list(
    house: House, author: User, viewer: User, outsider: User, browse: Browse
) -> None:
    elsewhere = opened(browse(viewer), "/served-models/?cluster=elsewhere", viewer)
    other_name = opened(browse(viewer), "/served-models/?q=qwen", viewer)
    mine, theirs = (opened(browse(one), "/served-models/", one) for one in (viewer, outsider))
    known = set(ServedModel.objects.values_list("pk", flat=True))

    furnish(Team.objects.get(name="search"), author, 1)
    later(ServedModel.objects.exclude(pk__in=known), created_at=1)

    assert [told(one) for one in (mine, elsewhere, other_name)] == ["", "", ""]
    assert told(theirs) == "1 model was added since. Look again"
    assert mine.audience != theirs.audience


def test_pools_that_were_granted_come_and_go_as_ones_own(
    house: House, chat: Team, author: User, outsider: User, browse: Browse
) -> None:
    feed = opened(browse(outsider), "/hardware-pools/", outsider)

    house.pool.granted_teams.add(Team.objects.get(name="search"))
    added = told(feed)
    again = opened(browse(outsider), "/hardware-pools/", outsider)
    later(HardwarePool.objects, deleted_at=2)

    assert added == "1 pool was added since. Look again"
    assert told(again) == "1 pool was deleted since. Look again"


@pytest.mark.parametrize("query", ["cluster=east-0", "environment=prod"])
def test_a_model_that_has_left_its_cluster_is_told_there(
    query: str, house: House, viewer: User, browse: Browse
) -> None:
    feed = opened(browse(viewer), f"/served-models/?{query}", viewer)

    later(ServedModel.objects, deleted_at=2)
    later(Placement.objects, deleted_at=2)

    assert told(feed) == "1 model was deleted since. Look again"


def test_an_empty_list_hears_of_its_first_row(
    chat: Team, author: User, viewer: User, browse: Browse
) -> None:
    feed = opened(browse(viewer), "/routes/", viewer)

    furnish(chat, author)

    assert told(feed) == "1 route was added since. Look again"


@pytest.mark.parametrize("key", ["kind=nothing", "kind=route&seen=yesterday", "x"])
def test_what_no_list_has_written_is_nothing(key: str, viewer: User) -> None:
    assert feed_of(viewer, f"list-news:{key}") is None
