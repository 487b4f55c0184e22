"""An observer over a simulated cluster: what is there becomes rows, whatever happens meanwhile."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone

from inference.clusters.client.door import ClusterClient
from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.clusters.credentials import seal
from inference.clusters.models import Cluster, EgressRange, LiveObject
from inference.clusters.tasks import look
from inference.messages import observation as messages
from inference.observation import writing
from inference.observation.agent import Observer
from inference.observation.freshness import MISSING, views
from inference.observation.models import ObserverLease
from inference.outbox.models import OutboxEntry
from inference.simulator.cluster import SimulatedCluster
from inference.simulator.errors import Object
from inference.simulator.faults import CutsBefore, Effect, Hangs, When, deep_json
from tests import databases
from tests.contract.samples import config_map, named, service_account
from tests.factories.clusters import ClusterFactory, GrantFactory

LOOPBACK = ip_network("127.0.0.0/8")
NAMESPACE = "llm"
PATIENCE = 30.0


@pytest.fixture
def rows(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A file that the observer's thread may write while the test reads; a lease of four seconds."""
    with databases.on_file(tmp_path), override_settings(LEASE=timedelta(seconds=4)):
        yield


@dataclass
class East:
    """A cluster and its row. What the test does there is done in the store itself."""

    server: SimulatedCluster
    row: Cluster

    def put(self, obj: Object) -> Object:
        return self.server.call(lambda: self.server.store.create(obj))

    def apply(self, obj: Object) -> Object:
        return self.server.call(lambda: self.server.store.apply(obj, manager="waybill").object)

    def delete(self, obj: Object) -> None:
        place = obj["metadata"].get("namespace", ""), obj["metadata"]["name"]
        self.server.call(lambda: self.server.store.delete(obj["apiVersion"], obj["kind"], *place))

    def grant(self, namespace: str) -> None:
        GrantFactory.create(cluster=self.row, namespace=namespace)

    def fail(self, when: When, effect: Effect) -> Callable[[], None]:
        """Until what is returned is called."""
        fault = self.server.call(lambda: self.server.faults.add(when, effect))
        return lambda: self.server.call(fault.lift)

    def seen(self, name: str, kind: str = "ConfigMap") -> LiveObject | None:
        return LiveObject.objects.filter(kind=kind, name=name, gone_at__isnull=True).first()

    def is_blind(self, kind: str = "ConfigMap") -> bool:
        scope = (self.row.pk, NAMESPACE)
        return bool(views([scope])[scope].blind_to(kind))


@pytest.fixture
def east(rows: None) -> Iterator[East]:
    with SimulatedCluster() as server:
        connection = parse_kubeconfig(json.dumps(server.kubeconfig()))
        EgressRange.objects.create(cidr=str(LOOPBACK), reason="tests")
        row: Cluster = ClusterFactory.create(
            name="east", server=connection.server, ca_pem=connection.ca_pem, identity=""
        )
        seal(row, connection, version=1, at=timezone.now()).save()
        client = ClusterClient(connection, allowed_networks=[LOOPBACK])
        try:
            Cluster.objects.update(**look(row, client, at=timezone.now()))
        finally:
            client.close()
        found = East(server, row)
        found.put(named("v1", "Namespace", "", NAMESPACE))
        found.grant(NAMESPACE)
        yield found


@contextmanager
def observing() -> Iterator[None]:
    """The product's observer, on a loop in a thread of its own."""
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = Future()

    async def observe() -> None:
        task = asyncio.create_task(Observer().run())
        started.set_result((asyncio.get_running_loop(), task))
        await asyncio.wait([task])
        # Connections that were cut off in the middle close in the turns that follow.
        await asyncio.sleep(0.1)

    thread = threading.Thread(target=asyncio.run, args=(observe(),), daemon=True)
    thread.start()
    loop, task = started.result(PATIENCE)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE)


def until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_what_is_there_is_seen_as_it_changes_and_goes(east: East) -> None:
    settings = config_map(NAMESPACE)
    with observing():
        until(lambda: not east.is_blind())
        made = east.apply(settings)
        until(lambda: east.seen("settings"))
        first = east.seen("settings")
        east.apply({**settings, "data": {"colour": "red"}})
        until(lambda: _version(east) != made["metadata"]["resourceVersion"])
        second = east.seen("settings")
        east.delete(settings)
        until(lambda: not east.seen("settings"))

    assert first is not None
    assert second is not None
    assert first.uid == second.uid == made["metadata"]["uid"]
    assert first.values_hash != second.values_hash
    assert LiveObject.objects.get(name="settings").gone_at is not None


def _version(east: East) -> str:
    found = east.seen("settings")
    return found.resource_version if found else ""


def test_what_went_while_nobody_looked_is_told_by_the_next_observer(east: East) -> None:
    east.put(config_map(NAMESPACE, "gone"))
    east.put(config_map(NAMESPACE, "kept"))
    with observing():
        until(lambda: east.seen("gone") and east.seen("kept"))
    east.delete(config_map(NAMESPACE, "gone"))
    east.put(config_map(NAMESPACE, "new"))

    with observing():
        until(lambda: east.seen("new") and not east.seen("gone"))

    assert east.seen("kept")


def test_an_object_that_was_made_anew_is_another_one(east: East) -> None:
    east.put(config_map(NAMESPACE))
    with observing():
        until(lambda: east.seen("settings"))
        east.delete(config_map(NAMESPACE))
        again = east.put(config_map(NAMESPACE))
        until(lambda: _uid(east) == again["metadata"]["uid"])

    assert LiveObject.objects.filter(name="settings").count() == 1


def _uid(east: East) -> str:
    found = east.seen("settings")
    return found.uid if found else ""


