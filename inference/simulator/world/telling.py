"""Events about objects: one per thing that happened, counted when it happens again."""

from dataclasses import dataclass

from inference.simulator.errors import ApiError, Object
from inference.simulator.store import Store
from inference.simulator.world.identities import key_of
from inference.simulator.world.timers import Timers

_KEPT_SECONDS = 3600
NORMAL, WARNING = "Normal", "Warning"


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells. A `modern` one writes a time with microseconds, and no count at first."""

    component: str
    host: str = ""
    modern: bool = False


class Teller:
    def __init__(self, store: Store, timers: Timers) -> None:
        self._store = store
        self._timers = timers
        self._told: dict[tuple[str, ...], str] = {}
        self._number = 0

    def tell(
        self,
        source: Source,
        about: Object,
        kind: str,
        reason: str,
        message: str,
        *,
        path: str = "",
    ) -> None:
        """`path` is the field of `about` that is meant, such as `spec.containers{epp}`."""
        namespace, name = key_of(about)
        namespace = namespace or "default"
        what = (about["metadata"]["uid"], path, source.component, kind, reason, message)
        if what in self._told and self._again(namespace, self._told[what]):
            return
        self._number += 1
        event = _event(source, about, kind, reason, message, path)
        event["metadata"] = {"namespace": namespace, "name": f"{name}.{self._number:016x}"}
        event |= self._times(source)
        try:
            self._store.create(event, manager=source.component)
        except ApiError:
            return  # The namespace is on its way out: nobody is left to hear.
        self._told[what] = event["metadata"]["name"]
        self._timers.after(_KEPT_SECONDS, lambda: self._forget(namespace, what))

    def _again(self, namespace: str, name: str) -> bool:
        event = self._store.find("v1", "Event", namespace, name)
        if event is None:
            return False
        event["count"] = (event.get("count") or 1) + 1
        event["lastTimestamp"] = self._stamp()
        self._store.update(event, manager=event["reportingComponent"])
        return True

    def _forget(self, namespace: str, what: tuple[str, ...]) -> None:
        name = self._told.pop(what, "")
        if self._store.find("v1", "Event", namespace, name):
            self._store.delete("v1", "Event", namespace, name)

    def _times(self, source: Source) -> Object:
        if source.modern:
            exact = self._store.clock().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            return {"eventTime": exact, "firstTimestamp": None, "lastTimestamp": None}
        stamp = self._stamp()
        return {"eventTime": None, "firstTimestamp": stamp, "lastTimestamp": stamp, "count": 1}

    def _stamp(self) -> str:
        return self._store.clock().strftime("%Y-%m-%dT%H:%M:%SZ")


def _event(
    source: Source, about: Object, kind: str, reason: str, message: str, path: str
) -> Object:
    namespace, name = key_of(about)
    involved: Object = {
        "apiVersion": about["apiVersion"],
        "kind": about["kind"],
        "name": name,
        "uid": about["metadata"]["uid"],
        "resourceVersion": about["metadata"]["resourceVersion"],
    }
    if namespace:
        involved["namespace"] = namespace
    if path:
        involved["fieldPath"] = path
    event: Object = {
        "apiVersion": "v1",
        "kind": "Event",
        "involvedObject": involved,
        "type": kind,
        "reason": reason,
        "message": message[:1024],
        "source": {"component": source.component} if not source.modern else {},
        "reportingComponent": source.component,
        "reportingInstance": source.host,
    }
    if source.host and not source.modern:
        event["source"]["host"] = source.host
    return event
