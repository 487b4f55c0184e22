"""Looking at a cluster again and again: what is written down, and what is forgotten."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from inference.clusters import tasks
from inference.clusters.client.discovery import Capabilities
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.models import Cluster, LiveObject
from tests.factories.clusters import ClusterFactory


@pytest.fixture
def east(db: None) -> Cluster:
    found: Cluster = ClusterFactory.create(name="east", identity="")
    return found


def seen(cluster: Cluster, name: str, owner: str, days: int) -> None:
    LiveObject.objects.create(
        cluster=cluster,
        kind="Pod",
        namespace="llm",
        name=name,
        owner_uid=owner,
        seen_at=timezone.now(),
        changed_at=timezone.now(),
        gone_at=timezone.now() - timedelta(days=days),
    )


def test_what_controllers_made_and_is_long_gone_is_forgotten(east: Cluster) -> None:
    seen(east, "long-gone", "a-replica-set", 8)
    seen(east, "just-gone", "a-replica-set", 6)
    seen(east, "ours", "", 800)

    tasks.probe(str(east.pk))

    assert set(LiveObject.objects.values_list("name", flat=True)) == {"just-gone", "ours"}


def test_an_answer_by_a_door_that_was_replaced_meanwhile_is_not_believed(
    east: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced(cluster: Cluster) -> Iterator[None]:
        Cluster.objects.filter(pk=cluster.pk).update(version=F("version") + 1)
        raise ClusterUnavailable(Unavailable.CREDENTIAL_EXPIRED)

    monkeypatch.setattr(tasks, "connect", replaced)

    later = tasks.probe(str(east.pk))

    east.refresh_from_db()
    assert east.problem_code == ""
    assert later == timedelta(0)


class Answering:
    """A server that somebody else connects under another name while it is asked what it serves."""

    def __init__(self, twin: Cluster) -> None:
        self._twin = twin

    def identity(self) -> str:
        return "one-server"

    def discover(self) -> Capabilities:
        Cluster.objects.filter(pk=self._twin.pk).update(identity="one-server")
        return Capabilities("v1.36.2", frozenset())


def test_of_two_that_are_connected_at_once_to_one_server_one_alone_is_pinned(
    east: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    west = ClusterFactory.create(name="west", identity="")
    monkeypatch.setattr(tasks, "connect", lambda _cluster: Answering(west))

    again = tasks.probe(str(east.pk))
    tasks.probe(str(east.pk))

    east.refresh_from_db()
    assert again == timedelta(0)
    assert (east.identity, east.problem_code) == ("", "cluster-known")
    assert east.problem_params == {"name": "west"}
