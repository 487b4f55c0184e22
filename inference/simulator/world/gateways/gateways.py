"""The gateway controller: keeps statuses true, ports open and tables of routes current."""

from collections.abc import Hashable, Iterable

from inference.simulator.errors import Object
from inference.simulator.events import Event
from inference.simulator.world.context import Context
from inference.simulator.world.gateways.door import Door
from inference.simulator.world.gateways.problems import Problem
from inference.simulator.world.gateways.reading import ADDRESS, Port, Reading
from inference.simulator.world.gateways.tables import Table
from inference.simulator.world.programs import Programs
from inference.simulator.world.serving import Listener

BY = "gateway-controller"
_TOGETHER_SECONDS = 0.05
"""Changes within this time are looked at once: a push brings many."""
_READ = ("Namespace", "Service", "Secret", "ReferenceGrant")
_OWN = ("GatewayClass", "Gateway", "HTTPRoute", "InferencePool")


class Gateways:
    kinds = (*_OWN, *_READ)

    def __init__(self, context: Context, programs: Programs) -> None:
        self._context, self._programs = context, programs
        self._doors: dict[Port, Door] = {}
        self._listeners: dict[Port, Listener] = {}
        self._problems: dict[Port, Problem | None] = {}
        self._is_due = False

    def register(self) -> None:
        """The class whose Gateways are served here; one that is there already stays as it is."""
        name, config = self._context.config.gateway_class, self._context.config
        if self._context.view.one("GatewayClass", "", name) is None:
            self._context.store.create(
                {
                    "apiVersion": "gateway.networking.k8s.io/v1",
                    "kind": "GatewayClass",
                    "metadata": {"name": name},
                    "spec": {"controllerName": config.controller_name},
                },
                manager=BY,
            )

    def hear(self, event: Event) -> Iterable[Hashable]:
        if not _is_news(event):
            return ()
        return ("all",)

    def look(self, key: Hashable) -> None:
        del key
        if not self._is_due:
            self._is_due = True
            self._context.timers.after(_TOGETHER_SECONDS, self._look)

    def door(self, namespace: str, name: str, port: int) -> Door | None:
        """What answers at a port of a Gateway, for those inside the process."""
        return self._doors.get(((namespace, name), port))

    def close(self) -> None:
        for port in list(self._doors):
            self._close(port)

    def _look(self) -> None:
        self._is_due = False
        context = self._context
        reading = Reading(context.view, context.config.controller_name, context.stamp())
        for port in self._doors.keys() - reading.ports:
            self._close(port)
        for port in sorted(reading.ports - self._listeners.keys()):
            self._open(port)
        read = reading.read(self._problems)
        for port, door in self._doors.items():
            door.table = read.tables.get(port) or Table()
        for obj, status in read.statuses:
            context.write_status(obj, status, by=BY)

    def _open(self, port: Port) -> None:
        door = self._doors.setdefault(port, Door(self._context, self._programs))
        self._problems[port] = None
        if not self._context.config.listens:
            return
        try:
            self._listeners[port] = Listener(door, port=port[1])
        except OSError as error:
            text = f"{ADDRESS}:{port[1]} cannot be had: {error.strerror}"
            self._problems[port] = Problem("PortUnavailable", text)

    def _close(self, port: Port) -> None:
        del self._doors[port]
        self._problems.pop(port, None)
        listener = self._listeners.pop(port, None)
        if listener is not None:
            listener.close()


def _is_news(event: Event) -> bool:
    """A status alone changes nothing here: most of them are written here."""
    if event.previous is None or event.type != "MODIFIED":
        return True
    return _essence(event.object) != _essence(event.previous)


def _essence(obj: Object) -> tuple[object, ...]:
    metadata = obj["metadata"]
    return (
        obj.get("spec"),
        obj.get("data"),
        metadata.get("labels"),
        metadata.get("generation"),
        metadata.get("deletionTimestamp"),
    )
