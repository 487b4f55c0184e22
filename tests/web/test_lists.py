"""Lists of any length: what they count, what they offer, and where they end."""

from collections.abc import Callable

import pytest
from django.test import Client

from inference.accounts.models import Team, User
from inference.changes.models import ChangeRequest
from inference.definitions.models import Route
from inference.web.lists import MOST, Sheet, named
from inference.web.overview_live import CLUSTERS, FEW, ROUTES
from inference.web.tags import counted, number, plural
from tests.api.house import House, furnish
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.web import scenes
from tests.web.markup import links, words

Browse = Callable[[User | None], Client]
LISTS = (
    "/change-requests/?view=all",
    "/served-models/?",
    "/hardware-pools/?",
    "/routes/?",
    "/clusters/?",
    "/audit-events/?",
)


@pytest.mark.parametrize("address", LISTS)
def test_a_page_beyond_the_last_one_says_where_the_list_ends(
    address: str, house: House, author: User, viewer: User, browse: Browse
) -> None:
    scenes.drafted(house, author)

    page = browse(viewer).get(f"{address}&page=7").content.decode()

    assert "Nothing is left on page 7 The list ends on page 1. Last page" in words(page)
    assert "page=1" in page


@pytest.mark.parametrize("address", LISTS)
def test_a_list_of_nothing_has_no_field_to_find_in(
    address: str, chat: Team, viewer: User, browse: Browse
) -> None:
    assert 'id="q"' not in browse(viewer).get(address).content.decode()
    assert 'id="q"' in browse(viewer).get(f"{address}&q=nothing").content.decode()


@pytest.mark.parametrize(
    "address",
    ["/settings/tokens/", "/settings/people/", "/settings/teams/", "/settings/teams/chat/"],
)
def test_a_list_of_settings_says_where_it_ends(
    address: str, house: House, author: User, browse: Browse
) -> None:
    page = browse(author).get(f"{address}?page=7").content.decode()

    assert "The list ends on page 1." in words(page)


def test_what_waits_is_told_whole_however_the_list_is_narrowed(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    scenes.in_review(house, author)

    page = browse(approver).get("/change-requests/?q=nothing-like-it")

    assert "2 changes wait for you." in words(page.content.decode())


def test_counts_are_in_thousands() -> None:
    assert (plural(5001, "route"), number(50), number(1234567)) == (
        "5,001 routes",
        "50",
        "1,234,567",
    )


@pytest.mark.parametrize(
    ("total", "wanted", "said"),
    [
        (0, "", "No routes yet"),
        (1, "", "1 route"),
        (0, "chat", "No route matches"),
        (1, "chat", "1 route matches"),
        (1200, "chat", "1,200 routes match"),
    ],
)
def test_a_list_says_what_it_holds_under_its_filters(total: int, wanted: str, said: str) -> None:
    assert counted(Sheet([], 1, total, {"q": wanted}), "route") == said


def test_the_last_page_says_how_many_are_to_come() -> None:
    sheet = Sheet(range(50), 2, 104, {})

    assert (sheet.first, sheet.last, sheet.to_come, sheet.final) == (51, 100, 4, 3)


def test_what_is_not_named_is_counted_and_never_one_alone() -> None:
    assert named("abcd", 3) == {"shown": "abcd", "total": 4, "more": 0}
    assert named("abcde", 3) == {"shown": "abc", "total": 5, "more": 2}


def test_a_few_silent_clusters_are_named_and_all_are_counted(
    house: House, viewer: User, browse: Browse
) -> None:
    for one in ClusterFactory.create_batch(59):
        GrantFactory.create(cluster=one, team=house.team, namespace="llm-chat")

    page = browse(viewer).get("/")

    assert CLUSTERS > 60
    assert page.context["silent"]["total"] == 60
    assert f"{60 - FEW} further clusters to look at" in words(page.content.decode())


def test_all_that_waits_is_counted_though_the_newest_are_named(
    chat: Team, author: User, approver: User, browse: Browse
) -> None:
    for place in range(MOST + 2):
        scenes.in_review(furnish(chat, author, place), author)
    waiting = ChangeRequest.objects.filter(state=ChangeRequest.State.IN_REVIEW).count()

    page = browse(approver).get("/?environment=prod")

    assert page.context["waiting_total"] == waiting > MOST
    assert f"The newest {MOST} of {waiting} that wait for you" in words(page.content.decode())
    (rest,) = [one for one in links(page.content.decode()) if "environment=prod&view" in one]
    assert browse(approver).get(rest).context["sheet"].total == waiting


def test_more_routes_than_are_asked_for_are_not_counted_as_answering(
    house: House, viewer: User, browse: Browse
) -> None:
    like = {
        field.attname: getattr(house.route, field.attname)
        for field in Route._meta.concrete_fields
        if field.name not in {"id", "name", "hostname"}
    }
    Route.objects.bulk_create(
        Route(**like, name=f"route-{n:03}", hostname=f"{n:03}.example") for n in range(ROUTES)
    )

    page = browse(viewer).get("/")
    text = words(page.content.decode())

    assert page.context["answer"] == (f"None of the first {ROUTES} routes can be seen")
    assert f"{ROUTES + 1} in all" in text
    assert f"{ROUTES} unknown" in text
