"""Who may listen, asked at the door and again while they listen."""

from contextlib import ExitStack

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from inference import events
from inference.accounts import actions, roles
from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.live.app import PAGES_PER_PERSON
from tests.live.house import KIND, House, Page, Topic
from tests.live.test_streams import name_of, rename


def refusal(page: Page) -> tuple[int, str]:
    """How a request was refused, to its end."""
    with page:
        return page.status, page.text()


def test_nobody_hears_nothing(house: House, change: ChangeRequest) -> None:
    for asked in (house.stream, house.now):
        assert refusal(asked(None, name_of(change)))[0] == 401
        assert refusal(asked("no such session", name_of(change)))[0] == 401


def test_another_team_hears_of_nothing_and_cannot_tell_it_from_what_is_not(
    house: House, outsider: User, change: ChangeRequest
) -> None:
    theirs = refusal(house.stream(outsider, name_of(change)))
    nothing = refusal(house.stream(outsider, f"{KIND}:999999"))

    assert theirs == nothing
    assert theirs[0] == 404


@pytest.mark.parametrize(
    ("name", "status"),
    [("", 400), ("no-such-kind:7", 404), (f"{KIND}:x'--", 404), (f"{KIND}:" + "9" * 200, 404)],
)
def test_a_topic_that_is_none_is_not_found(
    house: House, author: User, name: str, status: int
) -> None:
    assert refusal(house.stream(author, name))[0] == status


def test_of_several_topics_those_are_heard_that_may_be(
    house: House, author: User, change: ChangeRequest
) -> None:
    with house.stream(author, f"{KIND}:999999", name_of(change)) as page:
        page.until("Serve")


def test_pages_of_other_sites_are_refused(
    house: House, author: User, change: ChangeRequest
) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}

    assert refusal(house.stream(author, name_of(change), headers=elsewhere))[0] == 403


def test_only_get_is_answered(house: House, author: User, change: ChangeRequest) -> None:
    assert refusal(house.stream(author, name_of(change), method="POST"))[0] == 405


def test_a_role_that_is_taken_ends_the_stream(
    house: House, author: User, viewer: User, admin: User, change: ChangeRequest
) -> None:
    with house.stream(viewer, name_of(change)) as page:
        page.until("Serve")

        for membership in viewer.memberships.all():
            roles.remove_role(membership=membership, by=admin, at=timezone.now())

        assert page.rest()[-1]["event"] == "gone"


def test_signing_out_ends_the_stream(house: House, author: User, change: ChangeRequest) -> None:
    with house.stream(author, name_of(change)) as page:
        page.until("Serve")

        Session.objects.all().delete()

        assert page.rest()[-1]["event"] == "signed-out"


def test_a_person_who_is_deactivated_hears_no_more(
    house: House, viewer: User, platform: User, change: ChangeRequest
) -> None:
    with house.stream(viewer, name_of(change)) as page:
        page.until("Serve")

        actions.change_person(
            user=viewer, version=viewer.version, by=platform, at=timezone.now(), is_active=False
        )

        assert page.rest()[-1]["event"] == "signed-out"


def test_a_new_password_has_every_page_ask_at_the_door_again(
    house: House, viewer: User, change: ChangeRequest
) -> None:
    with house.stream(viewer, name_of(change)) as page:
        page.until("Serve")

        viewer.set_password("quite another one")
        viewer.save()

        assert page.rest()[-1]["event"] == "again"


def test_one_person_has_so_many_pages_and_no_more(
    house: House, author: User, viewer: User, change: ChangeRequest
) -> None:
    with ExitStack() as stack:
        for _ in range(PAGES_PER_PERSON):
            stack.enter_context(house.stream(author, name_of(change))).until("beat")

        refused = stack.enter_context(house.stream(author, name_of(change)))
        other = stack.enter_context(house.stream(viewer, name_of(change)))

    assert (refused.status, refused.response.headers["Retry-After"]) == (429, "10")
    assert other.status == 200


def test_a_topic_follows_what_it_has_come_to_show(
    house: House, author: User, change: ChangeRequest, shown: Topic
) -> None:
    """Before, nobody hears of the reading; when the change has grown, everybody does."""
    shown.follows_more = "reading:of-a-route"
    with house.stream(author, name_of(change)) as page:
        page.until("Serve")

        rename(change, Topic.GROWN)
        page.until(Topic.GROWN)
        with transaction.atomic():
            ChangeRequest.objects.filter(pk=change.pk).update(title=f"{Topic.GROWN} and read")
            events.announce("reading:of-a-route")

        page.until("and read")
