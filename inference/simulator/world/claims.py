"""Claims on volumes: bound at once where the world has storage, waiting for ever where not."""

from collections.abc import Iterable

from inference.simulator.errors import Object
from inference.simulator.events import Event
from inference.simulator.world.context import Context
from inference.simulator.world.deployments import BY
from inference.simulator.world.identities import Key, is_leaving, key_of


class Claims:
    kinds = ("PersistentVolumeClaim",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def hear(self, event: Event) -> Iterable[Key]:
        yield key_of(event.object)

    def look(self, key: Key) -> None:
        namespace, name = key
        claim = self._context.view.one("PersistentVolumeClaim", namespace, name)
        if claim is None or is_leaving(claim):
            return
        status: Object = {"phase": "Pending"}
        if self._context.config.binds_claims:
            asked = (claim["spec"].get("resources") or {}).get("requests") or {}
            modes = claim["spec"].get("accessModes") or []
            status = {"phase": "Bound", "accessModes": modes, "capacity": dict(asked)}
        self._context.write_status(claim, status, by=BY)
