"""The palette by keys alone: it leads where its words say, at any speed, and one key closes it."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from inference.accounts.models import User
from tests.api.house import House
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


@pytest.fixture
def page(house: House, author: User, open_page: Open) -> Page:
    made = open_page(author, "/")
    made.keyboard.press("Control+k")
    made.wait_for_selector("#palette [role=option]")
    return made


def test_it_leads_to_what_was_typed_however_quickly_enter_follows(page: Page) -> None:
    page.keyboard.type("audit")
    page.keyboard.press("Enter")

    page.wait_for_url("**/audit-events/")


def test_the_option_that_enter_opens_is_the_one_that_is_read_out(page: Page) -> None:
    field, chosen = page.locator("#palette-input"), page.locator("#palette [aria-selected=true]")

    def read_out() -> str | None:
        return field.get_attribute("aria-activedescendant")

    page.keyboard.press("ArrowDown")
    assert read_out() == chosen.get_attribute("id")
    page.keyboard.type("audit")
    expect(chosen).to_contain_text("Audit")
    assert read_out() == chosen.get_attribute("id")
    page.keyboard.type("xyz")
    expect(page.locator("#found")).to_contain_text("Nothing is called")
    assert read_out() is None


def test_one_press_of_escape_closes_it(page: Page) -> None:
    page.keyboard.type("audit")
    page.keyboard.press("Escape")

    expect(page.locator("#palette")).to_be_hidden()


def test_enter_does_not_wait_for_a_console_that_is_gone(page: Page) -> None:
    def fail(route: Route) -> None:
        if route.request.is_navigation_request():
            route.fallback()
        else:
            route.fulfill(status=403, body="")

    page.route("**/search/**", fail)
    with page.expect_response("**/search/?q=audit"):
        page.keyboard.type("audit")
    page.keyboard.press("Enter")

    page.wait_for_url("**/search/?q=audit")


def test_it_makes_way_for_the_word_that_the_session_has_ended(page: Page) -> None:
    Session.objects.all().delete()
    page.keyboard.type("audit")

    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.locator("#palette")).to_be_hidden()
