"""Deeds by a button: once however often it is pressed, and what came meanwhile is not unsaid."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.api.house import House
from tests.browser.conftest import Open
from tests.web import scenes

pytestmark = pytest.mark.browser


def retitle(change: ChangeRequest) -> None:
    """As something that happened meanwhile."""
    ChangeRequest.objects.filter(pk=change.pk).update(title="Another one")


@contextmanager
def slow(page: Page) -> Iterator[list[Route]]:
    """What is sent is held until the end, as by a console that has much to do."""
    held: list[Route] = []
    page.route(
        "**/*", lambda one: held.append(one) if one.request.method == "POST" else one.fallback()
    )
    yield held
    for one in held:
        one.continue_()
    page.unroute_all()


def press_twice(page: Page, button: Locator) -> None:
    button.evaluate("one => { one.click(); setTimeout(() => one.click(), 100); }")
    page.wait_for_timeout(500)


def test_two_presses_draft_one_change(house: House, author: User, open_page: Open) -> None:
    page = open_page(author, f"/served-models/{house.team.name}/{house.model.name}/edit/")
    page.get_by_label("Replicas").first.fill("3")
    page.get_by_label("Reason").fill("More of them are coming tomorrow.")
    expect(page.locator("#foreseen")).to_contain_text("+1 accelerator")
    before = ChangeRequest.objects.count()

    with slow(page) as held:
        press_twice(page, page.get_by_role("button", name="Draft change"))

    expect(page.locator("#answer")).to_contain_text("A draft: nobody has been asked yet.")
    assert len(held) == 1
    assert ChangeRequest.objects.count() == before + 1


def test_a_form_that_was_sent_can_be_sent_again_when_it_is_gone_back_to(
    house: House, author: User, open_page: Open
) -> None:
    page = open_page(author, f"/served-models/{house.team.name}/{house.model.name}/edit/")
    for reason in ("First", "Second"):
        page.get_by_label("Reason").fill(reason)
        page.get_by_label("Replicas").first.fill("3")
        page.get_by_role("button", name="Draft change").click()
        expect(page.locator("#answer")).to_contain_text("A draft")
        page.go_back()

    assert set(ChangeRequest.objects.values_list("reason", flat=True)) >= {"First", "Second"}


def test_two_presses_approve_once(
    house: House, author: User, approver: User, open_page: Open
) -> None:
    change = scenes.in_review(house, author)
    page = open_page(approver, f"/change-requests/{change.pk}/")
    statuses: list[int] = []
    page.on("response", lambda one: statuses.append(one.status))

    with slow(page) as held:
        press_twice(page, page.locator("#decision").get_by_role("button", name="Approve"))

    expect(page.locator("#answer")).to_contain_text("Approved: the push is about to start.")
    page.wait_for_load_state("networkidle")
    assert (len(held), set(statuses)) == (1, {200})


def test_an_answer_that_is_overtaken_on_its_way_does_not_stay(
    house: House, author: User, approver: User, open_page: Open
) -> None:
    """The push starts as the approval is written: its notice may be here before the answer is."""
    change = scenes.in_review(house, author)
    page = open_page(approver, f"/change-requests/{change.pk}/")

    def overtake(route: Route) -> None:
        answer = route.fetch()
        retitle(change)
        route.fulfill(response=answer)

    page.route("**/approve/", overtake)
    page.locator("#decision").get_by_role("button", name="Approve").click()

    expect(page.locator("h1")).to_have_text("Another one")


def test_what_is_typed_stays_while_the_change_moves(
    house: House, author: User, approver: User, open_page: Open
) -> None:
    change = scenes.in_review(house, author)
    page = open_page(approver, f"/change-requests/{change.pk}/")
    page.wait_for_selector('#live[data-state="live"]')
    comment = page.locator("#comment")
    comment.press_sequentially("Half a thou")
    retitle(change)

    page.evaluate("name => htmx.trigger('#live', name)", f"changed-change-request-{change.pk}")

    expect(page.locator("h1")).to_have_text("Another one")
    comment.press_sequentially("ght")
    expect(comment).to_have_value("Half a thought")
