"""What other hands have changed is taken back or kept by a change: by whoever may, and as shown."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from inference.accounts.models import User
from inference.changes.models import ChangeRequest, Edit
from inference.delivery.models import DesiredObject
from inference.live.registry import feed_of
from inference.messages import planning as messages
from inference.planning.values import Check
from tests.api.house import House
from tests.web import scenes
from tests.web.markup import fields_of, links, words

Browse = Callable[[User | None], Client]


@pytest.fixture
def drifted(house: House) -> House:
    scenes.drift(house)
    return house


def page_of(house: House) -> str:
    return f"/served-models/{house.team.name}/{house.model.name}/"


def ways(html: str) -> list[str]:
    return [one for one in links(html) if "/drift/?hand." in one]


def key_of(browser: Client, house: House) -> str:
    (one,) = browser.get(f"{page_of(house)}drift/").context["settled"]
    return f"hand.{one.hand.key}"


def settled(browser: Client, house: House, choice: str, **more: str) -> Any:
    sent = {key_of(browser, house): choice, "reason": "nobody asked for it", "then": "keep"}
    return browser.post(f"{page_of(house)}drift/", sent | more)


def test_the_way_to_settle_stands_beside_each_field_for_whoever_may_change_it(
    drifted: House, author: User, viewer: User, browse: Browse
) -> None:
    for address in (page_of(drifted), f"/routes/{drifted.team.name}/{drifted.route.name}/"):
        mine = browse(author).get(address).content.decode()
        theirs = browse(viewer).get(address).content.decode()

        assert [one.partition("=")[2] for one in ways(mine)] == ["take", "keep"]
        assert "Take it back…" in words(mine)
        assert "Keep 5…" in words(mine)
        assert ways(theirs) == []
        assert "kubectl set replicas" in words(theirs)


def test_a_live_page_says_the_same_to_each(drifted: House, author: User, viewer: User) -> None:
    for name in (f"served-model:{drifted.model.pk}", f"route:{drifted.route.pk}"):
        mine, theirs = feed_of(author, name), feed_of(viewer, name)
        assert mine
        assert theirs

        assert mine.audience != theirs.audience
        assert len(ways(mine.show()["drift"])) == 2
        assert ways(theirs.show()["drift"]) == []


def test_the_form_says_from_whose_value_to_which(
    drifted: House, author: User, browse: Browse
) -> None:
    browser = browse(author)
    (take, keep) = ways(browser.get(page_of(drifted)).content.decode())

    for address, choice in ((take, "take"), (keep, "keep")):
        page = browser.get(address).content.decode()

        assert re.findall(r'value="(\w+)" checked', page) == [choice]
        assert "Take it back from kubectl by force: 5 → 2" in words(page)
        assert "the definition says 5 from then on" in words(page)


def test_taking_back_drafts_a_change_that_names_the_field(
    drifted: House, author: User, browse: Browse
) -> None:
    browser = browse(author)

    response = settled(browser, drifted, "take")

    change = ChangeRequest.objects.order_by("-pk")[0]
    edit = Edit.objects.get(revision=change.revision)
    assert response["Location"] == f"/change-requests/{change.pk}/"
    assert change.state == ChangeRequest.State.DRAFT
    assert change.title == f"Take replicas of {drifted.model.name} back from kubectl"
    assert edit.document["spec"] == drifted.model.document
    assert [(one["path"], one["manager"]) for one in edit.takes] == [("spec.replicas", "kubectl")]
    shown = words(browser.get(response["Location"]).content.decode())
    assert "Taken back by force: Deployment" in shown
    assert "set by kubectl → as defined here" in shown
    told = words(browser.get("/audit-events/").content.decode())
    assert "taking back by force spec.replicas of Deployment" in told


def test_keeping_writes_the_live_value_into_the_definition(
    drifted: House, author: User, browse: Browse
) -> None:
    settled(browse(author), drifted, "keep")

    change = ChangeRequest.objects.order_by("-pk")[0]
    edit = Edit.objects.get(revision=change.revision)
    assert change.title == f"Keep replicas of {drifted.model.name} at 5"
    assert edit.document["spec"]["placements"][0]["replicas"] == 5
    assert edit.takes == []


def test_what_has_moved_on_is_looked_at_again(drifted: House, author: User, browse: Browse) -> None:
    browser, before = browse(author), ChangeRequest.objects.count()
    key = key_of(browser, drifted)
    scenes.scaled(DesiredObject.objects.get(kind="Deployment").name, "7")

    response = browser.post(f"{page_of(drifted)}drift/", {key: "take", "reason": "x"})

    assert response.status_code == 409
    assert "has moved on since you looked" in words(response.content.decode())
    assert "to 7" in words(response.content.decode())
    assert ChangeRequest.objects.count() == before


@pytest.mark.parametrize(
    ("choice", "more", "said"),
    [
        ("leave", {}, "Choose at least one field"),
        ("take", {"reason": " "}, "Say why this should change."),
    ],
)
def test_what_is_missing_is_asked_for_and_the_choice_stays(
    choice: str, more: dict[str, str], said: str, drifted: House, author: User, browse: Browse
) -> None:
    response = settled(browse(author), drifted, choice, **more)

    page = response.content.decode()
    assert response.status_code == 422
    assert said in words(page)
    assert re.findall(r'value="(\w+)" checked', page) == [choice]


def test_a_reader_is_told_who_may(drifted: House, viewer: User, browse: Browse) -> None:
    browser, before = browse(viewer), ChangeRequest.objects.count()

    page = browser.get(f"{page_of(drifted)}drift/").content.decode()
    refused = settled(browser, drifted, "take")

    assert "You may look, not change." in words(page)
    assert fields_of(page)[0] == []
    assert refused.status_code == 403
    assert ChangeRequest.objects.count() == before


def test_others_find_nothing_there(drifted: House, outsider: User, browse: Browse) -> None:
    assert browse(outsider).get(f"{page_of(drifted)}drift/").status_code == 404
    assert browse(outsider).post(f"{page_of(drifted)}drift/", {}).status_code == 404


def test_without_drift_there_is_nothing_to_settle(
    house: House, author: User, browse: Browse
) -> None:
    page = browse(author).get(f"{page_of(house)}drift/").content.decode()

    assert "Nothing differs" in words(page)
    assert "<textarea" not in page


def test_a_plan_that_meets_a_held_field_offers_to_take_it_in_the_same_change(
    drifted: House, author: User, browse: Browse
) -> None:
    name = DesiredObject.objects.get(kind="Deployment").name
    params = {"object": f"Deployment llm-chat/{name}", "cluster": drifted.cluster.name}
    params |= {"field": "spec.replicas", "manager": "kubectl", "live": "5", "ours": "3"}
    held: dict[str, Any] = {"definition": str(drifted.model.pk)}
    held |= {"place": ["Deployment", "llm-chat", name], **params}
    check = Check("accepted", "red", messages.FIELD_CONTESTED, held, drifted.cluster.name)
    change, browser = scenes.in_review(drifted, author, checks=[check]), browse(author)

    page = browser.get(f"/change-requests/{change.pk}/").content.decode()
    (way,) = [one for one in links(page) if one.endswith("#takes-title")]
    form = browser.get(way)
    (asked,) = form.context["takes"]
    sent = {"revision": "1", "then": "keep", "placements.0.pool": drifted.pool.name}
    sent |= {"placements.0.replicas": "3", "weights": drifted.model.document["weights"]}
    rows = [row for block in form.context["blocks"] for row in (block.asked, *block.rows)]
    whole = {one.name: one.value for row in rows for one in row}
    response = browser.post(way.partition("#")[0], whole | sent | {asked.name: "on"})

    assert "back from kubectl by force; it is 5 now" in words(form.content.decode())
    assert not asked.is_taken
    assert response.status_code == 302, response.content
    change.refresh_from_db()
    edit = Edit.objects.get(revision=change.revision)
    assert [(one["name"], one["path"]) for one in edit.takes] == [(name, "spec.replicas")]
    again = browser.get(way)
    assert [one.is_taken for one in again.context["takes"]] == [True]
    browser.post(way.partition("#")[0], whole | sent | {"revision": "2"})
    change.refresh_from_db()
    assert Edit.objects.get(revision=change.revision).takes == []
