"""*Try it* on the page of a route: who is offered it, what a ticket needs, and what is shown."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.clusters.models import Cluster, LiveObject
from inference.health.actions import MOST_IN_A_WINDOW
from inference.health.models import Trial
from tests.api.house import House, furnish
from tests.health.test_tasks import see
from tests.web.markup import words

Browse = Callable[[User | None], Client]
FORM = {"prompt": "What is a cache for?", "system": "", "max_tokens": "16"}


@pytest.fixture
def house(chat: Team, author: User) -> House:
    made = furnish(chat, author)
    see(made.route, 8080)
    return made


def address_of(house: House, deed: str = "") -> str:
    return f"/routes/{house.team.name}/{house.route.name}/{deed}{'/' if deed else ''}"


def posted(browser: Client, house: House, **more: str) -> Any:
    return browser.post(address_of(house, "try"), {**FORM, **more})


def test_an_editor_gets_a_ticket(house: House, author: User, browse: Browse) -> None:
    response = posted(browse(author), house)

    assert response.status_code == 201
    assert len(response.json()["ticket"]) > 40
    assert response["Cache-Control"] == "no-store"
    assert Trial.objects.get().user == author


def test_the_panel_asks_and_shows_the_same_for_a_shell(
    house: House, author: User, browse: Browse
) -> None:
    page = browse(author).get(address_of(house)).content.decode()

    assert 'data-stream="/live/try/"' in page
    assert "Trying it here needs JavaScript." in words(page)
    assert "--resolve chat.example:8080:127.0.0.1" in unescape(page)
    assert "from openai import OpenAI" in page


def test_a_viewer_reads_who_may_and_how_to_send_it(
    house: House, viewer: User, browse: Browse
) -> None:
    browser = browse(viewer)
    page = browser.get(address_of(house)).content.decode()

    refused = posted(browser, house)

    assert "This needs the role editor in team chat for prod. Ask its admins." in words(page)
    assert "curl --no-buffer" in page
    assert "try-form" not in page
    assert refused.status_code == 403
    assert "role editor" in refused.json()["sentence"]
    assert not Trial.objects.exists()


def test_a_route_of_others_is_not_there(house: House, outsider: User, browse: Browse) -> None:
    browser = browse(outsider)

    assert posted(browser, house).status_code == 404
    assert browser.post(address_of(house, "call"), FORM).status_code == 404


def test_a_robot_is_told_to_call_by_itself(house: House, robot: User, browse: Browse) -> None:
    response = posted(browse(robot), house)

    assert response.status_code == 403
    assert "A robot calls the gateway itself." in response.json()["sentence"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"prompt": " "}, "Write a prompt first."),
        ({"prompt": "x" * 8001}, "A prompt has at most 8000 characters here; this one has 8001."),
        ({"max_tokens": "257"}, "Ask for a whole number of tokens between 1 and 256."),
    ],
)
def test_what_cannot_be_asked_is_said(
    sent: dict[str, str], sentence: str, house: House, author: User, browse: Browse
) -> None:
    response = posted(browse(author), house, **sent)

    assert (response.status_code, response.json()) == (422, {"sentence": sentence})


def test_too_many_tries_are_slowed_down(house: House, author: User, browse: Browse) -> None:
    browser = browse(author)
    statuses = [posted(browser, house).status_code for _ in range(MOST_IN_A_WINDOW + 1)]

    assert statuses == [201] * MOST_IN_A_WINDOW + [429]


def test_a_ticket_needs_the_token_of_the_form(house: House, author: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author)

    assert posted(browser, house).status_code == 403
    assert not Trial.objects.exists()


def _blind(house: House) -> str:
    LiveObject.objects.filter(kind="Gateway").update(gone_at=timezone.now())
    return "is not seen there: the page of its cluster says"


def _hold(house: House) -> str:
    Cluster.objects.update(state=Cluster.State.HELD)
    return "Ask platform to resume it"


@pytest.mark.parametrize("stop", [_blind, _hold])
def test_where_nothing_can_be_asked_the_panel_says_why(
    stop: Callable[[House], str], house: House, author: User, browse: Browse
) -> None:
    browser, sentence = browse(author), stop(house)

    page = words(browser.get(address_of(house)).content.decode())
    response = posted(browser, house)

    assert sentence in page
    assert response.status_code == 409
    assert sentence in response.json()["sentence"]
    assert browser.post(address_of(house, "call"), FORM).status_code == 200


def test_the_code_follows_what_is_typed(house: House, author: User, browse: Browse) -> None:
    browser = browse(author)

    part = browser.post(address_of(house, "call"), {**FORM, "prompt": "it's <b>me</b>"})
    empty = browser.post(address_of(house, "call"), {**FORM, "prompt": ""})

    text = part.content.decode()
    assert text.lstrip().startswith('<div id="calls"')
    assert "<b>" not in text
    assert "it's <b>me</b>" in unescape(text).replace("'\"'\"'", "'")
    assert "key-value cache" in empty.content.decode()
    assert not Trial.objects.exists()
