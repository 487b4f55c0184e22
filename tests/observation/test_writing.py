"""What observers write: rows of what was seen, under a lease that fences off whoever lost it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from inference.clusters.client.events import Event, EventType
from inference.clusters.client.kinds import Resource
from inference.clusters.models import Cluster, LiveObject, WatchState
from inference.messages import observation as messages
from inference.observation import writing
from inference.observation.following import Heard
from inference.observation.models import ObserverLease
from inference.observation.writing import Gone, ObserverLost
from tests.conftest import NOON
from tests.factories.clusters import ClusterFactory
from tests.observation.test_summaries import anything

POD = Resource("", "v1", "Pod", "pods")
DEPLOYMENT = Resource("apps", "v1", "Deployment", "deployments")


@pytest.fixture
def east(db: None) -> Cluster:
    cluster: Cluster = ClusterFactory.create(name="east")
    return cluster


@pytest.fixture
def lease(east: Cluster) -> ObserverLease:
    found = writing.take(east.pk)
    assert found is not None
    return found


def manifest(name: str = "qwen", uid: str = "uid-1", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "llm", "uid": uid, "resourceVersion": "7"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, **more}


def row(cluster: Cluster, **more: Any) -> LiveObject:
    return writing.live_object(cluster.pk, manifest(**more), timezone.now())


def gone(uid: str = "uid-1") -> Gone:
    return Gone("apps", "Deployment", "llm", "qwen", uid)


def heard(age: float | None, *, is_synced: bool = True, **more: Any) -> Heard:
    return Heard("llm", "", "Pod", is_synced=is_synced, age=age, **more)


def write(lease: ObserverLease, *seen: LiveObject, **more: Any) -> None:
    writing.write(lease, seen, more.get("gone", ()), more.get("heard", ()), timezone.now())


def test_a_row_says_who_the_object_is_and_whose(east: Cluster) -> None:
    given_object = manifest(status={"observedGeneration": 3})
    given_object["metadata"] |= {
        "generation": 4,
        "labels": {"waybill/placement": "qwen", "odd": 3},
        "ownerReferences": [{"uid": "other"}, {"uid": "owner", "controller": True}],
    }

    found = writing.live_object(east.pk, given_object, NOON)

    assert (found.group, found.api_version, found.kind) == ("apps", "apps/v1", "Deployment")
    assert (found.namespace, found.name, found.uid) == ("llm", "qwen", "uid-1")
    assert (found.resource_version, found.generation, found.observed_generation) == ("7", 4, 3)
    assert found.owner_uid == "owner"
    assert found.labels["waybill/placement"] == "qwen"


@given(anything, anything, anything)
def test_whatever_has_a_name_and_a_uid_becomes_a_row(labels: Any, owners: Any, more: Any) -> None:
    metadata = {"name": "a", "uid": "b", "labels": labels, "ownerReferences": owners}
    body = {"metadata": metadata, "kind": more, "apiVersion": more, "status": more}

    found = writing.live_object(ClusterFactory.build().pk, body, NOON)

    assert (found.name, found.uid) == ("a", "b")


def test_a_row_holds_what_no_api_server_bounds(east: Cluster, lease: ObserverLease) -> None:
    """Whoever may write in a granted namespace may name an owner by a UID of any length."""
    long = "u" * 5000
    given_object = manifest() | {"apiVersion": f"{long}/{long}", "kind": long}
    given_object["metadata"] |= {
        "resourceVersion": long,
        "ownerReferences": [{"uid": long, "controller": True}],
    }

    found = writing.live_object(east.pk, given_object, NOON)
    found.clean_fields()
    write(lease, found)

    assert LiveObject.objects.get().owner_uid == long[:64]


@given(st.sampled_from(["name", "uid"]))
def test_what_lacks_either_does_not(field: str) -> None:
    metadata = {"name": "a", "uid": "b"}
    del metadata[field]

    with pytest.raises(KeyError):
        writing.live_object(ClusterFactory.build().pk, {"metadata": metadata}, NOON)


def test_seeing_an_object_again_keeps_one_row(east: Cluster, lease: ObserverLease) -> None:
    write(lease, row(east))
    write(lease, row(east, uid="uid-2"))

    assert LiveObject.objects.get().uid == "uid-2"


def test_what_is_gone_is_marked_and_may_come_back(east: Cluster, lease: ObserverLease) -> None:
    write(lease, row(east))
    write(lease, gone=[gone()])
    after = LiveObject.objects.get().gone_at
    write(lease, row(east, uid="uid-2"))

    assert after is not None
    assert LiveObject.objects.get().gone_at is None


def test_the_end_of_an_earlier_object_of_that_name_is_not_the_end_of_this_one(
    east: Cluster, lease: ObserverLease
) -> None:
    write(lease, row(east, uid="uid-2"))
    write(lease, gone=[gone("uid-1")])

    assert LiveObject.objects.get().gone_at is None


def test_an_object_that_cannot_be_read_leaves_a_row_that_says_so(east: Cluster) -> None:
    event = Event(EventType.MODIFIED, "llm", "qwen", "uid-1", "7", b"{}")

    found = writing.unreadable_object(east.pk, DEPLOYMENT, event, NOON)
    found.save()

    assert (found.group, found.kind, found.uid) == ("apps", "Deployment", "uid-1")
    assert found.summary == {"problem": messages.UNREADABLE.code}


def test_a_watch_is_as_old_as_it_says(lease: ObserverLease) -> None:
    write(lease, heard=[heard(40)])

    state = WatchState.objects.annotate(age=Now() - F("heard_at")).get()
    assert timedelta(seconds=40) <= state.age < timedelta(seconds=45)
    assert state.synced_at == state.heard_at


def test_a_watch_that_was_not_listed_yet_keeps_what_was_heard_before(lease: ObserverLease) -> None:
    write(lease, heard=[heard(0)])
    before = WatchState.objects.get()
    write(lease, heard=[heard(None, is_synced=False, code="observer-starting")])

    after = WatchState.objects.get()
    assert (after.heard_at, after.synced_at) == (before.heard_at, before.synced_at)
    assert after.problem_code == "observer-starting"


@pytest.mark.parametrize("count", [1, 50])
def test_what_was_heard_of_many_watches_costs_as_many_queries_as_of_one(
    lease: ObserverLease, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    states = [heard(1, params={"n": n}) for n in range(count)]
    states = [replace(one, namespace=f"llm-{n}") for n, one in enumerate(states)]
    states += [replace(one, kind="Role", age=None, is_synced=False) for one in states]

    with django_assert_num_queries(5):  # a savepoint and its end, the lease, and two for watches
        write(lease, heard=states)

    assert WatchState.objects.count() == 2 * count


def test_known_objects_are_those_that_were_seen_and_not_seen_to_go(
    east: Cluster, lease: ObserverLease
) -> None:
    write(lease, row(east), row(east, name="gone", uid="uid-2"), row(east, name="b", uid="uid-3"))
    write(lease, gone=[Gone("apps", "Deployment", "llm", "gone", "uid-2")])

    assert writing.known(east.pk, DEPLOYMENT, "llm") == {
        ("llm", "qwen"): "uid-1",
        ("llm", "b"): "uid-3",
    }
    assert writing.known(east.pk, DEPLOYMENT, "elsewhere") == {}
    assert len(writing.known(east.pk, DEPLOYMENT, "")) == 2
    assert writing.known(east.pk, POD, "llm") == {}


# The lease


def test_one_observer_has_a_cluster(east: Cluster, lease: ObserverLease) -> None:
    assert writing.take(east.pk) is None
    assert writing.renew(lease)


def test_a_lease_that_has_run_out_is_taken_over_and_fences_off_the_first(
    east: Cluster, lease: ObserverLease
) -> None:
    ObserverLease.objects.update(expires_at=Now() - timedelta(seconds=1))
    second = writing.take(east.pk)

    assert second is not None
    assert second.epoch == lease.epoch + 1
    assert not writing.renew(lease)
    with pytest.raises(ObserverLost):
        write(lease, row(east))
    assert not LiveObject.objects.exists()


def test_whoever_takes_over_has_heard_nothing_yet(east: Cluster, lease: ObserverLease) -> None:
    write(lease, heard=[heard(40)])
    writing.give_back(lease)
    before = WatchState.objects.get().problem_code

    writing.take(east.pk)

    assert before == ""
    assert WatchState.objects.get().problem_code == messages.STARTING_TO_WATCH.code


def test_a_lease_that_has_run_out_writes_nothing_even_when_nobody_took_it(
    east: Cluster, lease: ObserverLease
) -> None:
    ObserverLease.objects.update(expires_at=Now() - timedelta(seconds=1))

    with pytest.raises(ObserverLost):
        write(lease, row(east), heard=[heard(0)])
    assert not writing.renew(lease)
    assert not WatchState.objects.exists()


def test_a_lease_that_was_given_back_is_free(east: Cluster, lease: ObserverLease) -> None:
    writing.give_back(lease)

    assert writing.take(east.pk) is not None


def test_giving_back_what_another_has_changes_nothing(east: Cluster, lease: ObserverLease) -> None:
    ObserverLease.objects.update(holder="another", epoch=F("epoch") + 1)

    writing.give_back(lease)

    found = ObserverLease.objects.get()
    assert found.holder == "another"
