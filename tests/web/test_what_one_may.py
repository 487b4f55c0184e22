"""No page shows a way that ends in a refusal: who may not is told who may."""

from collections.abc import Callable

import pytest
from django.test import Client

from inference.accounts.models import User
from inference.definitions.models import HardwarePool, Placement, Route, RouteMember, ServedModel
from tests.api.house import House
from tests.web import scenes
from tests.web.markup import fields_of, links, words

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


FORMS = {
    "/served-models/new/": "Editors draft changes",
    "/served-models/chat/{model}/edit/": "Editors draft changes",
    "/served-models/chat/{model}/delete/": "Editors draft changes",
    "/served-models/chat/{model}/drift/": "Editors of chat draft changes",
    "/hardware-pools/new/": "Editors draft changes",
    "/hardware-pools/chat/{pool}/edit/": "Editors draft changes",
    "/hardware-pools/chat/{pool}/delete/": "Editors draft changes",
    "/routes/new/": "Editors draft changes",
    "/routes/chat/{route}/edit/": "Editors draft changes",
    "/routes/chat/{route}/delete/": "Editors draft changes",
    "/change-requests/{change}/edits/0/": "You may look, not change.",
    "/connect/": "Platform connects clusters.",
}
"""Each form that others may look at, and whose it is."""
SETTINGS = {
    "/settings/people/": "Platform adds accounts",
    "/settings/teams/": "Platform makes teams",
    "/settings/teams/chat/": "Admins of chat give roles",
    "/settings/allowances/": "You may look, not change.",
    "/clusters/{cluster}/": "",
}
"""Pages that have no form but for those who may send it."""


def address_in(house: House, form: str) -> str:
    return form.format(
        model=house.model.name,
        pool=house.pool.name,
        route=house.route.name,
        change=house.draft.pk,
        cluster=house.cluster.name,
    )


@pytest.mark.parametrize("form", FORMS)
def test_nothing_can_be_typed_into_a_form_by_who_may_not_send_it(
    form: str,
    house: House,
    author: User,
    viewer: User,
    platform: User,
    browse: Browse,
) -> None:
    scenes.drift(house)
    address = address_in(house, form)
    owner = platform if form == "/connect/" else author

    mine = browse(owner).get(address).content.decode()
    theirs = browse(viewer).get(address).content.decode()

    free, off = fields_of(mine)
    assert free
    assert off == []
    assert fields_of(theirs)[0] == []
    assert FORMS[form] in words(theirs)


@pytest.mark.parametrize("page", SETTINGS)
def test_a_page_of_platform_has_no_form_for_others(
    page: str, house: House, viewer: User, browse: Browse
) -> None:
    theirs = browse(viewer).get(address_in(house, page)).content.decode()

    assert fields_of(theirs) == ([], [])
    assert SETTINGS[page] in words(theirs)
