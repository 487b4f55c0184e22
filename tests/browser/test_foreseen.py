"""What a form would do is seen while somebody types, in Chromium."""

import pytest
from playwright.sync_api import expect

from inference.accounts.models import User
from tests.api.house import House
from tests.browser.conftest import Open
from tests.browser.shooting import PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1440, PHONE])
def test_typing_shows_what_it_would_do_and_loses_nothing(
    width: int, house: House, author: User, open_page: Open
) -> None:
    address = f"/served-models/{house.team.name}/{house.model.name}/edit/"
    page = open_page(author, address, width=width)
    page.evaluate("window.stayed = true")
    replicas, seen = page.get_by_label("Replicas").first, page.locator("#foreseen")
    expect(seen).to_contain_text("Nothing differs yet")

    replicas.fill("5")
    expect(seen).to_contain_text("+3 accelerators")
    expect(replicas).to_be_focused()
    expect(replicas).to_have_value("5")

    replicas.fill("many")
    expect(seen).to_contain_text("has to be a whole number")
    replicas.fill("4")
    expect(seen).to_contain_text("+2 accelerators")
    assert page.evaluate("window.stayed")

    page.get_by_label("Reason").fill("More people")
    page.get_by_role("button", name="Draft change").click()
    page.wait_for_url("**/change-requests/*/")
    expect(page.locator(".diff")).to_contain_text("+2 accelerators")
