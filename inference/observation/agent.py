"""Leased agents: watches of one process over its clusters, written in batches as rows.

asyncio waits for the clusters; one thread writes, so that no await is ever inside a transaction.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected
from inference.clusters.client.events import Event, EventType
from inference.clusters.client.kinds import GATEWAY, NAMESPACE, NODE, READ, WRITTEN, Resource
from inference.clusters.client.streams import Streams
from inference.clusters.client.watch import Watch
from inference.clusters.connecting import streams_to
from inference.clusters.models import Cluster, Gateway, Grant, LiveObject
from inference.errors import Refusal
from inference.observation import writing
from inference.observation.following import Heard, Standing
from inference.observation.freshness import MISSING
from inference.observation.models import ObserverLease
from inference.observation.writing import Gone, ObserverLost

COALESCE = 0.1
HEARTBEAT = 5.0
VISIT_EVERY = 10.0
LARGEST_NAMESPACE = 1024 * 1024
LOOK_FOR_CLUSTERS = timedelta(seconds=2)
UNWATCHED = {"Event", "EndpointSlice"}
"""Read by people on demand; watching them would cost more than everything else together."""

_log = structlog.get_logger("waybill.observe")
Scope = tuple[Resource, str]
Key = tuple[str, str, str, str]
"""Group, kind, namespace and name."""
T = TypeVar("T")


class Observer:
    """All agents of one process. `run` ends when it is cancelled."""

    def __init__(self) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="observe-write")
        self._agents: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            while True:
                await self._look_for_clusters()
                await asyncio.sleep(LOOK_FOR_CLUSTERS.total_seconds())
        finally:
            for task in self._agents.values():
                task.cancel()
            await asyncio.gather(*self._agents.values(), return_exceptions=True)
            self._writer.shutdown(wait=True)

    async def _look_for_clusters(self) -> None:
        for identity, task in list(self._agents.items()):
            if task.done():
                del self._agents[identity]
        try:
            wanted = await self._in_thread(_observable)
        except DatabaseError as error:
            _log.warning("database-unavailable", error=type(error).__name__)
            return
        for identity in set(self._agents) - set(wanted):
            self._agents[identity].cancel()
        for identity in wanted:
            if identity not in self._agents:
                self._agents[identity] = asyncio.create_task(self._observe(identity))

    async def _observe(self, identity: UUID) -> None:
        """One cluster, until its lease, its credential or what is granted there changes."""
        try:
            lease = await self._in_thread(writing.take, identity)
            if lease is None:
                await asyncio.sleep(settings.LEASE.total_seconds() / 3)
                return
            try:
                await Agent(lease, self._in_thread).run()
            finally:
                with suppress(DatabaseError, RuntimeError):
                    await asyncio.shield(self._in_thread(writing.give_back, lease))
        except (ObserverLost, DatabaseError, Refusal) as error:
            _log.warning("agent-ended", cluster=str(identity), error=str(error)[:200])
            await asyncio.sleep(1)

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        def call() -> T:
            try:
                return function(*arguments)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._writer, call)


@dataclass(slots=True)
class _Followed:
    """One watch, the task that reads it, and how it stands."""

    watch: Watch
    standing: Standing
    task: "asyncio.Task[None] | None" = None


class Agent:
    """The watches of one cluster under one lease."""

    def __init__(self, lease: ObserverLease, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self._lease = lease
        self._in_thread = in_thread
        self._seen: dict[Key, LiveObject] = {}
        self._gone: dict[Key, Gone] = {}
        self._followed: dict[Scope, _Followed] = {}
        self._visited: dict[str, tuple[float, dict[str, Any]]] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Raises what ends an agent: a lost lease, a database that is away."""
        streams = await self._in_thread(_streams, self._lease.cluster_id)
        async with streams:
            await self._follow(streams)
            try:
                await asyncio.gather(self._write(), self._beat(streams), self._visit(streams))
            finally:
                tasks = [one.task for one in self._followed.values() if one.task]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, streams: Streams) -> None:
        """Watch what is granted now; a namespace that is granted later is found by the beat."""
        wanted = await self._in_thread(_scopes, self._lease.cluster_id)
        for scope in set(self._followed) - wanted:
            task = self._followed.pop(scope).task
            if task:
                task.cancel()
        for scope in wanted - set(self._followed):
            known = await self._in_thread(writing.known, self._lease.cluster_id, *scope)
            one = _Followed(Watch(streams, *scope, known=known), Standing())
            self._followed[scope] = one
            one.task = asyncio.create_task(self._watch(scope, one))

    async def _watch(self, scope: Scope, one: _Followed) -> None:
        async for event in one.watch:
            one.standing.take(event, time.monotonic())
            self._take(scope[0], event)

    def _take(self, resource: Resource, event: Event) -> None:
        key = (resource.group, resource.kind, event.namespace, event.name)
        if event.type in {EventType.ADDED, EventType.MODIFIED}:
            self._gone.pop(key, None)
            self._seen[key] = self._row(resource, event)
        elif event.type is EventType.DELETED:
            self._seen.pop(key, None)
            self._gone[key] = Gone(*key, event.uid)
        elif event.type is EventType.MALFORMED:
            _log.warning("object-malformed", kind=resource.kind)
        elif event.type is EventType.BOOKMARK:
            return
        self._changed.set()

    def _row(self, resource: Resource, event: Event) -> LiveObject:
        at = timezone.now()
        try:
            manifest = event.object()
            manifest.setdefault("apiVersion", resource.api_version)
            manifest.setdefault("kind", resource.kind)
            return writing.live_object(self._lease.cluster_id, manifest, at)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            _log.warning("object-unreadable", kind=resource.kind, error=type(error).__name__)
            return writing.unreadable_object(self._lease.cluster_id, resource, event, at)

    async def _write(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(COALESCE)
            self._changed.clear()
            await self._flush()

    async def _beat(self, streams: Streams) -> None:
        """Say that the watches are alive, keep the lease, and look what is granted now."""
        while True:
            await asyncio.sleep(min(HEARTBEAT, settings.LEASE.total_seconds() / 6))
            if not await self._in_thread(writing.renew, self._lease):
                raise ObserverLost
            await self._follow(streams)
            await self._flush()

    async def _visit(self, streams: Streams) -> None:
        """Look whether the granted namespaces are there: what is not there cannot be watched."""
        while True:
            for namespace in {namespace for _, namespace in self._followed if namespace}:
                with suppress(ClusterUnavailable, ManifestRejected):
                    await self._visit_one(streams, namespace)
            self._changed.set()
            await asyncio.sleep(min(VISIT_EVERY, settings.LEASE.total_seconds() / 3))

    async def _visit_one(self, streams: Streams, name: str) -> None:
        answer = await streams.fetch(NAMESPACE.path(name=name), {}, LARGEST_NAMESPACE)
        if answer.status == HTTPStatus.NOT_FOUND:
            problem: dict[str, Any] = {"code": MISSING.code, "params": {"namespace": name}}
        elif answer.status == HTTPStatus.OK:
            problem = {}
        else:
            return
        self._visited[name] = (time.monotonic(), problem)

    def _heard(self) -> list[Heard]:
        now = time.monotonic()
        return [
            one.standing.heard(
                namespace, resource.group, resource.kind, heard_at=one.watch.heard_at, now=now
            )
            for (resource, namespace), one in self._followed.items()
        ] + [
            Heard(name, "", NAMESPACE.kind, is_synced=True, age=now - at, **problem)
            for name, (at, problem) in self._visited.items()
        ]

    async def _flush(self) -> None:
        seen, self._seen = list(self._seen.values()), {}
        gone, self._gone = list(self._gone.values()), {}
        # A failure ends the agent: the next one lists everything again, so nothing is missed.
        await self._in_thread(writing.write, self._lease, seen, gone, self._heard(), timezone.now())


def _streams(cluster_id: UUID) -> Streams:
    return streams_to(Cluster.objects.get(pk=cluster_id))


def _observable() -> list[UUID]:
    reachable = Cluster.objects.present().exclude(identity="")
    return list(reachable.values_list("pk", flat=True))


def _scopes(cluster_id: UUID) -> set[Scope]:
    """Kinds that we write and what controllers make of them, where teams have a grant."""
    cluster = Cluster.objects.get(pk=cluster_id)
    served = set(cluster.capabilities.get("kinds", []))
    namespaces = Grant.objects.filter(cluster=cluster_id).values_list("namespace", flat=True)
    gateways = Gateway.objects.filter(cluster=cluster_id, removed_at__isnull=True)
    scopes = {
        (resource, namespace)
        for resource in (*WRITTEN, *READ)
        if resource.kind not in UNWATCHED and f"{resource.api_version}/{resource.kind}" in served
        for namespace in namespaces
    }
    scopes |= {(GATEWAY, place) for place in gateways.values_list("namespace", flat=True)}
    return scopes | {(NODE, "")}
