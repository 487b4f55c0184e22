"""Lists of models, pools and routes: what they cost, and what their filters leave."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inference.accounts.models import Membership, Team, User
from inference.definitions.models import Placement
from tests.api.house import House, furnish
from tests.web.markup import words

Browse = Callable[[User | None], Client]
NOUNS = ("served-models", "hardware-pools", "routes")


def test_lists_cost_as_many_queries_with_one_row_as_with_fifty(
    house: House, author: User, viewer: User, chat: Team, browse: Browse
) -> None:
    browser = browse(viewer)
    browser.get("/routes/")
    few = [_count(browser, f"/{noun}/") for noun in NOUNS]
    for number in range(1, 50):
        furnish(chat, author, number)

    many = [_count(browser, f"/{noun}/") for noun in NOUNS]

    assert few == many


def _count(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def test_filters_stand_in_the_address(
    house: House, author: User, chat: Team, browse: Browse
) -> None:
    furnish(chat, author, 1)
    Membership.objects.filter(user=author).update(role=Membership.Role.VIEWER)
    browser = browse(author)

    def names(noun: str, key: str, query: str) -> list[str]:
        response = browser.get(f"/{noun}/?{query}")
        return [row[key].name for row in response.context["rows"]]

    assert names("served-models", "model", "cluster=east-1") == ["llama-1"]
    assert names("hardware-pools", "pool", "q=h100-0") == ["h100-0"]
    assert names("routes", "route", "environment=dev") == []
    assert "Drop all filters" in browser.get("/routes/?environment=dev").content.decode()
    assert names("served-models", "model", "order=newest&team=chat") != []


def test_a_model_that_is_placed_nowhere_does_not_sleep(
    house: House, viewer: User, browse: Browse
) -> None:
    Placement.objects.update(deleted_at=timezone.now())

    page = words(browse(viewer).get("/served-models/").content.decode())

    assert f"{house.model.name} Not placed" in page
    assert "Asleep" not in page
