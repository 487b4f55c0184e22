"""Every page is light at first sight, with nothing cached."""

import pytest

from inference.accounts.models import User
from tests.api.house import House
from tests.browser.conftest import Open
from tests.browser.test_every_page import shown
from tests.browser.weighing import MOST_BYTES, MOST_REQUESTS, MOST_SCRIPT, weigh

pytestmark = pytest.mark.browser

DOOR = "/sign-in/"


def test_no_page_is_heavy_at_first_sight(house: House, reader: User, open_page: Open) -> None:
    page, door = open_page(reader, "/search/"), open_page(None)
    signed_in = [address for address in shown(house, page) if address != DOOR]

    found = {address: weigh(page, address) for address in signed_in} | {DOOR: weigh(door, DOOR)}

    assert {address: one for address, one in found.items() if one.total > MOST_BYTES} == {}
    assert {address: one for address, one in found.items() if one.script > MOST_SCRIPT} == {}
    assert {address: one for address, one in found.items() if one.requests > MOST_REQUESTS} == {}
