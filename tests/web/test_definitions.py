"""Models, pools and routes: lists, pages, and forms that draft changes and lose nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from inference.accounts.models import User
from inference.changes.models import ChangeRequest, Edit
from inference.definitions.models import ServedModel
from tests.api.house import House
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]
NOUNS = ("served-models", "hardware-pools", "routes")


def page_of(house: House, noun: str, deed: str = "") -> str:
    rows = dict(zip(NOUNS, (house.model, house.pool, house.route), strict=True))
    return f"/{noun}/{house.team.name}/{rows[noun].name}/{deed}{'/' if deed else ''}"


def filled(response: Any, **answers: str) -> dict[str, str]:
    """The form as the page shows it, with some answers typed over."""
    blocks = response.context["blocks"]
    asked = [one for block in blocks for one in block.asked]
    asked += [one for block in blocks for row in block.rows for one in row]
    sent = {one.name: one.value for one in asked}
    row = response.context["row"]
    sent |= {"generation": str(row.generation)} if row else {"team": "chat"}
    return {**sent, "reason": "asked for", "then": "keep", **answers}


@pytest.mark.parametrize("noun", NOUNS)
def test_a_list_leads_to_its_pages_and_hides_those_of_others(
    noun: str, house: House, viewer: User, outsider: User, browse: Browse
) -> None:
    mine = browse(viewer).get(f"/{noun}/").content.decode()
    theirs = browse(outsider)

    assert f'href="{page_of(house, noun)}"' in mine
    assert f'href="{page_of(house, noun)}"' not in theirs.get(f"/{noun}/").content.decode()
    for deed in ("", "edit", "delete"):
        assert theirs.get(page_of(house, noun, deed)).status_code == 404
    assert theirs.post(page_of(house, noun, "edit"), {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("noun", NOUNS)
def test_a_page_says_sync_and_change_and_its_fields(
    noun: str, house: House, author: User, browse: Browse
) -> None:
    scenes.in_review(house, author)

    page = words(browse(author).get(page_of(house, noun)).content.decode())

    assert "Definition generation 1" in page
    assert "Draft change" in page


def test_the_model_names_the_change_that_waits(
    house: House, author: User, viewer: User, browse: Browse
) -> None:
    change = scenes.in_review(house, author)

    response = browse(viewer).get(page_of(house, "served-models"))

    assert [one.pk for one, _ in response.context["open_changes"]] == [change.pk]
    assert f"#{change.pk}" in words(browse(viewer).get("/served-models/").content.decode())


def test_what_nobody_watches_now_is_unknown_and_says_why(
    house: House, viewer: User, browse: Browse
) -> None:
    shown = browse(viewer).get(page_of(house, "served-models")).context["serving"]

    assert shown.word == "Unknown"
    assert shown.is_stale
    assert shown.line


def test_what_nobody_has_seen_is_not_counted_as_none(
    house: House, author: User, browse: Browse
) -> None:
    text = words(browse(author).get(page_of(house, "served-models")).content.decode())

    assert "ready unknown, 2 asked for" in text
    assert " 0 ready" not in text


def test_raising_replicas_drafts_a_change_of_that_alone(
    house: House, author: User, browse: Browse
) -> None:
    browser, address = browse(author), page_of(house, "served-models", "edit")
    sent = filled(browser.get(address), **{"placements.0.replicas": "3"})

    response = browser.post(address, sent)

    edit = Edit.objects.order_by("-pk")[0]
    change = edit.revision.change
    assert response["Location"] == f"/change-requests/{change.pk}/"
    assert change.state == ChangeRequest.State.DRAFT
    before = house.model.document["placements"][0]
    assert edit.document["spec"]["placements"] == [{**before, "replicas": 3}]
    untouched = {key: value for key, value in edit.document["spec"].items() if key != "placements"}
    assert untouched == {key: house.model.document[key] for key in untouched}
    assert ServedModel.objects.get().document == house.model.document


def test_drafting_and_submitting_is_one_press(house: House, author: User, browse: Browse) -> None:
    browser, address = browse(author), page_of(house, "served-models", "edit")
    sent = filled(browser.get(address), **{"placements.0.replicas": "3", "then": "submit"})

    browser.post(address, sent)

    assert ChangeRequest.objects.order_by("-pk")[0].state == ChangeRequest.State.PLANNING


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("weights", "ftp://x", "Weights are hf://"),
        ("context_length", "many", "This has to be a whole number."),
        ("parallelism.tensor", "0", "This has to be at least 1."),
        ("arguments", "--api-key=sk-x", "Waybill sets --api-key itself"),
        ("placements.0.pool", "nowhere", "There is no pool nowhere"),
    ],
)
def test_an_error_stands_at_its_field_and_nothing_typed_is_lost(
    field: str, typed: str, said: str, house: House, author: User, browse: Browse
) -> None:
    browser, address = browse(author), page_of(house, "served-models", "edit")
    sent = filled(browser.get(address), **{field: typed, "reason": "because of the morning"})
    count = ChangeRequest.objects.count()

    response = browser.post(address, sent)

    page = response.content.decode()
    asked = {
        one.name: one
        for block in response.context["blocks"]
        for one in [*block.asked, *(cell for row in block.rows for cell in row)]
    }
    assert response.status_code == 422
    assert any(said in text for text in asked[field].errors), asked[field].errors
    assert asked[field].value == typed
    assert "because of the morning" in page
    assert ChangeRequest.objects.count() == count


@pytest.mark.parametrize(("typed", "line"), [("chat\nserach", 2), (" chat\n \nserach\n", 3)])
def test_a_team_that_is_not_there_is_told_at_its_field(
    typed: str, line: int, house: House, author: User, browse: Browse
) -> None:
    browser, address = browse(author), page_of(house, "hardware-pools", "edit")

    response = browser.post(address, filled(browser.get(address), teams=typed))

    blocks = response.context["blocks"]
    [teams] = [one for block in blocks for one in block.asked if one.name == "teams"]
    assert response.status_code == 422
    assert (teams.value, teams.errors) == (typed, (f"Line {line}: There is no team serach.",))
    assert response.context["elsewhere"] == []


def test_a_reason_is_needed(house: House, author: User, browse: Browse) -> None:
    browser, address = browse(author), page_of(house, "served-models", "edit")

    response = browser.post(address, filled(browser.get(address), reason=" "))

    assert response.status_code == 422
    assert "Say why this should change." in words(response.content.decode())


def test_a_definition_that_moved_on_is_not_overwritten(
    house: House, author: User, browse: Browse
) -> None:
    browser, address = browse(author), page_of(house, "served-models", "edit")
    sent = filled(browser.get(address), **{"placements.0.replicas": "3"})
    ServedModel.objects.update(generation=2)

    response = browser.post(address, sent)

    assert response.status_code == 422
    assert (
        house.model.name in response.context["refusal"].params.values()
        or response.context["elsewhere"]
    )


def test_a_new_model_a_new_pool_and_a_new_route_are_drafted(
    house: House, author: User, browse: Browse
) -> None:
    browser = browse(author)
    answers: dict[str, dict[str, str]] = {
        "served-models": {
            "name": "qwen",
            "weights": "hf://Qwen/Qwen3-32B",
            "served_names": "qwen",
            "placements.0.pool": house.pool.name,
            "placements.0.replicas": "1",
        },
        "hardware-pools": {
            "name": "l40s",
            "cluster": house.cluster.name,
            "accelerator.product": "L40S",
            "accelerator.memory_mib": "46068",
            "devices_per_node": "4",
        },
        "routes": {
            "name": "extra",
            "hostname": "extra.example",
            "gateway.cluster": house.cluster.name,
            "gateway.namespace": house.gateway.namespace,
            "gateway.name": house.gateway.name,
            "members.0.model": house.model.name,
            "members.0.pool": house.pool.name,
            "members.0.weight": "1",
        },
    }

    for noun, given in answers.items():
        response = browser.post(f"/{noun}/new/", filled(browser.get(f"/{noun}/new/"), **given))
        assert response.status_code == 302, response.context["errors"]

    names = Edit.objects.order_by("-pk").values_list("name", "verb")[:3]
    assert list(names) == [("extra", "create"), ("l40s", "create"), ("qwen", "create")]


def test_deleting_what_is_still_used_names_its_users(
    house: House, author: User, browse: Browse
) -> None:
    response = browse(author).post(page_of(house, "served-models", "delete"), {"reason": "old"})

    text = words(response.content.decode())
    assert response.status_code == 422
    assert f"{house.model.name} is still used by {house.route.name}" in text
    assert "edits.0" not in response.content.decode()
    assert "Edits, 0" not in text


@pytest.mark.parametrize("noun", NOUNS)
def test_what_is_new_has_no_value_now(
    noun: str, house: House, author: User, browse: Browse
) -> None:
    browser = browse(author)

    assert 'class="now' not in browser.get(f"/{noun}/new/").content.decode()
    assert 'class="now' in browser.get(page_of(house, noun, "edit")).content.decode()


def test_deleting_shows_all_that_goes(house: House, author: User, browse: Browse) -> None:
    page = words(browse(author).get(page_of(house, "served-models", "delete")).content.decode())

    assert house.model.document["weights"] in page
    assert f"Placement: {house.model.name}, {house.pool.name}" in page


def test_deleting_drafts_a_change(house: House, author: User, browse: Browse) -> None:
    browse(author).post(page_of(house, "routes", "delete"), {"reason": "old"})

    edit = Edit.objects.order_by("-pk")[0]
    assert (edit.verb, edit.name) == ("delete", house.route.name)


@pytest.mark.parametrize("noun", NOUNS)
def test_a_viewer_reads_who_may_and_is_refused(
    noun: str, house: House, viewer: User, browse: Browse
) -> None:
    browser, address = browse(viewer), page_of(house, noun, "edit")
    count = ChangeRequest.objects.count()
    form = browser.get(address)

    response = browser.post(address, filled(form))

    assert "You may look, not change." in words(form.content.decode())
    assert response.status_code == 403
    assert ChangeRequest.objects.count() == count


def test_nobody_drafts_for_a_team_of_others(
    house: House, author: User, outsider: User, browse: Browse
) -> None:
    browser = browse(author)
    sent = filled(browser.get("/served-models/new/"), name="x", team="search")

    assert browser.post("/served-models/new/", sent).status_code == 403
