"""A simulated cluster with its row, and the product's observer over it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network

from inference.clusters.models import Cluster, LiveObject
from inference.observation.agent import Observer
from inference.observation.freshness import views
from inference.simulator.cluster import SimulatedCluster
from inference.simulator.errors import Object
from inference.simulator.faults import Effect, When
from tests.factories.clusters import GrantFactory

LOOPBACK = ip_network("127.0.0.0/8")
NAMESPACE = "llm"
PATIENCE = 30.0


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
        time.sleep(0.1)
