"""Whether what was seen may be taken for what is: stale 30 s after a death, 90 s of silence."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from inference.clusters.models import Cluster, WatchState
from inference.messages import observation as messages
from inference.observation.freshness import MISSING, Watched, blind, is_fresh, views
from inference.observation.models import ObserverLease
from tests.conftest import NOON
from tests.factories.clusters import ClusterFactory

BROKEN = "cluster-unreachable"


def ago(seconds: float) -> Any:
    return NOON - timedelta(seconds=seconds)


def watched(
    heard: float | None, *, lease: float | None = 20, code: str = "", synced: float | None = None
) -> Watched:
    """Heard so many seconds ago, under a lease that holds for so many more."""
    synced = heard if synced is None else synced
    return Watched(
        None if synced is None else ago(synced),
        None if heard is None else ago(heard),
        code,
        {},
        None if lease is None else NOON + timedelta(seconds=lease),
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (watched(None), False),
        (watched(0), True),
        (watched(89), True),
        (watched(90), True),
        (watched(91), False),
        (watched(0, lease=0), False),
        (watched(0, lease=-1), False),
        (watched(29, lease=None), True),
        (watched(31, lease=None), False),
        (watched(29, code=BROKEN), True),
        (watched(31, code=BROKEN), False),
        (watched(29, code=messages.STARTING_TO_WATCH.code), True),
        (watched(31, code=messages.STARTING_TO_WATCH.code), False),
        (watched(89, code=messages.WATCH_MALFORMED.code), True),
        (Watched(None, ago(0), held_until=NOON + timedelta(seconds=20)), False),
    ],
)
def test_what_was_heard_is_believed_for_a_while(one: Watched, expected: bool) -> None:
    assert is_fresh(one, NOON) is expected
    assert (blind(one, NOON) is None) is expected


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (watched(None), messages.NEVER_OBSERVED),
        (watched(None, code=messages.STARTING_TO_WATCH.code), messages.NEVER_OBSERVED),
        (watched(91), messages.STALE),
        (watched(31, code=messages.STARTING_TO_WATCH.code), messages.STALE),
        (watched(31, code=messages.UNREADABLE.code), messages.UNREADABLE),
    ],
)
def test_what_is_not_believed_says_why(one: Watched, message: Any) -> None:
    found = blind(one, NOON)

    assert found is not None
    assert found.message is message


def test_staleness_says_since_when() -> None:
    found = blind(watched(91), NOON)

    assert found is not None
    assert "2026-06-01T11:58:29" in found.sentence


@pytest.fixture
def east(db: None) -> Cluster:
    cluster: Cluster = ClusterFactory.create(name="east")
    ObserverLease.objects.create(
        cluster=cluster, holder="one", expires_at=Now() + timedelta(seconds=30)
    )
    return cluster


def watch(cluster: Cluster, kind: str, seconds: float = 0, **more: Any) -> None:
    at = Now() - timedelta(seconds=seconds)
    fields: dict[str, Any] = {"namespace": "llm", "heard_at": at, "synced_at": at, **more}
    WatchState.objects.create(cluster=cluster, kind=kind, **fields)


def test_a_view_tells_which_kinds_are_seen(east: Cluster) -> None:
    watch(east, "Pod")
    watch(east, "Deployment", seconds=100)

    view = views([(east.pk, "llm")])[east.pk, "llm"]

    assert set(view.blind_to("Pod", "Deployment", "Gateway")) == {"Deployment", "Gateway"}
    assert view.blind_to("Gateway")["Gateway"].message is messages.NEVER_OBSERVED


def test_a_dead_observer_makes_everything_stale_when_its_lease_is_over(east: Cluster) -> None:
    watch(east, "Pod")
    ObserverLease.objects.update(expires_at=Now() - timedelta(seconds=1))

    view = views([(east.pk, "llm")])[east.pk, "llm"]

    assert view.blind_to("Pod")["Pod"].message is messages.STALE


def test_a_scope_that_nobody_watches_is_seen_nothing_of(east: Cluster) -> None:
    view = views([(east.pk, "elsewhere")])[east.pk, "elsewhere"]

    assert (view.watched, view.stop) == (frozenset(), None)
    assert set(view.blind_to("Pod")) == {"Pod"}


def test_a_namespace_that_is_missing_stops_everything(east: Cluster) -> None:
    watch(east, "Pod")
    watch(east, "Namespace", problem_code=MISSING.code, problem_params={"namespace": "llm"})

    stop = views([(east.pk, "llm")])[east.pk, "llm"].stop

    assert stop is not None
    assert (stop.message, stop.is_known) == (MISSING, True)
    assert "llm" in stop.sentence


def test_a_namespace_that_was_missing_long_ago_stops_nothing(east: Cluster) -> None:
    watch(east, "Namespace", seconds=31, problem_code=MISSING.code)

    assert views([(east.pk, "llm")])[east.pk, "llm"].stop is None


@pytest.mark.parametrize("count", [1, 50])
def test_many_scopes_cost_one_query(
    east: Cluster, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        watch(east, "Pod", namespace=f"llm-{number}")

    with django_assert_num_queries(1):
        found = views((east.pk, f"llm-{number}") for number in range(count))

    assert len(found) == count
