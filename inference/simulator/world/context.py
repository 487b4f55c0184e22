"""What every controller of a world is given: the store, the time, the dice and the teller."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from inference.simulator.errors import ApiError, Object
from inference.simulator.events import Event
from inference.simulator.store import Store
from inference.simulator.world.config import WorldConfig
from inference.simulator.world.network import Network
from inference.simulator.world.telling import Teller
from inference.simulator.world.timers import Timers
from inference.simulator.world.view import View


class Controller(Protocol):
    """Hears of changes, says what to look at again, and looks. Looking twice changes nothing."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those it wants to hear of; `*` is every kind."""

    def hear(self, event: Event) -> Iterable[Hashable]: ...

    def look(self, key: Any, /) -> None: ...


@dataclass(slots=True)
class Context:
    """`again` puts a key of a controller into the queue, once."""

    store: Store
    view: View
    timers: Timers
    teller: Teller
    network: Network
    config: WorldConfig
    dice: Random
    again: Callable[[Controller, Hashable], None]

    def stamp(self) -> str:
        return self.store.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def write_status(self, obj: Object, status: Object, *, by: str) -> None:
        """Safe to repeat; an object that has changed or gone meanwhile is met again later."""
        if obj.get("status") == status:
            return
        try:
            self.store.update_status({**obj, "status": status}, manager=by)
        except ApiError as refusal:
            if refusal.code not in {404, 409}:
                raise

    def write(self, obj: Object, *, by: str) -> bool:
        """Whether the object took it."""
        try:
            self.store.update(obj, manager=by)
        except ApiError as refusal:
            if refusal.code not in {404, 409}:
                raise
            return False
        return True

    def remove(self, obj: Object, *, grace_seconds: int | None = None) -> None:
        """Delete precisely this object; one that is gone already is no error."""
        metadata = obj["metadata"]
        try:
            self.store.delete(
                obj["apiVersion"],
                obj["kind"],
                metadata.get("namespace", ""),
                metadata["name"],
                uid=metadata["uid"],
                grace_seconds=grace_seconds,
            )
        except ApiError as refusal:
            if refusal.code not in {404, 409}:
                raise
