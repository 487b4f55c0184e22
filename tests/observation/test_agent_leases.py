"""Which observer may write, for how long, and with which cluster behind the door."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import close_old_connections
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.clusters.credentials import seal
from inference.clusters.models import Cluster, LiveObject
from inference.messages import observation as messages
from inference.observation import writing
from inference.observation.agent import Agent
from inference.observation.freshness import views
from inference.observation.models import ObserverLease
from inference.observation.writing import ObserverLost
from inference.outbox.models import OutboxEntry
from inference.simulator.faults import Hangs, When
from tests.contract.samples import config_map
from tests.observation.observing import NAMESPACE, East, observing, until


def test_a_second_observer_waits_and_takes_over_when_the_first_is_dead(east: East) -> None:
    dead = writing.take(east.row.pk)
    assert dead is not None
    ObserverLease.objects.update(holder="dead", expires_at=Now() + timedelta(seconds=2))
    east.put(config_map(NAMESPACE))

    with observing():
        until(lambda: east.seen("settings"))
        lease = ObserverLease.objects.get()

    assert lease.epoch > dead.epoch


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

    assert ObserverLease.objects.get().epoch > 1


def test_an_agent_that_has_lost_its_lease_leaves_nothing_running(east: East) -> None:
    lease = writing.take(east.row.pk)
    assert lease is not None

    async def observe() -> set[str]:
        agent = asyncio.create_task(Agent(lease, in_thread).run())
        await in_thread(lambda: until(lambda: not east.is_blind()))
        await in_thread(lambda: ObserverLease.objects.update(epoch=F("epoch") + 1))
        await asyncio.wait([agent])
        assert isinstance(agent.exception(), ObserverLost)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        return {str(task.get_coro()) for task in left}

    assert asyncio.run(observe()) == set()


async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    def call() -> Any:
        try:
            return function(*arguments)
        finally:
            close_old_connections()

    return await asyncio.to_thread(call)


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
