"""Every page in a real browser: readable for all, in both themes, at any width, by keyboard."""

import pytest
from playwright.sync_api import Page, expect

from inference.accounts.models import User
from inference.definitions.models import ServedModel
from tests.api.house import House
from tests.browser.conftest import Open, violations
from tests.browser.shooting import PHONE
from tests.web.test_numbers import enter, tell
from tests.web.test_pages import addresses

pytestmark = pytest.mark.browser
WIDTHS = (1440, 900, 390, 360, 320)
SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll("#numbers .scroll")]
  .some((one) => one.scrollWidth > one.clientWidth)"""


def shown(house: House, page: Page) -> list[str]:
    """Addresses that answer with a page to somebody who may see all of them."""
    found = []
    for _, address in addresses(house):
        answer = page.request.get(address)
        if answer.ok and "html" in answer.headers["content-type"]:
            found.append(address)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_shuts_anybody_out(theme: str, house: House, reader: User, open_page: Open) -> None:
    page = open_page(reader, "/search/", theme=theme)
    found = []
    for address in shown(house, page):
        page.goto(address)
        found += [f"{address} {one}" for one in violations(page)]

    assert found == []


def test_no_page_scrolls_sideways(house: House, reader: User, open_page: Open) -> None:
    page = open_page(reader, "/search/")
    wide = []
    for address in shown(house, page):
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((address, width))

    assert wide == []


@pytest.mark.parametrize("width", [390, 360, 320])
def test_numbers_are_read_on_a_phone_without_scrolling_sideways(
    width: int, house: House, reader: User, open_page: Open
) -> None:
    name = "longest-of-all-the-names-that-there-is-a"
    ServedModel.objects.update(name=name)
    enter(house)
    tell(house, house.placement)
    tell(house, house.placement, value=7.0, replica="llama-0-x-abc-1")
    tell(house, house.route, subject_kind="route", params={"known": 1, "backends": 2})
    page, wide = open_page(reader, "/search/", width=width), []
    for address in (f"/routes/chat/{house.route.name}/", f"/served-models/chat/{name}/"):
        page.goto(address)
        expect(page.locator("#numbers tbody td").last).to_be_visible()
        if page.evaluate(SIDEWAYS):
            wide.append(address)

    assert wide == []


SMALL = """() => [...document.querySelectorAll(
  '.btn, .input:not(.vh), summary, .tabs a, .brand, .menu-btn, label:has([type=checkbox])'
)].filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < 43.5)
  .map((one) => `${one.className} ${one.textContent.trim()}`)"""


def test_what_is_pressed_on_a_phone_fits_a_finger(
    house: House, reader: User, open_page: Open
) -> None:
    page = open_page(reader, "/search/", width=390)
    small = []
    for address in shown(house, page):
        page.goto(address)
        small += [f"{address} {one}" for one in page.evaluate(SMALL)]

    assert small == []


def test_the_door_is_open_to_all(open_page: Open, transactional_db: None) -> None:
    page = open_page(None, "/sign-in/")

    assert violations(page) == []
    expect(page.get_by_label("Username")).to_be_focused()


def test_the_first_stop_of_the_tab_key_skips_to_the_page(
    house: House, reader: User, open_page: Open
) -> None:
    page = open_page(reader, "/change-requests/")

    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_the_palette_opens_finds_and_leads(house: House, reader: User, open_page: Open) -> None:
    page = open_page(reader, "/change-requests/")

    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    page.keyboard.type(f"#{house.change.pk}")
    first = page.locator("#palette [role=option]").first
    expect(first).to_contain_text(f"#{house.change.pk} Serve")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/change-requests/{house.change.pk}/")


def test_numbers_open_the_evidence_of_a_verdict(
    house: House, reader: User, open_page: Open
) -> None:
    page = open_page(reader, f"/change-requests/{house.change.pk}/")

    page.keyboard.press("3")

    page.wait_for_url("**#check-fits")


def test_where_a_change_is_reads_whole_on_a_phone(
    house: House, reader: User, open_page: Open
) -> None:
    page = open_page(reader, f"/change-requests/{house.change.pk}/", width=PHONE)
    now = page.locator("#stops .now")

    expect(now).to_contain_text("Review")
    expect(now).to_have_css("overflow", "visible")
    expect(now.locator("b")).not_to_have_css("font-size", "0px")
