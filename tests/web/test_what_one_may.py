"""No page shows a way that ends in a refusal: who may not is told who may."""

from collections.abc import Callable

import pytest
from django.test import Client

from inference.accounts.models import User
from inference.definitions.models import HardwarePool, Placement, Route, RouteMember, ServedModel
from tests.api.house import House
from tests.web.markup import links, words

Browse = Callable[[User | None], Client]
PAGES = {
    "/": "Serve a model",
    "/served-models/": "Serve a model",
    "/hardware-pools/": "Draft a pool",
    "/routes/": "Draft a route",
}


def new(page: str) -> list[str]:
    return [one for one in links(page) if one.endswith("/new/")]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_offers_a_draft_to_editors_and_names_them_to_others(
    address: str, house: House, author: User, viewer: User, browse: Browse
) -> None:
    mine = browse(author).get(address).content.decode()
    theirs = browse(viewer).get(address).content.decode()

    assert len(new(mine)) == 1
    assert new(theirs) == []
    assert f"{PAGES[address]}: editors of a team draft that." in words(theirs)


@pytest.mark.parametrize("address", [one for one in PAGES if one != "/"])
def test_an_empty_list_says_who_fills_it(
    address: str, house: House, author: User, viewer: User, browse: Browse
) -> None:
    RouteMember.objects.all().delete()
    Route.objects.all().delete()
    Placement.objects.all().delete()
    ServedModel.objects.all().delete()
    HardwarePool.objects.all().delete()

    mine = browse(author).get(address).content.decode()
    theirs = browse(viewer).get(address).content.decode()

    assert len(new(mine)) == 2
    assert new(theirs) == []
    assert "Editors of a team draft the first one" in words(theirs)


def test_what_can_be_done_names_whose_right_it_is(
    author: User, viewer: User, platform: User, browse: Browse
) -> None:
    def rights(user: User) -> dict[str, str]:
        found = dict(browse(user).get("/search/?q=a").context["found"])
        return {hit.title: hit.remark for hit in found["Do"]}

    assert rights(viewer)["Draft a route"] == "for editors of a team"
    assert rights(viewer)["Connect a cluster"] == "for platform"
    assert rights(author)["Draft a route"] == ""
    assert rights(platform)["Connect a cluster"] == ""
