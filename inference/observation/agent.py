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

from inference.clusters.client import events
from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected
from inference.clusters.client.events import Event, EventType
from inference.clusters.client.kinds import NAMESPACE, Resource
from inference.clusters.client.standing import IDENTITY
from inference.clusters.client.streams import Streams
from inference.clusters.client.watch import Watch
from inference.clusters.models import LiveObject
from inference.errors import Refusal
from inference.observation import places, writing
from inference.observation.beats import Beats
from inference.observation.following import Heard, Standing
from inference.observation.freshness import MISSING
from inference.observation.models import ObserverLease
from inference.observation.places import Scope
from inference.observation.writing import Gone, ObserverLost

COALESCE = 0.1
HEARTBEAT = 5.0
VISIT_EVERY = 10.0
LARGEST_NAMESPACE = 1024 * 1024
LOOK_FOR_CLUSTERS = timedelta(seconds=2)
_log = structlog.get_logger("waybill.observe")
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
                if not task.cancelled() and task.exception():
                    _log.error("agent-failed", cluster=str(identity), exc_info=task.exception())
        try:
            wanted = await self._in_thread(places.observable)
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
        except (ObserverLost, DoorChanged, DatabaseError, Refusal) as error:
            _log.warning("agent-ended", cluster=str(identity), error=str(error)[:200])
            await asyncio.sleep(1)
        except AnotherCluster:
            _log.warning("another-cluster", cluster=str(identity))
            await asyncio.sleep(VISIT_EVERY)

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        def call() -> T:
            try:
                return function(*arguments)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._writer, call)


class DoorChanged(Exception):
    """Another credential, address or range: whoever observes from now on begins with that."""


class AnotherCluster(Exception):
    """What answers is not the cluster that was connected: nothing of it is written."""


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
        self._beats = Beats()
        self._followed: dict[Scope, _Followed] = {}
        self._visited: dict[str, tuple[float, dict[str, Any]]] = {}
        self._changed = asyncio.Event()
        self._door: tuple[Any, ...] = ("",)

    async def run(self) -> None:
        """Raises what ends an agent: a lost lease, a database that is away."""
        self._door = await self._in_thread(places.door, self._lease.cluster_id)
        streams = await self._in_thread(places.streams, self._lease.cluster_id)
        async with streams:
            duties: list[asyncio.Task[None]] = []
            try:
                await self._check_identity(streams)
                await self._follow(streams)
                work = (self._write(), self._beat(streams), self._visit(streams))
                duties += map(asyncio.create_task, work)
                await asyncio.gather(*duties)
            finally:
                # Of several that are gathered, those that did not fail would go on.
                tasks = [*duties, *(one.task for one in self._followed.values() if one.task)]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, streams: Streams) -> None:
        """Watch what is granted now; a namespace that is granted later is found by the beat."""
        for one in self._followed.values():
            if one.task and one.task.done():
                one.task.result()  # raises what a watch did not foresee: nobody is left blind
        wanted = await self._in_thread(places.scopes, self._lease.cluster_id)
        is_as_it_was = wanted == set(self._followed)
        for scope in set(self._followed) - wanted:
            task = self._followed.pop(scope).task
            if task:
                task.cancel()
        if not is_as_it_was:
            watched = {(name, kind.group, kind.kind) for kind, name in wanted}
            await self._in_thread(writing.forget_others, self._lease.cluster_id, watched)
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
            row = self._row(resource, event)
            if self._beats.repeats(row):
                return
            self._gone.pop(key, None)
            self._seen[key] = row
        elif event.type is EventType.DELETED:
            self._seen.pop(key, None)
            self._beats.forget(resource.kind, event.name)
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
            if await self._in_thread(places.door, self._lease.cluster_id) != self._door:
                raise DoorChanged
            await self._follow(streams)
            await self._flush()

    async def _visit(self, streams: Streams) -> None:
        """Look whether this is still the cluster that was connected, and whether the granted
        namespaces are there: what is not there cannot be watched."""
        while True:
            await self._check_identity(streams)
            for namespace in {namespace for _, namespace in self._followed if namespace}:
                with suppress(ClusterUnavailable, ManifestRejected):
                    await self._visit_one(streams, namespace)
            self._changed.set()
            await asyncio.sleep(min(VISIT_EVERY, settings.LEASE.total_seconds() / 3))

    async def _check_identity(self, streams: Streams) -> None:
        """By the UID that was pinned. A cluster that does not say it is not asked further.

        Pushes ask once for each client, and rely on this look afterwards.
        """
        with suppress(ClusterUnavailable, ManifestRejected):
            answer = await streams.fetch(NAMESPACE.path(name=IDENTITY), {}, LARGEST_NAMESPACE)
            found = events.metadata(answer.body) if answer.status == HTTPStatus.OK else None
            if found and found.uid != self._door[0]:
                await self._in_thread(places.have_it_probed, self._lease.cluster_id)
                raise AnotherCluster

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
        namespaces = {namespace for _, namespace in self._followed}
        return [
            one.standing.heard(
                namespace, resource.group, resource.kind, heard_at=one.watch.heard_at, now=now
            )
            for (resource, namespace), one in self._followed.items()
        ] + [
            Heard(name, "", NAMESPACE.kind, is_synced=True, age=now - at, **problem)
            for name, (at, problem) in self._visited.items()
            if name in namespaces
        ]

    async def _flush(self) -> None:
        seen, self._seen = list(self._seen.values()), {}
        gone, self._gone = list(self._gone.values()), {}
        # A failure ends the agent: the next one lists everything again, so nothing is missed.
        await self._in_thread(writing.write, self._lease, seen, gone, self._heard(), timezone.now())
