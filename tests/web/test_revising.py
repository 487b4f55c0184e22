"""Revising a change: its edit stands in the form, nothing typed is lost, and it is planned anew."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from inference.accounts.models import User
from inference.changes import actions
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest, Edit
from inference.definitions.models import ServedModel
from inference.outbox.models import OutboxEntry
from tests.api.house import POOL_DOCUMENT, House
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]
State = ChangeRequest.State
REPLICAS = "placements.0.replicas"


def address(change: ChangeRequest, ordinal: int = 0) -> str:
    return f"/change-requests/{change.pk}/edits/{ordinal}/"


def form(browser: Client, where: str) -> dict[str, Any]:
    """What a browser would send, had nothing been touched."""
    context = browser.get(where).context
    rows = [row for block in context["blocks"] for row in (block.asked, *block.rows)]
    hidden = {f"generation.{ordinal}": made for ordinal, made in context["generations"]}
    return {
        **{one.name: one.value for row in rows for one in row},
        **hidden,
        "revision": context["revision"],
        "name": context["name"],
        "title": context["title"],
    }


def replicas_of(change: ChangeRequest) -> int:
    edit = Edit.objects.get(revision=ChangeRequest.objects.get(pk=change.pk).revision_id, ordinal=0)
    found: int = edit.document["spec"]["placements"][0]["replicas"]
    return found


@pytest.fixture
def sent_back(house: House, author: User, approver: User) -> ChangeRequest:
    change = scenes.in_review(house, author)
    assert change.plan is not None
    actions.request_changes(
        change=change,
        plan_hash=change.plan.hash,
        comment="Four, please.",
        by=approver,
        at=timezone.now(),
    )
    change.refresh_from_db()
    return change


def test_the_edit_stands_in_the_form_beside_what_is_so_now(
    sent_back: ChangeRequest, author: User, browse: Browse
) -> None:
    page = browse(author).get(address(sent_back)).content.decode()

    assert 'name="placements.0.replicas" value="3"' in page
    assert "Replicas now 2" in words(page)


def test_a_change_that_was_sent_back_is_revised_and_planned_again(
    sent_back: ChangeRequest, author: User, browse: Browse
) -> None:
    browser, where = browse(author), address(sent_back)
    assert f'href="{where}"' in browser.get(f"/change-requests/{sent_back.pk}/").content.decode()

    response = browser.post(where, form(browser, where) | {REPLICAS: "4", "then": "submit"})

    assert response["Location"] == f"/change-requests/{sent_back.pk}/"
    sent_back.refresh_from_db()
    assert sent_back.state == State.PLANNING
    assert sent_back.revision is not None
    assert (sent_back.revision.number, replicas_of(sent_back)) == (2, 4)
    assert OutboxEntry.objects.filter(topic="changes.plan", key=str(sent_back.pk)).exists()


def test_a_draft_is_kept_as_one(house: House, author: User, browse: Browse) -> None:
    change = scenes.drafted(house, author)
    browser = browse(author)

    browser.post(address(change), form(browser, address(change)) | {REPLICAS: "5", "then": "keep"})

    change.refresh_from_db()
    assert (change.state, replicas_of(change)) == (State.DRAFT, 5)
    assert "Replicas 2 → 5" in words(browser.get(f"/change-requests/{change.pk}/").content.decode())


def test_what_cannot_be_taken_keeps_what_was_typed_and_the_revision(
    sent_back: ChangeRequest, author: User, browse: Browse
) -> None:
    browser, where = browse(author), address(sent_back)
    typed = form(browser, where) | {REPLICAS: "many", "title": "Llama, larger", "then": "submit"}

    response = browser.post(where, typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert 'name="placements.0.replicas" value="many"' in page
    assert 'value="Llama, larger"' in page
    assert "This has to be" in words(page)
    assert f'<a href="#{REPLICAS}">Replicas</a>' in page
    sent_back.refresh_from_db()
    assert (sent_back.state, replicas_of(sent_back)) == (State.CHANGES_REQUESTED, 3)


def test_of_two_who_revise_one_is_told(
    sent_back: ChangeRequest, author: User, browse: Browse
) -> None:
    browser, where = browse(author), address(sent_back)
    mine = form(browser, where) | {REPLICAS: "6", "then": "keep"}
    browser.post(where, form(browser, where) | {REPLICAS: "4", "then": "keep"})

    response = browser.post(where, mine)

    assert response.status_code == 409
    assert "Somebody has revised this change since you opened it" in words(
        response.content.decode()
    )
    assert 'value="6"' in response.content.decode()
    assert replicas_of(sent_back) == 4


def test_what_was_changed_meanwhile_is_said_and_laid_under(
    sent_back: ChangeRequest, author: User, house: House, browse: Browse
) -> None:
    ServedModel.objects.filter(pk=house.model.pk).update(generation=2)
    browser, where = browse(author), address(sent_back)

    page = words(browser.get(where).content.decode())
    browser.post(where, form(browser, where) | {"then": "submit"})

    assert f"{house.model.name} has been changed since this was drafted." in page
    sent_back.refresh_from_db()
    assert sent_back.state == State.PLANNING
    assert Edit.objects.get(revision=sent_back.revision_id).base_generation == 2


def two_edits(house: House, author: User) -> ChangeRequest:
    pool = {**POOL_DOCUMENT, "cluster": house.cluster.name}
    document = {**house.model.document}
    document["placements"] = [{**document["placements"][0], "pool": "fresh"}]
    return actions.draft(
        team=house.team,
        title="Two at once",
        reason="they belong together",
        edits=[
            Proposal(verb="create", kind="hardware-pool", name="fresh", document=pool),
            Proposal(verb="update", kind="served-model", name=house.model.name, document=document),
        ],
        by=author,
        at=timezone.now(),
    )


def test_the_others_stay_as_they_are_and_what_they_make_can_be_chosen(
    house: House, author: User, browse: Browse
) -> None:
    change, browser = two_edits(house, author), browse(author)
    before = Edit.objects.get(revision=change.revision_id, ordinal=0)

    typed = form(browser, address(change, 1)) | {REPLICAS: "7", "then": "keep"}
    response = browser.post(address(change, 1), typed)

    assert response.status_code == 302, words(response.content.decode())
    assert typed["placements.0.pool"] == "fresh"
    change.refresh_from_db()
    kept, made = Edit.objects.filter(revision=change.revision_id).order_by("ordinal")
    assert (kept.definition_id, kept.document) == (before.definition_id, before.document)
    assert made.document["spec"]["placements"][0]["replicas"] == 7


def test_an_edit_is_taken_out_only_if_the_rest_holds_without_it(
    house: House, author: User, browse: Browse
) -> None:
    change, browser = two_edits(house, author), browse(author)

    refused = browser.post(
        address(change, 0), form(browser, address(change, 0)) | {"then": "take-out"}
    )
    browser.post(address(change, 1), form(browser, address(change, 1)) | {"then": "take-out"})

    assert refused.status_code == 422
    assert "fresh" in words(refused.content.decode())
    change.refresh_from_db()
    assert [one.name for one in Edit.objects.filter(revision=change.revision_id)] == ["fresh"]


MAY = {
    "author": 302,
    "approver": 302,
    "admin": 302,
    "viewer": 403,
    "outsider": 404,
    "platform": 404,
}


@pytest.mark.parametrize(("who", "status"), MAY.items())
def test_who_may_revise(
    who: str,
    status: int,
    house: House,
    author: User,
    browse: Browse,
    request: pytest.FixtureRequest,
) -> None:
    change = scenes.drafted(house, author)
    browser = browse(request.getfixturevalue(who))
    typed = form(browse(author), address(change)) | {REPLICAS: "9", "then": "keep"}

    response = browser.post(address(change), typed)

    assert response.status_code == status
    assert replicas_of(change) == (9 if status == 302 else 3)


def test_what_has_started_is_shown_and_not_revised(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    change = scenes.started(scenes.in_review(house, author), approver)
    browser = browse(author)

    page = browser.get(address(change)).content.decode()
    response = browser.post(address(change), form(browser, address(change)))

    assert "it can be edited until it is applied" in words(page)
    assert response.status_code == 409
    assert (
        f'href="{address(change)}"'
        not in browser.get(f"/change-requests/{change.pk}/").content.decode()
    )


def test_an_edit_that_is_none_is_no_address(house: House, author: User, browse: Browse) -> None:
    change = scenes.drafted(house, author)

    assert browse(author).get(address(change, 7)).status_code == 404
