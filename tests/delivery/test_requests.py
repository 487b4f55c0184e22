"""What a push costs: requests by the server's own journal, and questions to our own rows."""

from collections import Counter
from collections.abc import Sequence
from math import ceil
from uuid import uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.delivery import tasks
from inference.delivery.apply import CHUNK
from inference.delivery.models import DesiredObject, Push
from inference.messages.connecting import IDENTITY_CHANGED
from tests.delivery.journal import Request
from tests.delivery.peer import Peer
from tests.delivery.scenarios import pushed
from tests.factories.delivery import Gone, Put, approved, config_map, config_maps

pytestmark = pytest.mark.usefixtures("database")

MANY = pytest.param(300, marks=pytest.mark.real)
"""Too long for the default suite."""
COUNTS = [1, 12, MANY]
FOR_A_CHUNK = 20
"""Statements more for each further chunk of a push; SQLite takes its rows in smaller pieces."""


@pytest.fixture
def warm(database: None, author: User, approver: User, peer: Peer, east: Cluster) -> Cluster:
    """A cluster that this process has pushed to before."""
    succeed(approved(author, approver, [Put(config_map("warm"))], cluster=east), east)
    return east


def succeed(change: ChangeRequest, cluster: Cluster) -> None:
    assert pushed(change, cluster).state == ChangeRequest.State.SUCCEEDED


def updates(count: int, **data: str) -> list[Put]:
    """The same objects with other data."""
    uids = dict(DesiredObject.objects.values_list("name", "live_uid"))
    return [
        Put(
            one.manifest,
            uid=uids[one.manifest["metadata"]["name"]],
            definition_id=one.definition_id,
        )
        for one in config_maps(count, **data)
    ]


def deletions(count: int) -> list[Gone]:
    uids = dict(DesiredObject.objects.values_list("name", "live_uid"))
    return [Gone(config_map(f"object-{n}"), uid=uids[f"object-{n}"]) for n in range(count)]


def verbs(requests: Sequence[Request]) -> Counter[str]:
    return Counter(one.verb for one in requests)


def test_nothing_is_created_where_an_observer_has_met_another_cluster(
    author: User, approver: User, peer: Peer, warm: Cluster
) -> None:
    Cluster.objects.update(problem_code=IDENTITY_CHANGED.code)
    Cluster.objects.update(identity="of the one that was connected")
    warm.refresh_from_db()
    change = approved(author, approver, config_maps(1), cluster=warm)
    place = peer.journal.place()

    assert pushed(change, warm).state == ChangeRequest.State.APPLYING

    assert verbs(peer.asked_since(place)) == {"get": 1}
    assert Push.objects.get(change=change).problem_code == "cluster-identity-changed"


@pytest.mark.parametrize("count", COUNTS)
def test_n_created_objects_are_n_patches_and_no_reads(
    author: User, approver: User, peer: Peer, warm: Cluster, count: int
) -> None:
    change = approved(author, approver, config_maps(count), cluster=warm)
    place = peer.journal.place()

    succeed(change, warm)

    asked = peer.asked_since(place)
    assert verbs(asked) == {"patch": count}
    assert {one.status for one in asked} == {201}
    assert len({one.name for one in asked}) == count


@pytest.mark.parametrize("count", COUNTS)
def test_n_changed_objects_are_n_patches_and_no_reads(
    author: User, approver: User, peer: Peer, warm: Cluster, count: int
) -> None:
    succeed(approved(author, approver, config_maps(count), cluster=warm), warm)
    change = approved(author, approver, updates(count, answer="43"), cluster=warm)
    place = peer.journal.place()

    succeed(change, warm)

    asked = peer.asked_since(place)
    assert verbs(asked) == {"patch": count}
    assert {one.status for one in asked} == {200}
    assert len({one.name for one in asked}) == count


@pytest.mark.parametrize("count", [1, 12])
def test_n_deletions_are_n_deletes_and_no_reads(
    author: User, approver: User, peer: Peer, warm: Cluster, count: int
) -> None:
    succeed(approved(author, approver, config_maps(count), cluster=warm), warm)
    change = approved(author, approver, deletions(count), cluster=warm)
    place = peer.journal.place()

    succeed(change, warm)

    assert verbs(peer.asked_since(place)) == {"delete": count}


def test_a_cold_process_asks_once_who_the_cluster_is(
    author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    change = approved(author, approver, config_maps(12), cluster=east)
    place = peer.journal.place()

    succeed(change, east)

    asked = peer.asked_since(place)
    assert verbs(asked) == {"get": 1, "patch": 12}
    assert [one.path for one in asked if one.verb == "get"] == ["/api/v1/namespaces/kube-system"]


def test_an_unchanged_resync_asks_nothing(
    author: User, approver: User, peer: Peer, warm: Cluster
) -> None:
    change = approved(author, approver, config_maps(12), cluster=warm)
    succeed(change, warm)
    place = peer.journal.place()

    for _ in range(3):
        tasks.start(str(change.pk))
        tasks.converge(str(warm.pk))
        for push in Push.objects.all():
            tasks.verify(str(push.pk))

    assert peer.asked_since(place) == []


def test_objects_that_a_change_does_not_name_cost_nothing(
    author: User, approver: User, peer: Peer, warm: Cluster
) -> None:
    succeed(approved(author, approver, config_maps(12), cluster=warm), warm)
    change = approved(author, approver, updates(1, answer="43"), cluster=warm)
    place = peer.journal.place()

    succeed(change, warm)

    assert verbs(peer.asked_since(place)) == {"patch": 1}


@pytest.mark.real
def test_our_own_rows_are_asked_per_chunk_and_not_per_object(
    author: User, approver: User, peer: Peer, warm: Cluster
) -> None:
    asked = {}
    for count in (1, 12, 300):
        definition = uuid4()
        names = [f"of-{count}-{n}" for n in range(count)]
        steps = [Put(config_map(name), definition_id=definition) for name in names]
        change = approved(author, approver, steps, cluster=warm)
        with CaptureQueriesContext(connections["default"]) as queries:
            succeed(change, warm)
        asked[count] = len(queries)
    assert asked[12] <= asked[1]
    further = ceil(300 / CHUNK) - 1
    assert asked[300] - asked[1] <= FOR_A_CHUNK * further
