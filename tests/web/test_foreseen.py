"""Beside a form stands what it would do; looking drafts nothing, and loses nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.api.house import House
from tests.web import scenes
from tests.web.markup import words
from tests.web.test_definitions import filled, page_of

Browse = Callable[[User | None], Client]
MODELS = "served-models"
REPLICAS = "placements.0.replicas"
HTMX = {"HX-Request": "true"}


def look(browser: Client, address: str, *, by_htmx: bool = True, **typed: str) -> Any:
    sent = filled(browser.get(address), **typed, then="look")
    response = browser.post(address, sent, headers=HTMX if by_htmx else {})
    assert response.status_code == 200
    return response


def said(response: Any) -> str:
    return words(response.content.decode())


def test_what_is_typed_is_seen_before_it_is_drafted(
    house: House, author: User, browse: Browse
) -> None:
    before = ChangeRequest.objects.count()

    page = said(look(browse(author), page_of(house, MODELS, "edit"), **{REPLICAS: "5"}))

    assert "Replicas 2 → 5 +3 accelerators" in page
    assert "prod 1 changed, 10 as they are." in page
    assert "start anew" not in page
    assert "Needs 1 approval, by somebody who had no hand in it." in page
    assert "<html" not in page
    assert ChangeRequest.objects.count() == before


def test_it_says_whose_pods_start_anew(house: House, author: User, browse: Browse) -> None:
    page = said(look(browse(author), page_of(house, MODELS, "edit"), context_length="32768"))

    assert f"Pods start anew of {house.model.name}-" in page


def test_what_is_not_right_yet_is_said_at_its_field(
    house: House, author: User, browse: Browse
) -> None:
    page = look(browse(author), page_of(house, MODELS, "edit"), **{REPLICAS: "many"})

    assert f'href="#{REPLICAS}"' in page.content.decode()
    assert "Not yet Replicas This has to be a whole number." in said(page)


def test_nothing_differs_says_so(house: House, author: User, browse: Browse) -> None:
    browser, address = browse(author), page_of(house, MODELS, "edit")

    assert "What you change shows here" in said(browser.get(address))
    assert "Nothing differs: the definition is already so." in said(look(browser, address))


def test_without_script_the_whole_form_comes_back(
    house: House, author: User, browse: Browse
) -> None:
    response = look(
        browse(author),
        page_of(house, MODELS, "edit"),
        by_htmx=False,
        **{REPLICAS: "7", "reason": "half a thought"},
    )

    assert filled(response)[REPLICAS] == "7"
    assert "half a thought" in response.content.decode()
    assert "Replicas 2 → 7" in said(response)
    assert response.context["refusal"] is None


@pytest.mark.parametrize("noun", [MODELS, "routes"])
def test_what_is_deleted_is_known_at_once(
    noun: str, house: House, author: User, browse: Browse
) -> None:
    page = said(browse(author).get(page_of(house, noun, "delete")))

    if noun == "routes":
        assert "All of it there → deleted" in page
        assert "1 deleted." in page
    else:
        assert house.route.name in page  # which still uses it


def test_a_new_one_lacks_its_name_first(house: House, author: User, browse: Browse) -> None:
    page = look(browse(author), f"/{MODELS}/new/", weights="hf://org/name", name="Not So")

    assert 'href="#name"' in page.content.decode()


def test_who_may_not_draft_is_told_so(
    house: House, viewer: User, outsider: User, browse: Browse
) -> None:
    address = page_of(house, MODELS, "edit")

    assert "role editor" in said(look(browse(viewer), address, **{REPLICAS: "5"}))
    assert browse(outsider).post(address, {"then": "look"}).status_code == 404


def test_a_revision_shows_the_whole_change(house: House, author: User, browse: Browse) -> None:
    change = scenes.drafted(house, author, replicas=4)

    page = said(browse(author).get(f"/change-requests/{change.pk}/edits/0/"))

    assert "Replicas 2 → 4 +2 accelerators" in page
    assert "1 changed, 10 as they are." in page
