"""A pool as those read it whom it was granted to: no change of it that they may not see."""

import pytest
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.changes import actions
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest, PlanTouch
from inference.definitions.models import HardwarePool
from inference.live.registry import Feed, feed_of
from inference.web.streams import rows_key
from tests.api.house import House
from tests.factories.changes import planned
from tests.web.changes import Browse
from tests.web.markup import words

State = ChangeRequest.State
LIST = "/hardware-pools/"


@pytest.fixture
def change(house: House, author: User, outsider: User) -> ChangeRequest:
    """Of the pool, by the team that owns it; it is being planned."""
    house.pool.granted_teams.add(Team.objects.get(name="search"))
    edit = Proposal(
        verb="update",
        kind="hardware-pool",
        name=house.pool.name,
        title="Another title",
        document=house.pool.document,
    )
    change = actions.draft(
        team=house.team, title="Sell it", reason="x", edits=[edit], by=author, at=timezone.now()
    )
    return actions.submit(change=change, version=change.version, by=author, at=timezone.now())


def page_of(house: House) -> str:
    return f"{LIST}{house.team.name}/{house.pool.name}/"


def feed(user: User, name: str) -> Feed:
    found = feed_of(user, name)
    assert found is not None
    return found


@pytest.mark.parametrize("state", [State.PLANNING, State.SUCCEEDED])
def test_changes_of_the_owner_are_not_told_to_others(
    state: str, change: ChangeRequest, house: House, author: User, outsider: User, browse: Browse
) -> None:
    if state == State.SUCCEEDED:
        plan, now = planned(author, cluster=house.cluster).plan, timezone.now()
        ChangeRequest.objects.filter(pk=change.pk).update(
            state=state, plan=plan, approved_at=now, started_at=now, finished_at=now
        )
    link = f"/change-requests/{change.pk}/"

    mine, theirs = (browse(who).get(page_of(house)).content.decode() for who in (author, outsider))

    assert link in mine
    assert "Sell it" in mine
    assert link not in theirs
    assert "Sell it" not in theirs
    assert "No change that you see has edited it." in words(theirs)


def test_rows_tell_of_changes_that_the_reader_sees(
    change: ChangeRequest, house: House, author: User, outsider: User, browse: Browse
) -> None:
    name, link = rows_key("hardware-pool-rows", [house.pool.pk]), f"/change-requests/{change.pk}/"

    mine, theirs = (feed(who, name) for who in (author, outsider))

    assert mine.audience != theirs.audience
    for who, live, is_told in ((author, mine, True), (outsider, theirs, False)):
        assert (link in browse(who).get(LIST).content.decode()) is is_told
        assert (link in live.show()[f"row-{house.pool.pk}"]) is is_told


def test_a_change_that_reaches_them_is_told(
    change: ChangeRequest, house: House, author: User, outsider: User, browse: Browse
) -> None:
    team, plan = Team.objects.get(name="search"), planned(author, cluster=house.cluster).plan
    PlanTouch.objects.create(plan=plan, team=team, environment="prod")
    ChangeRequest.objects.filter(pk=change.pk).update(plan=plan)

    assert "Sell it" in browse(outsider).get(page_of(house)).content.decode()


def test_an_open_page_hears_of_its_changes_and_of_whom_it_is_granted_to(
    change: ChangeRequest, house: House, author: User, outsider: User, browse: Browse
) -> None:
    live = feed(author, f"hardware-pool:{house.pool.pk}")
    page = browse(author).get(page_of(house))

    before = live.show()
    HardwarePool.objects.filter(pk=house.pool.pk).update(generation=7)
    house.pool.granted_teams.clear()
    ChangeRequest.objects.filter(pk=change.pk).update(title="Keep it")
    after = {one: words(html) for one, html in live.show().items()}

    assert "search" in words(before["granted"])
    assert "search" not in after["granted"]
    assert "generation 7" in after["definition"]
    assert "Keep it" in after["history"]
    assert {"#granted", "#definition", "#history"} <= set(page.context["live"].parts.split(", "))
