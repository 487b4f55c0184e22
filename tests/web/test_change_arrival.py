"""What a push leads to, on the page of its change: replicas, and the first token since."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.delivery.models import Push
from inference.live.registry import feed_of
from inference.observation.models import Reading
from inference.web.change_arrival import arrival_of
from tests.api.house import House
from tests.factories.clusters import ClusterFactory
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]
State = ChangeRequest.State


@pytest.fixture
def done(house: House, author: User, approver: User) -> ChangeRequest:
    return scenes.started(scenes.in_review(house, author), approver, state=State.SUCCEEDED)


def answered(house: House, change: ChangeRequest, later: float, value: int | None = 187) -> None:
    """A probe, seconds after the push had ended."""
    ended = Push.objects.get(change=change).finished_at
    assert ended is not None
    Reading.objects.create(
        cluster=house.cluster,
        subject_kind="route",
        subject_id=house.route.pk,
        signal="first-token",
        value=value,
        code="" if value else "probe-too-slow",
        params={} if value else {"seconds": 10},
        source="probe",
        at=ended + timedelta(seconds=later),
    )


def page_of(change: ChangeRequest, reader: User, browse: Browse) -> str:
    return words(browse(reader).get(f"/change-requests/{change.pk}/").content.decode())


def stop_of(change: ChangeRequest, reader: User, browse: Browse) -> tuple[str, str]:
    """Where the change stands: the stop that it is at, and what the last one says."""
    stops = browse(reader).get(f"/change-requests/{change.pk}/").context["stops"]
    return next((one.name for one in stops if one.place == "now"), ""), stops[-1].note


def test_nothing_is_said_of_it_before_the_push(house: House, author: User, browse: Browse) -> None:
    change = scenes.in_review(house, author)

    assert (
        '<section class="block" id="arrival" aria-labelledby="answers" hidden>'
        in browse(author).get(f"/change-requests/{change.pk}/").content.decode()
    )


def test_the_first_token_since_the_push_ends_the_way(
    done: ChangeRequest, house: House, author: User, browse: Browse
) -> None:
    answered(house, done, -5.0, 100)
    assert stop_of(done, author, browse) == ("First token", "through the gateway")

    answered(house, done, 1.0)
    answered(house, done, 31.0, 99)

    assert stop_of(done, author, browse) == ("", "187 ms")
    assert "187 ms" in page_of(done, author, browse)


def test_a_probe_without_a_token_says_why(
    done: ChangeRequest, house: House, author: User, browse: Browse
) -> None:
    answered(house, done, 1.0, None)

    assert "No token came within 10 seconds." in page_of(done, author, browse)
    assert stop_of(done, author, browse)[0] == "First token"


def test_where_no_route_leads_nobody_waits_for_a_token(
    done: ChangeRequest, house: House, author: User, browse: Browse
) -> None:
    house.route.members.all().delete()

    assert stop_of(done, author, browse) == ("", "no route leads there")


def test_what_nobody_observes_is_unknown_and_not_zero(
    done: ChangeRequest, author: User, browse: Browse
) -> None:
    (rollout,) = arrival_of(done).rollouts

    assert (rollout.ready, rollout.badge.word, rollout.badge.is_stale) == (None, "Unknown", True)
    assert "unknown" in page_of(done, author, browse)


def test_an_open_page_follows_what_the_push_has_touched(
    house: House, author: User, approver: User
) -> None:
    change = scenes.in_review(house, author)
    feed = feed_of(author, f"arrival:{change.pk}")
    assert feed is not None
    before, _ = feed.look()
    scenes.started(change, approver)

    after, _ = feed.look()

    place = f"{house.cluster.pk}/{house.placement.namespace}/{house.placement.object_name}"
    assert f"observed:{place}" in before & after  # of a plan that waits too
    assert after - before == {f"reading:{house.route.pk}"}


def test_it_costs_as_many_queries_in_one_cluster_as_in_five(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    one = scenes.started(scenes.in_review(house, author), approver)
    others: list[Cluster] = ClusterFactory.create_batch(4)
    many = scenes.in_review(house, author, clusters=others)
    scenes.started(many, approver)
    browser, counts = browse(author), []
    browser.get("/")

    for change in (one, many):
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"/change-requests/{change.pk}/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
