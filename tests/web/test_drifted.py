"""What other hands have changed: named on the overview, and the rest a click away in the list."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inference.accounts.models import Team, User
from inference.definitions.documents import ROUTE, SERVED_MODEL
from inference.live.registry import feed_of
from inference.web.frame import Scope
from inference.web.lists import MOST
from inference.web.overview_drifts import beyond
from tests.api.house import House, furnish
from tests.web import scenes
from tests.web.markup import links, words

Browse = Callable[[User | None], Client]
LIST = "/served-models/?sync=drift"


def drifted(team: Team, author: User, first: int, last: int) -> list[House]:
    houses = [furnish(team, author, number) for number in range(first, last)]
    for house in houses:
        scenes.drift(house)
    return houses


def names(page: Any) -> list[str]:
    return [row["model"].name for row in page.context["rows"]]


def test_what_is_not_named_on_the_overview_is_counted_and_leads_to_the_list(
    chat: Team, author: User, viewer: User, browse: Browse
) -> None:
    houses = drifted(chat, author, 0, MOST + 4)
    furnish(chat, author, MOST + 4)
    browser = browse(viewer)

    page = browser.get("/").content.decode()
    feed = feed_of(viewer, "overview:")

    assert feed is not None
    for html in (page, feed.show()["faults"]):
        assert "4 further models were changed by other hands" in words(html)
        assert LIST in links(html)
    assert names(browser.get(LIST)) == sorted(house.model.name for house in houses)


def test_few_are_all_named(chat: Team, author: User, viewer: User, browse: Browse) -> None:
    drifted(chat, author, 0, MOST + 1)

    page = browse(viewer).get("/")

    assert page.context["drifts"]["beyond"] == []
    assert len(page.context["drifts"]["shown"]) == MOST + 1


def test_each_kind_leads_to_its_own_list_and_keeps_the_scope() -> None:
    found = beyond(
        {SERVED_MODEL: 9, ROUTE: 1}, {SERVED_MODEL: 8}, Scope(team="chat", cluster="east")
    )

    assert [(one["count"], one["address"]) for one in found] == [
        (1, "/served-models/?team=chat&cluster=east&sync=drift"),
        (1, "/routes/?team=chat&cluster=east&sync=drift"),
    ]


def test_the_list_says_what_narrows_it_and_keeps_that(
    house: House, chat: Team, author: User, viewer: User, browse: Browse
) -> None:
    furnish(chat, author, 1)
    browser = browse(viewer)

    nothing = words(browser.get(LIST).content.decode())
    scenes.drift(house)
    page = browser.get(LIST)

    assert "Drop what narrows the list: sync “drift”." in nothing
    assert names(page) == [house.model.name]
    assert '<option value="drift" selected>' in page.content.decode()
    assert '<input type="hidden" name="sync"' not in page.content.decode()
    assert page.context["live"] is not None
    assert names(browser.get(f"{LIST}&cluster=elsewhere")) == []
    assert names(browser.get(f"{LIST}&cluster={house.cluster.name}")) == [house.model.name]
    assert browser.get("/routes/?sync=drift").context["rows"] == []
    assert len(names(browser.get("/served-models/?sync=nothing-like-it"))) == 2


def test_others_find_nothing_in_it(house: House, outsider: User, browse: Browse) -> None:
    scenes.drift(house)

    assert names(browse(outsider).get(LIST)) == []


def test_it_costs_as_many_queries_for_a_few_as_for_many(
    chat: Team, author: User, viewer: User, browse: Browse
) -> None:
    drifted(chat, author, 0, MOST + 2)
    browser = browse(viewer)
    browser.get("/")
    few = [_count(browser, address) for address in ("/", LIST)]
    drifted(chat, author, MOST + 2, MOST + 12)

    assert [_count(browser, address) for address in ("/", LIST)] == few


def _count(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)
