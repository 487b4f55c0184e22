"""The walk of a change through the browser: the author cannot sign it, the approver can."""

import pytest
from playwright.sync_api import Page, expect

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.api.house import House
from tests.browser.conftest import Open
from tests.browser.shooting import PHONE
from tests.web import scenes

pytestmark = pytest.mark.browser


def navigations(page: Page) -> list[str]:
    """Addresses that the page goes to from now on."""
    found: list[str] = []
    page.on("framenavigated", lambda frame: found.append(frame.url))
    return found


def test_the_approver_signs_on_a_phone_without_leaving_the_page(
    house: House, author: User, approver: User, open_page: Open
) -> None:
    change = scenes.in_review(house, author)
    address = f"/change-requests/{change.pk}/"

    theirs = open_page(author, address)
    expect(theirs.locator("#answer")).to_contain_text("Ask approver.")
    expect(theirs.get_by_role("button", name="Approve")).to_be_disabled()

    mine = open_page(approver, address, width=PHONE)
    left = navigations(mine)
    bar = mine.get_by_role("group", name="Decision")
    bar.get_by_role("button", name="Approve").click()

    expect(mine.locator("#answer")).to_contain_text("Approved: the push is about to start.")
    assert left == []
    assert ChangeRequest.objects.get(pk=change.pk).state == ChangeRequest.State.APPROVED


def test_the_author_raises_replicas_by_the_form_and_reads_what_it_will_change(
    house: House, author: User, open_page: Open
) -> None:
    page = open_page(author, f"/served-models/{house.team.name}/{house.model.name}/")

    page.get_by_role("link", name="Draft change").click()
    page.get_by_label("Replicas").first.fill("3")
    page.get_by_label("Reason").fill("More of them are coming tomorrow.")
    page.get_by_role("button", name="Draft change").click()

    expect(page.locator("#answer")).to_contain_text("A draft: nobody has been asked yet.")
    expect(page.get_by_text("+1 accelerator")).to_be_visible()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#answer")).to_contain_text("It is being planned.")


def test_a_refusal_is_read_where_the_person_is_and_keeps_the_comment(
    house: House, author: User, approver: User, open_page: Open
) -> None:
    change = scenes.in_review(house, author)
    page = open_page(approver, f"/change-requests/{change.pk}/")
    page.get_by_label("Comment").fill("Split it, please.")
    ChangeRequest.objects.filter(pk=change.pk).update(stale=True)

    with page.expect_response(lambda one: one.status == 409):
        page.get_by_role("button", name="Ask for changes").click()

    expect(page.get_by_role("alert")).to_contain_text("have it planned anew")
    expect(page.get_by_label("Comment")).to_have_value("Split it, please.")


def test_the_fields_and_their_yaml_are_two_faces_without_script(
    house: House, author: User, approver: User, open_page: Open
) -> None:
    change = scenes.in_review(house, author)
    page = open_page(approver, f"/change-requests/{change.pk}/", java_script_enabled=False)

    expect(page.get_by_text("+1 accelerator")).to_be_visible()
    page.get_by_text("YAML", exact=True).click()

    expect(page.get_by_text("replicas: 3")).to_be_visible()
    expect(page.get_by_text("+1 accelerator")).to_be_hidden()