def test_a_namespace_that_is_granted_later_is_watched_from_then_on(east: East) -> None:
    east.put(named("v1", "Namespace", "", "later"))
    east.put(config_map("later", "elsewhere"))
    with observing():
        until(lambda: not east.is_blind())
        before = east.seen("elsewhere")
        east.grant("later")
        until(lambda: east.seen("elsewhere"))

    assert before is None


def test_a_namespace_that_is_missing_is_said_to_be_until_it_is_there(east: East) -> None:
    scope = (east.row.pk, "soon")
    east.grant("soon")
    with observing():
        until(lambda: views([scope])[scope].stop)
        stop = views([scope])[scope].stop
        east.put(named("v1", "Namespace", "", "soon"))
        until(lambda: views([scope])[scope].stop is None)

    assert stop is not None
    assert stop.message is MISSING
    assert "soon" in stop.sentence


def test_a_stream_that_breaks_is_followed_from_where_it_was(east: East) -> None:
    with observing():
        until(lambda: not east.is_blind())
        mend = east.fail(When(verb="watch", resource="configmaps", times=2), CutsBefore())
        east.put(config_map(NAMESPACE, "one"))
        until(lambda: east.seen("one"))
        east.put(config_map(NAMESPACE, "two"))
        until(lambda: east.seen("two"))
        mend()

    assert not east.row.watches.exclude(problem_code="").exists()


@pytest.mark.parametrize("effect", [CutsBefore(), Hangs(), deep_json()], ids=type)
def test_a_kind_that_cannot_be_listed_is_not_seen_and_the_others_are(
    east: East, effect: Effect
) -> None:
    east.put(service_account(NAMESPACE))
    mend = east.fail(When(verb="list", resource="configmaps"), effect)
    with observing():
        until(lambda: east.seen("runner", "ServiceAccount"))
        was_blind = east.is_blind("ConfigMap")
        mend()
        east.put(config_map(NAMESPACE))
        until(lambda: east.seen("settings"))

    assert was_blind
    assert not east.is_blind("ServiceAccount")


def test_a_second_observer_waits_and_takes_over_when_the_first_is_dead(east: East) -> None:
    dead = writing.take(east.row.pk)
    assert dead is not None
    ObserverLease.objects.update(holder="dead", expires_at=Now() + timedelta(seconds=2))
    east.put(config_map(NAMESPACE))

    with observing():
        until(lambda: east.seen("settings"))
        lease = ObserverLease.objects.get()

    assert lease.epoch == dead.epoch + 1


def test_an_observer_that_stops_gives_its_lease_back(east: East) -> None:
    with observing():
        until(lambda: not east.is_blind() and ObserverLease.objects.get().expires_at)

    assert ObserverLease.objects.get().expires_at is None


def test_a_new_observer_is_not_believed_before_it_has_listed(east: East) -> None:
    with observing():
        until(lambda: not east.is_blind())
    east.row.watches.update(
        heard_at=Now() - timedelta(seconds=40), synced_at=Now() - timedelta(seconds=40)
    )
    mend = east.fail(When(verb="list", resource="configmaps"), Hangs())

    with observing():
        until(lambda: not east.is_blind("ServiceAccount"))
        scope = (east.row.pk, NAMESPACE)
        found = views([scope])[scope].blind_to("ConfigMap")
        mend()
        until(lambda: not east.is_blind("ConfigMap"))

    assert found["ConfigMap"].message is messages.STALE


def test_a_cluster_that_is_removed_is_left_alone(east: East) -> None:
    with observing():
        until(lambda: not east.is_blind())
        Cluster.objects.update(state=Cluster.State.REMOVED, removed_at=Now())
        until(lambda: ObserverLease.objects.get().expires_at is None)
        east.put(config_map(NAMESPACE))

    assert east.seen("settings") is None


def test_another_credential_is_used_as_soon_as_it_is_there(east: East) -> None:
    connection = parse_kubeconfig(json.dumps(east.server.kubeconfig()))
    stranger = replace(connection, token="unknown", client_cert_pem="", client_key_pem="")
    east.put(config_map(NAMESPACE))
    seal(east.row, stranger, version=2, at=timezone.now()).save()
    with observing():
        until(lambda: east.row.watches.filter(problem_code="cluster-credential-expired").exists())
        seal(east.row, connection, version=3, at=timezone.now()).save()
        until(lambda: east.seen("settings"))

    assert ObserverLease.objects.get().epoch == 2


def test_what_is_not_the_cluster_that_was_connected_is_not_written_and_probed(east: East) -> None:
    east.put(config_map(NAMESPACE))
    Cluster.objects.update(identity="of another one")
    with observing():
        until(is_to_be_probed)

    assert not LiveObject.objects.exists()


def test_another_cluster_behind_the_same_door_ends_the_agent(east: East) -> None:
    with observing():
        until(lambda: not east.is_blind())
        east.server.call(east.server.store.renew_identity)
        until(is_to_be_probed)
        until(lambda: ObserverLease.objects.get().expires_at is None)
        east.put(config_map(NAMESPACE))

    assert east.seen("settings") is None


def is_to_be_probed() -> bool:
    return OutboxEntry.objects.filter(topic="clusters.probe").exists()


def test_the_silence_of_what_nobody_watches_any_more_means_nothing(east: East) -> None:
    east.put(named("v1", "Namespace", "", "later"))
    with observing():
        until(lambda: not east.is_blind())
        east.grant("later")
        until(lambda: east.row.watches.filter(namespace="later").exists())
        east.row.grants.filter(namespace="later").delete()
        until(lambda: not east.row.watches.filter(namespace="later").exists())

    assert not east.is_blind()
