"""A session ends while somebody types: nothing of it is lost."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.api.house import House
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser
PASSWORD = "correct horse"
UNCOVERED = """() => {
  const link = document.querySelector("#signed-out a");
  const { left, top, width, height } = link.getBoundingClientRect();
  return document.elementFromPoint(left + width / 2, top + height / 2) === link;
}"""


def able(person: User) -> User:
    person.set_password(PASSWORD)
    person.save()
    return person


def end_sessions() -> None:
    Session.objects.all().delete()


def drafted() -> list[ChangeRequest]:
    return list(ChangeRequest.objects.filter(reason__startswith="Two"))


def sign_in_again(page: Page, link: Any, person: User) -> None:
    with page.context.expect_page() as opened:
        link.click()
    other = opened.value
    other.get_by_label("Username").fill(person.username)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("navigation", name="Main")).to_be_visible()
    other.close()
    page.bring_to_front()


def edit(house: House, open_page: Open, person: User, width: int = 1440) -> Page:
    address = f"/served-models/{house.team.name}/{house.model.name}/edit/"
    page = open_page(person, address, width=width)
    page.get_by_label("Reason").fill("Two\nlines.")
    return page


def test_a_form_stays_and_is_sent_after_signing_in_elsewhere(
    house: House, author: User, open_page: Open
) -> None:
    page = edit(house, open_page, able(author))
    expect(page.locator("#signed-out")).to_be_hidden()

    end_sessions()
    page.get_by_label("Replicas").first.fill("3")
    told = page.locator("#signed-out")
    expect(told).to_contain_text("nothing on this page is lost")
    sign_in_again(page, told.get_by_role("link", name="Sign in"), author)
    page.get_by_label("Replicas").first.fill("4")
    expect(told).to_be_hidden()
    page.get_by_role("button", name="Draft change").click()

    expect(page.locator("#answer")).to_contain_text("A draft: nobody has been asked yet.")
    assert [one.reason.splitlines() for one in drafted()] == [["Two", "lines."]]


@pytest.mark.parametrize("width", [1440, 360])
def test_who_has_scrolled_is_told_where_they_are(
    width: int, house: House, author: User, open_page: Open
) -> None:
    page = edit(house, open_page, able(author), width)

    end_sessions()
    page.get_by_label("First token within").fill("700")
    page.wait_for_function("window.scrollY > 200")
    told = page.locator("#signed-out")

    expect(told).to_be_in_viewport(ratio=1)
    assert page.evaluate(UNCOVERED)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_what_was_sent_too_late_can_be_sent_again(
    house: House, author: User, open_page: Open
) -> None:
    page = edit(house, open_page, able(author))
    page.get_by_label("Replicas").first.fill("3")
    expect(page.locator("#foreseen")).to_contain_text("+1 accelerator")

    end_sessions()
    page.get_by_role("button", name="Draft change").click()
    expect(page.get_by_role("heading", name="You are signed out.")).to_be_visible()
    assert not drafted()
    sign_in_again(page, page.get_by_role("link", name="Sign in", exact=True).last, author)
    page.get_by_role("button", name="Send it again").click()

    expect(page.locator("#answer")).to_contain_text("A draft: nobody has been asked yet.")
    assert [one.reason.splitlines() for one in drafted()] == [["Two", "lines."]]
