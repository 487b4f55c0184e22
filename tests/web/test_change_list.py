"""The inbox: what it says of itself, and what it offers to whom."""

from collections.abc import Callable

import pytest
from django.test import Client

from inference.accounts.models import Team, User
from tests.api.house import House
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]
SERVE = "/served-models/new/"


def test_an_empty_list_offers_a_first_change_to_those_alone_who_may_draft_it(
    chat: Team, viewer: User, author: User, browse: Browse
) -> None:
    mine, theirs = (
        browse(one).get("/change-requests/?view=all").content.decode() for one in (author, viewer)
    )

    assert SERVE in mine
    assert SERVE not in theirs
    assert "Editors of a team draft the first one; ask an admin of yours" in words(theirs)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("view=all", "Changes Nothing waits for you."),
        ("view=all&q=nothing-like-it", "Changes No change matches."),
        ("view=all&q=Sleep", "Changes 1 change matches."),
        ("view=all&cluster=nowhere", "Changes No change matches. This list: All teams, nowhere."),
    ],
)
def test_a_list_that_is_narrowed_says_what_matches(
    query: str, said: str, house: House, author: User, viewer: User, browse: Browse
) -> None:
    scenes.drafted(house, author, title="Sleep at night")

    assert said in words(browse(viewer).get(f"/change-requests/?{query}").content.decode())


def test_the_frame_is_silent_about_what_waits_while_nothing_does(
    house: House, viewer: User, approver: User, browse: Browse
) -> None:
    busy, idle = (words(browse(one).get("/routes/").content.decode()) for one in (approver, viewer))

    assert "1 for you : changes to decide or to mend" in busy
    assert "for you" not in idle
