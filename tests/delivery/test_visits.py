"""A visit goes on while there is time and its cluster is active."""

import time
from typing import Any, cast

import pytest

from inference.clusters.client.door import ClusterClient
from inference.clusters.models import Cluster
from inference.delivery.leases import Lease
from inference.delivery.models import Push
from inference.delivery.visits import FRESH, Visit
from tests.factories.clusters import ClusterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def push() -> Push:
    return Push(cluster=ClusterFactory.create())


def visit(seen_at: float, *, left: float = 10.0) -> Visit:
    nobody = cast("ClusterClient", None)
    lease = Lease(ClusterFactory.create().pk, 1, time.monotonic())
    return Visit(nobody, lease, time.monotonic() + left, seen_at)


def test_the_first_chunk_rests_on_the_row_that_was_just_read_and_others_ask(
    push: Push, django_assert_num_queries: Any
) -> None:
    made = visit(time.monotonic())
    Cluster.objects.update(state=Cluster.State.HELD)

    with django_assert_num_queries(0):
        assert made.goes_on(push)
    with django_assert_num_queries(1):
        assert not made.goes_on(push)


def test_a_row_that_was_read_some_time_ago_is_asked_for_again(push: Push) -> None:
    made = visit(time.monotonic() - FRESH)
    Cluster.objects.update(state=Cluster.State.HELD)

    assert not made.goes_on(push)


def test_no_chunk_begins_when_time_is_over(push: Push) -> None:
    assert not visit(time.monotonic(), left=0).goes_on(push)
