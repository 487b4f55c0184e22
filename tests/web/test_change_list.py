"""The inbox: what it says of itself, and what it offers to whom."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.changes.models import ChangeRequest
from inference.live.registry import Feed, feed_of
from tests.api.house import House
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]
SERVE = "/served-models/new/"
INBOX = "/change-requests/"


def opened(browser: Client, query: str, user: User) -> dict[str, Feed]:
    """The topics that this view follows, as it was opened, by their kind."""
    stream = browser.get(f"{INBOX}?{query}").context["live"].stream
    found = {}
    for name in parse_qs(urlsplit(stream).query)["topic"]:
        feed = feed_of(user, name)
        assert feed is not None
        found[name.partition(":")[0]] = feed
    return found


def news(feeds: dict[str, Feed]) -> str:
    return words(feeds["change-request-news"].show()["news"])


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


def test_an_open_view_tells_what_has_come_to_it_and_what_has_left(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    feeds = opened(browse(approver), "view=needs-me", approver)
    waiting = ChangeRequest.objects.filter(state=ChangeRequest.State.IN_REVIEW)
    old = set(waiting.values_list("pk", flat=True))

    before = news(feeds)
    for _ in range(2):
        scenes.in_review(house, author)
    added = news(feeds)
    ended = {"state": ChangeRequest.State.CANCELLED, "finished_at": timezone.now()}
    ChangeRequest.objects.filter(pk__in=old).update(**ended)

    assert before == ""
    assert added == "2 changes were added since. Look again"
    assert news(feeds) == f"2 changes were added and {len(old)} left since. Look again"
    assert news(opened(browse(approver), "view=needs-me", approver)) == ""


def test_a_view_that_is_narrowed_hears_of_its_own_changes(
    house: House, author: User, approver: User, outsider: User, browse: Browse
) -> None:
    narrow = opened(browse(approver), "view=all&q=needle", approver)
    theirs = opened(browse(outsider), "view=all", outsider)
    late = opened(browse(approver), "view=all&page=2", approver)

    scenes.drafted(house, author, title="Hay")
    assert [news(one) for one in (narrow, theirs)] == ["", ""]
    assert news(late) == "1 change was added since. Look again"

    scenes.drafted(house, author, title="A needle")
    assert news(narrow) == "1 change was added since. Look again"


def test_rows_change_in_their_places(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    change = scenes.drafted(house, author)
    feed = opened(browse(approver), "view=all", approver)["change-request-rows"]
    ended = {"state": ChangeRequest.State.CANCELLED, "finished_at": timezone.now()}

    before = words(feed.show()[f"row-{change.pk}"])
    ChangeRequest.objects.filter(pk=change.pk).update(**ended)

    assert "Draft" in before
    assert "Cancelled" in words(feed.show()[f"row-{change.pk}"])
    assert f"change-request:{change.pk}" in feed.follows


def test_rows_of_others_are_not_told(house: House, author: User, outsider: User) -> None:
    change = scenes.drafted(house, author)

    assert feed_of(outsider, f"change-request-rows:{change.pk}") is None


@pytest.mark.parametrize(
    "name",
    [
        "change-request-rows:",
        "change-request-rows:x",
        f"change-request-rows:{2**63}",
        f"change-request-rows:-{2**64}",
        "change-request-news:",
        "change-request-news:view=open",
        "change-request-news:view=nothing&was=1",
        "change-request-news:view=open&was=1&rows=x",
    ],
)
def test_what_no_inbox_has_written_is_nothing(name: str, viewer: User) -> None:
    assert feed_of(viewer, name) is None
