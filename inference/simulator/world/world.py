"""The world: moves time for one store, and is the door to what its pods and gateways answer."""

import asyncio
import logging
from collections.abc import Callable, Hashable, Iterable, Mapping
from random import Random
from typing import Any

from inference.simulator.events import Event
from inference.simulator.store import Store
from inference.simulator.world.accounts import Accounts
from inference.simulator.world.budgets import Budgets
from inference.simulator.world.claims import Claims
from inference.simulator.world.config import WorldConfig
from inference.simulator.world.context import Context, Controller
from inference.simulator.world.deployments import Deployments
from inference.simulator.world.endpoints import Endpoints
from inference.simulator.world.engines.loads import Loads
from inference.simulator.world.garbage import Garbage
from inference.simulator.world.gateways.door import Door
from inference.simulator.world.gateways.gateways import Gateways
from inference.simulator.world.kubelet.kubelet import Kubelets
from inference.simulator.world.network import Network, Place
from inference.simulator.world.nodes import Nodes
from inference.simulator.world.programs import Programs
from inference.simulator.world.prometheus.prometheus import Prometheus
from inference.simulator.world.replica_sets import ReplicaSets
from inference.simulator.world.scenarios import Scenarios
from inference.simulator.world.scheduler import Scheduler
from inference.simulator.world.serving import HOST, Listener
from inference.simulator.world.telling import Teller
from inference.simulator.world.timers import Clock, Timers
from inference.simulator.world.view import View

_log = logging.getLogger(__name__)
_AT_ONCE = 200
"""How many looks in a row, before others on the loop have their turn."""


class World:
    """Everything behind the API of one simulated cluster, on the loop that the store is on.

    At `pace` 0 time stands still and nothing happens by itself: `advance` and `settle` move it.
    """

    def __init__(
        self, store: Store, config: WorldConfig | None = None, *, clock: Clock | None = None
    ) -> None:
        self.config = config or WorldConfig()
        self.clock = clock or Clock(self.config.pace)
        self._store = store
        self._queue: dict[tuple[Controller, Hashable], None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn: asyncio.Handle | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._scraping: asyncio.Task[None] | None = None
        self._listener: Listener | None = None
        timers = Timers(self.clock.now, self._moved)
        self._context = Context(
            store=store,
            view=View(store),
            timers=timers,
            teller=Teller(store, timers),
            network=Network(listens=self.config.listens),
            config=self.config,
            dice=Random(self.config.seed),  # noqa: S311  (a world that can be had again)
            again=self._again,
        )
        self.nodes = Nodes(self._context)
        self.programs = Programs(self._context)
        self.kubelets = Kubelets(self._context, self.nodes, self.programs.launch)
        self.gateways = Gateways(self._context, self.programs)
        self.prometheus = Prometheus(self._context.view, self._context.network)
        garbage = Garbage(self._context)
        self._controllers: tuple[Controller, ...] = (
            Accounts(self._context),
            garbage,
            Claims(self._context),
            Deployments(self._context),
            ReplicaSets(self._context),
            Scheduler(self._context),
            self.kubelets,
            Budgets(self._context),
            Endpoints(self._context),
            self.gateways,
        )
        if self.config.is_bare:
            self._controllers = (garbage,)

    # Running

    async def start(self) -> None:
        """Take up whatever the store holds already, then follow it."""
        if self.clock.pace:
            self._loop = asyncio.get_running_loop()
        self._unsubscribe = self._store.subscribe(self._hear)
        if not self.config.is_bare:
            self.nodes.register()
            self.gateways.register()
        for resource, obj in list(self._store.everything()):
            self._hear(Event("ADDED", resource, obj, None, self._store.revision))
        if not self.clock.pace:
            self.settle()
        if self.config.scrape_seconds:
            self._listener = Listener(self.prometheus)
            self._scraping = asyncio.create_task(self._scrape())

    async def stop(self) -> None:
        """Every process of the world ends, every port closes; the store stays as it is."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._queue.clear()
        for handle in (self._turn, self._alarm):
            if handle is not None:
                handle.cancel()
        if self._scraping is not None:
            self._scraping.cancel()
        if self._listener is not None:
            self._listener.close()
        for worker in self.kubelets:
            worker.vanish()
        self.gateways.close()
        self._context.network.close_all()
        await asyncio.sleep(0)

    def settle(self) -> None:
        """Everything that follows from what has happened, at this very moment."""
        while True:
            while self._queue:
                self._look()
            if self._context.timers.is_due:
                self._context.timers.ring()
            else:
                return

    def advance(self, seconds: float) -> None:
        """Let time pass, at pace 0 only; all that falls due happens in its order."""
        until = self.clock.now() + seconds
        self.settle()
        while (at := self._context.timers.next_at) is not None and at <= until:
            self.clock.move_to(at)
            self.settle()
        self.clock.move_to(until)

    # What others may set and ask

    @property
    def scenarios(self) -> Scenarios:
        return self.kubelets.scenarios

    @scenarios.setter
    def scenarios(self, entries: Scenarios | Iterable[Mapping[str, Any]]) -> None:
        found = entries if isinstance(entries, Scenarios) else Scenarios(entries)
        self.kubelets.scenarios = found

    @property
    def load(self) -> Loads:
        """Where the background load of each served model is set."""
        return self.programs.loads

    @property
    def metrics_url(self) -> str:
        """Of its Prometheus; empty where there is none."""
        return f"http://{HOST}:{self._listener.port}" if self._listener else ""

    def dial(self, address: str, port: int) -> Place | None:
        """Where on loopback a pod's port is; None where a connection would be refused."""
        return self._context.network.dial(address, port)

    def pod_port(self, namespace: str, name: str, port: int) -> int | None:
        """The port on 127.0.0.1 that stands for a container's port."""
        worker = self.kubelets.worker(namespace, name)
        place = self.dial(worker.address, port) if worker else None
        return place[1] if place else None

    def door(self, namespace: str, gateway: str, port: int) -> Door | None:
        """What answers at a Gateway's port, for those inside the process."""
        return self.gateways.door(namespace, gateway, port)

    def logs(self, namespace: str, name: str, container: str = "", last: int | None = None) -> str:
        """Raises KeyError for a container that there is not."""
        worker = self.kubelets.worker(namespace, name)
        for one in worker.containers if worker else ():
            if container in {"", one.name}:
                return one.log.text(last)
        raise KeyError(f"{namespace}/{name} has no container {container}")

    # Inside

    async def _scrape(self) -> None:
        while True:
            await self.prometheus.scrape()
            await asyncio.sleep(self.config.scrape_seconds)

    def _hear(self, event: Event) -> None:
        for controller in self._controllers:
            if event.resource.kind in controller.kinds or "*" in controller.kinds:
                for key in controller.hear(event):
                    self._again(controller, key)

    def _again(self, controller: Controller, key: Hashable) -> None:
        self._queue.setdefault((controller, key))
        if self._loop is not None and self._turn is None:
            self._turn = self._loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        try:
            for _ in range(_AT_ONCE):
                if not self._queue:
                    return
                self._look()
        finally:
            if self._queue and self._loop is not None:
                self._turn = self._loop.call_soon(self._take_turn)

    def _look(self) -> None:
        controller, key = next(iter(self._queue))
        del self._queue[controller, key]
        controller.look(key)

    def _moved(self) -> None:
        """The next appointment is another one now."""
        if self._loop is None:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        at = self._context.timers.next_at
        if at is not None:
            delay = max(0.0, (at - self.clock.now()) * self.clock.pace)
            self._alarm = self._loop.call_later(delay, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        try:
            self._context.timers.ring()
        finally:
            self._moved()
