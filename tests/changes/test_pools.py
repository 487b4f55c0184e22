"""Capacity of pools from rows of observation: counted, with its age, or unknown with the reason."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.changes.pools import Capacity, capacities
from inference.clusters.client.errors import MESSAGES, Rejected
from inference.clusters.models import WatchState
from inference.definitions.models import HardwarePool
from inference.messages import capacity as messages
from inference.messages import observation
from tests.api.house import House, furnish
from tests.factories.clusters import GrantFactory
from tests.health.capacities import in_use, node, pod, watched


@pytest.fixture
def house(chat: Team, author: User) -> House:
    return furnish(chat, author)


def of(pool: HardwarePool) -> Capacity:
    return capacities([pool])[pool.pk]


def test_what_pods_hold_is_in_use_and_the_rest_is_free_at_most(house: House) -> None:
    in_use(house.placement)

    found = of(house.pool)

    counted = found.count
    assert counted is not None
    assert (counted.devices, counted.placed, counted.others) == (16, 4, 1)
    assert (counted.free, counted.out_of_use) == (3, 8)
    assert counted.nodes[0].holders == ((house.placement.object_name, 4),)
    assert (found.blind, found.unseen) == (None, ())
    assert found.observed_at is not None
    assert timezone.now() - found.observed_at < timedelta(seconds=20)


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_is_over_or_on_no_node_holds_nothing(house: House, phase: str) -> None:
    watched(house.cluster, "llm-chat")
    node(house.cluster, "node-1")
    pod(house.cluster, "over", 4, phase=phase)
    pod(house.cluster, "waiting", 4, on="", phase="Pending")
    gone = pod(house.cluster, "gone", 4)
    gone.gone_at = timezone.now()
    gone.save()

    counted = of(house.pool).count

    assert counted is not None
    assert (counted.in_use, counted.free) == (0, 8)


def test_rows_of_a_namespace_that_is_granted_no_longer_are_of_the_past(house: House) -> None:
    watched(house.cluster, "llm-chat")
    node(house.cluster, "node-1")
    pod(house.cluster, "old", 4, namespace="llm-former")

    counted = of(house.pool).count

    assert counted is not None
    assert counted.free == 8


def test_pods_that_were_never_seen_are_said_to_be_missing(house: House) -> None:
    GrantFactory.create(cluster=house.cluster, namespace="llm-new")
    watched(house.cluster, "llm-chat")
    node(house.cluster, "node-1")

    found = of(house.pool)

    assert found.unseen == ("llm-new",)
    assert found.count is not None
    assert found.blind is None


def test_without_any_observer_nothing_is_known(house: House) -> None:
    found = of(house.pool)

    assert found.count is None
    assert found.blind is not None
    assert found.blind.message == messages.NODES_NOT_SEEN


@pytest.mark.parametrize("was_seen", [True, False])
def test_an_account_that_may_not_list_nodes_says_so(house: House, was_seen: bool) -> None:
    watched(house.cluster, "llm-chat")
    node(house.cluster, "node-1")
    long_ago = Now() - timedelta(minutes=5) if was_seen else None
    WatchState.objects.filter(kind="Node").update(
        heard_at=long_ago,
        synced_at=long_ago,
        problem_code=MESSAGES[Rejected.FORBIDDEN].code,
        problem_params={"verb": "list", "resource": "nodes"},
    )

    found = of(house.pool)

    assert found.blind is not None
    assert found.blind.message == messages.NODES_FORBIDDEN
    assert (found.count is not None) is was_seen


@pytest.mark.parametrize("kind", ["Node", "Pod"])
def test_a_count_is_as_old_as_the_oldest_of_what_it_is_made_from(house: House, kind: str) -> None:
    watched(house.cluster, "llm-chat")
    node(house.cluster, "node-1")
    long_ago = Now() - timedelta(minutes=5)
    WatchState.objects.filter(kind=kind).update(heard_at=long_ago, synced_at=long_ago)

    found = of(house.pool)

    assert found.count is not None
    assert found.observed_at is not None
    assert timezone.now() - found.observed_at > timedelta(minutes=4)
    assert found.blind is not None
    assert found.blind.message == observation.STALE


def test_devices_that_are_handed_out_by_claims_are_not_counted(house: House) -> None:
    watched(house.cluster, "llm-chat")
    house.pool.document["allocation"] = "dra"

    found = of(house.pool)

    assert found.count is None
    assert found.blind is not None
    assert found.blind.message == messages.CLAIMS_NOT_COUNTED


def test_many_pools_ask_as_much_as_one(house: House, chat: Team, author: User) -> None:
    pools = [house.pool, *(furnish(chat, author, number).pool for number in range(1, 8))]
    for pool in pools:
        watched(pool.cluster, "llm-chat")
        node(pool.cluster, "node-1")
        pod(pool.cluster, "llama-1", 1)

    with CaptureQueriesContext(connection) as queries:
        found = capacities(pools)

    assert len(queries) == 4
    assert {one.count.free for one in found.values() if one.count} == {7}
    assert len(found) == 8
