"""The objects of one simulated cluster, with the promises that an API server gives about them.

Everything runs on one asyncio loop: no call here waits, so none is interrupted. Objects that are
handed out by `get` and `list` are copies; those in events and from `peek` are the store's own.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from inference.simulator import errors, ownership, preconditions, strategies
from inference.simulator.defaults import fill
from inference.simulator.errors import Object
from inference.simulator.events import ADDED, DELETED, MODIFIED, Event, History, Listener
from inference.simulator.ownership import APPLY, UPDATE, Manager
from inference.simulator.resources import Catalog, Resource
from inference.simulator.schemas import served_at_first
from inference.simulator.selectors import Selector, selects_labels
from inference.simulator.typed import check_typed
from inference.simulator.validation import check_change, check_new
from inference.simulator.values import copied

Key = tuple[str, str]
Clock = Callable[[], datetime]
Admit = Callable[[Resource, Object, Object | None], None]
"""Asked of each write with what would be stored and what is; raises where it may not be."""


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Applied:
    object: Object
    created: bool
    changed: bool


class Store:
    """Create, read, update, apply and delete objects, in process or behind the HTTP API.

    `manager` names the writer in `managedFields`. Refusals are `ApiError`, as over HTTP.
    """

    def __init__(self, resources: Iterable[Resource] = (), *, clock: Clock = now_utc) -> None:
        self.catalog = Catalog(resources or served_at_first())
        self.history = History()
        self.clock = clock
        self.revision = 1
        self._shelves: dict[tuple[str, str], dict[Key, Object]] = {}
        self._addresses = strategies.Addresses()
        for name in ("default", "kube-system", "kube-public", "kube-node-lease"):
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    # Reading

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> Object:
        found: Object = copied(self.peek(self.catalog.of_kind(api_version, kind), namespace, name))
        return found

    def find(self, api_version: str, kind: str, namespace: str, name: str) -> Object | None:
        """A copy of the object, or None where there is none."""
        resource = self.catalog.of_kind(api_version, kind)
        found = self._shelf(resource).get((namespace, name))
        return None if found is None else copied(self._in_version(resource, found))

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
        return self._in_version(resource, found)

    def scan(self, resource: Resource, namespace: str = "") -> Iterator[Object]:
        """The store's own objects in order: read, never change."""
        shelf = self._shelf(resource)
        for key in sorted(shelf):
            if not namespace or key[0] == namespace:
                yield self._in_version(resource, shelf[key])

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

    # Writing

    def create(self, obj: Object, *, manager: str = "simulator", dry_run: bool = False) -> Object:
        resource = self.catalog.of_kind(obj["apiVersion"], obj["kind"])
        return self._create(
            resource, copied(obj), Manager(manager, UPDATE, obj["apiVersion"]), dry_run
        )

    def update(
        self,
        obj: Object,
        *,
        manager: str = "simulator",
        subresource: str = "",
        dry_run: bool = False,
    ) -> Object:
        """Replace the object; where `resourceVersion` stands in it, only that version of it."""
        resource = self.catalog.of_kind(obj["apiVersion"], obj["kind"])
        metadata = obj["metadata"]
        live = self.peek(resource, metadata.get("namespace", ""), metadata["name"])
        preconditions.check(resource, live, metadata.get("uid"), metadata.get("resourceVersion"))
        new = strategies.prepare_update(resource, live, copied(obj), subresource)
        writer = Manager(manager, UPDATE, resource.api_version, subresource)
        new["metadata"]["managedFields"] = ownership.update(
            resource.node,
            live=live,
            new=new,
            manager=writer,
            ignored=strategies.not_owned_through(resource, subresource),
            now=self._stamp(),
        )
        check_change(resource, live, new, subresource)
        return self._replace(resource, live, new, dry_run)

    def update_status(self, obj: Object, *, manager: str = "simulator") -> Object:
        """Replace the status alone; everything else of `obj` is ignored."""
        return self.update(obj, manager=manager, subresource="status")

    def apply(
        self,
        obj: Object,
        *,
        manager: str,
        force: bool = False,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Applied:
        """Server-side apply. What nobody asks for any more goes; a conflict is refused."""
        resource = self.catalog.of_kind(obj["apiVersion"], obj["kind"])
        check_typed(resource, obj)
        metadata = obj["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        live = self._shelf(resource).get(key)
        writer = Manager(manager, APPLY, resource.api_version, subresource)
        if live is None:
            strategies.check_may_appear(resource, obj, subresource)
            made = self._create(resource, copied(obj), writer, dry_run)
            return Applied(made, created=True, changed=True)
        live = self._in_version(resource, live)
        preconditions.check(resource, live, metadata.get("uid"), metadata.get("resourceVersion"))
        merged, owned = ownership.apply(
            resource.node,
            live=live,
            config=obj,
            manager=writer,
            ignored=strategies.not_owned_through(resource, subresource),
            force=force,
            now=self._stamp(),
        )
        new = strategies.prepare_update(resource, live, copied(merged), subresource)
        new["metadata"]["managedFields"] = owned
        check_change(resource, live, new, subresource)
        saved = self._replace(resource, live, new, dry_run)
        return Applied(saved, created=False, changed=saved is not live)

    def delete(
        self,
        api_version: str,
        kind: str,
        namespace: str,
        name: str,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        propagation: str = "Background",
        grace_seconds: int | None = None,
        dry_run: bool = False,
    ) -> tuple[Object, bool]:
        """Delete or mark for deletion; returns the object and whether it is gone already."""
        resource = self.catalog.of_kind(api_version, kind)
        live = self.peek(resource, namespace, name)
        preconditions.check(resource, live, uid, resource_version, deleting=True)
        marked = strategies.mark_deleted(
            resource, live, propagation, grace_seconds, now=self.clock()
        )
        if marked is None:
            if not dry_run:
                self._remove(resource, live)
            return live, True
        return self._replace(resource, live, marked, dry_run), False

    def forget_before_now(self) -> None:
        """Compact: whoever watches from an older version has to list again."""
        self.history.forget(self.revision)

    def renew_identity(self) -> None:
        """Become another cluster at the same address: every object gets a new UID."""
        for resource, obj in list(self.everything()):
            key = self._key(obj)
            self.revision += 1
            metadata = {
                **obj["metadata"],
                "uid": str(uuid.uuid4()),
                "resourceVersion": str(self.revision),
            }
            self._shelf(resource)[key] = {**obj, "metadata": metadata}
        self.forget_before_now()

    # Inside

    def _create(self, resource: Resource, obj: Object, writer: Manager, dry_run: bool) -> Object:
        owned = strategies.complete(resource, obj, writer, self._stamp())
        obj = strategies.prepare_create(resource, obj, self._addresses)
        metadata = obj["metadata"]
        self._check_namespace(resource, metadata)
        check_new(resource, obj)
        key = (metadata.get("namespace", ""), metadata["name"])
        if key in self._shelf(resource):
            raise errors.already_exists(resource.plural, resource.group, metadata["name"])
        metadata.pop("managedFields", None)
        metadata.pop("resourceVersion", None)
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = self._stamp()
        metadata["managedFields"] = owned
        if not dry_run:
            # A status that a schema fills in appears when the object is stored.
            fill(resource, obj)
            self._commit(resource, ADDED, obj, None)
        return obj

    def _replace(self, resource: Resource, live: Object, new: Object, dry_run: bool) -> Object:
        if strategies.is_same(live, new):
            return live
        if not dry_run:
            if strategies.may_go(resource, new):
                self._remove(resource, new)
                return new
            self._commit(resource, MODIFIED, new, live)
        return new

    def _remove(self, resource: Resource, obj: Object) -> None:
        self._shelf(resource).pop(self._key(obj), None)
        gone = {**obj, "metadata": {**obj["metadata"]}}
        self.revision += 1
        gone["metadata"]["resourceVersion"] = str(self.revision)
        self.history.add(Event(DELETED, resource, gone, obj, self.revision))

    def _commit(self, resource: Resource, kind: str, obj: Object, previous: Object | None) -> None:
        self.revision += 1
        obj["metadata"]["resourceVersion"] = str(self.revision)
        self._shelf(resource)[self._key(obj)] = obj
        self.history.add(Event(kind, resource, obj, previous, self.revision))

    def _check_namespace(self, resource: Resource, metadata: Object) -> None:
        if not resource.namespaced:
            return
        namespace = self._shelves[("", "namespaces")].get(("", metadata["namespace"]))
        if namespace is None:
            raise errors.not_found("namespaces", "", metadata["namespace"])
        if "deletionTimestamp" in namespace["metadata"]:
            raise strategies.terminating(resource, metadata)

    def _shelf(self, resource: Resource) -> dict[Key, Object]:
        return self._shelves.setdefault(resource.shelf, {})

    def _stamp(self) -> str:
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    @staticmethod
    def _key(obj: Object) -> Key:
        return (obj["metadata"].get("namespace", ""), obj["metadata"]["name"])

    @staticmethod
    def _in_version(resource: Resource, obj: Object) -> Object:
        if obj["apiVersion"] == resource.api_version:
            return obj
        return {**obj, "apiVersion": resource.api_version}
