"""Why pools are not counted: said once above them, however many clusters it is of."""

from collections.abc import Callable

import pytest
from django.test import Client

from inference.accounts.models import Team, User
from inference.web.capacities import NAMED
from tests.api.house import furnish
from tests.web.markup import words

Browse = Callable[[User | None], Client]
REASON = "No observer has looked at the nodes of this cluster yet."


@pytest.mark.parametrize("address", ["/", "/hardware-pools/"])
@pytest.mark.parametrize(
    ("clusters", "named"),
    [
        (1, "east-0"),
        (NAMED + 1, "east-0, east-1, east-2, east-3"),
        (NAMED + 2, "east-0, east-1, east-2 and 2 more clusters"),
    ],
)
def test_one_reason_is_said_once(
    clusters: int,
    named: str,
    address: str,
    chat: Team,
    author: User,
    viewer: User,
    browse: Browse,
) -> None:
    for number in range(clusters):
        furnish(chat, author, number)

    page = words(browse(viewer).get(address).content.decode())

    assert page.count(REASON) == 1
    assert f"{named}. {REASON}" in page
