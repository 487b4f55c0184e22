"""The objects of one simulated cluster as they are read; writing them is the store's.

Objects that are handed out by `get`, `find` and `list` are copies; those in events and from
`peek`, `scan` and `at_once` are the store's own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from inference.simulator import errors
from inference.simulator.errors import Object
from inference.simulator.events import History, Listener
from inference.simulator.resources import Catalog, Resource
from inference.simulator.schemas import served_at_first
from inference.simulator.selectors import Selector, selects_labels
from inference.simulator.values import copied

Key = tuple[str, str]
"""Namespace and name."""


class Shelves:
    """All objects, one shelf for each kind whatever its versions."""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self.catalog = Catalog(resources or served_at_first())
        self.history = History()
        self.revision = 1
        self._shelves: dict[tuple[str, str], dict[Key, Object]] = {}

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> Object:
        found: Object = copied(self.peek(self.catalog.of_kind(api_version, kind), namespace, name))
        return found

    def find(self, api_version: str, kind: str, namespace: str, name: str) -> Object | None:
        """A copy of the object, or None where there is none."""
        resource = self.catalog.of_kind(api_version, kind)
        found = self._shelf(resource).get((namespace, name))
        return None if found is None else copied(self.in_version(resource, found))

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str = "",
        *,
        labels: Mapping[str, str] | None = None,
    ) -> list[Object]:
        """Copies, in the order of namespace and name; `namespace` empty means everywhere."""
        resource = self.catalog.of_kind(api_version, kind)
        wanted = Selector.equal(labels or {})
        return [
            copied(obj)
            for obj in self.scan(resource, namespace)
            if selects_labels(wanted, obj["metadata"].get("labels") or {})
        ]

    def peek(self, resource: Resource, namespace: str, name: str) -> Object:
        """The store's own object: read, never change."""
        found = self._shelf(resource).get((namespace, name))
        if found is None:
            raise errors.not_found(resource.plural, resource.group, name)
        return self.in_version(resource, found)

    def scan(self, resource: Resource, namespace: str = "") -> Iterator[Object]:
        """The store's own objects in order: read, never change."""
        shelf = self._shelf(resource)
        for key in sorted(shelf):
            if not namespace or key[0] == namespace:
                yield self.in_version(resource, shelf[key])

    def at_once(self, resource: Resource) -> dict[Key, Object]:
        """The store's own objects of a kind, by namespace and name: read, never change."""
        shelf = self._shelf(resource)
        return {key: self.in_version(resource, obj) for key, obj in shelf.items()}

    def everything(self) -> Iterator[tuple[Resource, Object]]:
        """Each stored object once, under the first served version of its kind."""
        seen: set[tuple[str, str]] = set()
        for resource in self.catalog:
            if resource.shelf not in seen:
                seen.add(resource.shelf)
                for obj in self.scan(resource):
                    yield resource, obj

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear of each committed change; see `History.subscribe`."""
        return self.history.subscribe(listener)

    @staticmethod
    def in_version(resource: Resource, obj: Object) -> Object:
        if obj["apiVersion"] == resource.api_version:
            return obj
        return {**obj, "apiVersion": resource.api_version}

    def forget_before_now(self) -> None:
        """Compact: whoever watches from an older version has to list again."""
        self.history.forget(self.revision)

    def _shelf(self, resource: Resource) -> dict[Key, Object]:
        return self._shelves.setdefault(resource.shelf, {})

    @staticmethod
    def _key(obj: Object) -> Key:
        return (obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
