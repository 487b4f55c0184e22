"""The objects of one simulated cluster, with the promises that an API server gives about them.

Everything runs on one asyncio loop: no call here waits, so none is interrupted.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from inference.simulator import errors, ownership, preconditions, strategies
from inference.simulator.admission import Admit, admit_all
from inference.simulator.defaults import fill
from inference.simulator.errors import Object
from inference.simulator.events import ADDED, DELETED, MODIFIED, Event
from inference.simulator.ownership import APPLY, UPDATE, Manager
from inference.simulator.resources import Resource
from inference.simulator.shelves import Shelves
from inference.simulator.typed import check_typed
from inference.simulator.validation import check_change, check_new
from inference.simulator.values import copied

Clock = Callable[[], datetime]


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Applied:
    object: Object
    created: bool
    changed: bool


class Store(Shelves):
    """Create, read, update, apply and delete objects, in process or behind the HTTP API.

    `manager` names the writer in `managedFields`. Refusals are `ApiError`, as over HTTP.
    """

    def __init__(self, resources: Iterable[Resource] = (), *, clock: Clock = now_utc) -> None:
        super().__init__(resources)
        self.clock = clock
        self._addresses = strategies.Addresses()
        for name in ("default", "kube-system", "kube-public", "kube-node-lease"):
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    # Writing

    def create(
        self,
        obj: Object,
        *,
        manager: str = "simulator",
        dry_run: bool = False,
        admit: Admit = admit_all,
    ) -> Object:
        resource = self.catalog.of_kind(obj["apiVersion"], obj["kind"])
        writer = Manager(manager, UPDATE, obj["apiVersion"])
        return self._create(resource, copied(obj), writer, admit, dry_run)

    def update(
        self,
        obj: Object,
        *,
        manager: str = "simulator",
        subresource: str = "",
        dry_run: bool = False,
        admit: Admit = admit_all,
    ) -> Object:
        """Replace the object; where `resourceVersion` stands in it, only that version of it."""
        resource = self.catalog.of_kind(obj["apiVersion"], obj["kind"])
        metadata = obj["metadata"]
        live = self.peek(resource, metadata.get("namespace", ""), metadata["name"])
        preconditions.check(resource, live, metadata.get("uid"), metadata.get("resourceVersion"))
        new = strategies.prepare_update(resource, live, copied(obj), subresource)
        writer = Manager(manager, UPDATE, resource.api_version, subresource)
        owned = ownership.update(
            resource.node,
            live=live,
            new=new,
            manager=writer,
            ignored=strategies.not_owned_through(resource, subresource),
            now=self._stamp(),
        )
        ownership.record(new["metadata"], owned)
        admit(resource, new, live)
        preconditions.check_finalizers(resource, live, new)
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
        admit: Admit = admit_all,
    ) -> Applied:
        """Server-side apply. What nobody asks for any more goes; a conflict is refused."""
        resource = self.catalog.of_kind(obj["apiVersion"], obj["kind"])
        check_typed(resource, obj)
        metadata = obj["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        live = self._shelf(resource).get(key)
        writer = Manager(manager, APPLY, resource.api_version, subresource)
        if live is None:
            if subresource:
                raise errors.not_found(resource.plural, resource.group, metadata["name"])
            preconditions.check_absent(resource, obj)
            made = self._create(resource, copied(obj), writer, admit, dry_run)
            return Applied(made, created=True, changed=True)
        live = self.in_version(resource, live)
        merged, owned = ownership.apply(
            resource.node,
            live=live,
            config=obj,
            manager=writer,
            ignored=strategies.not_owned_through(resource, subresource),
            force=force,
            now=self._stamp(),
        )
        preconditions.check_patch(
            resource, live, metadata.get("uid"), metadata.get("resourceVersion")
        )
        new = strategies.prepare_update(resource, live, copied(merged), subresource)
        ownership.record(new["metadata"], owned)
        admit(resource, new, live)
        preconditions.check_finalizers(resource, live, new)
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
        preconditions.check_deletion(resource, live, uid, resource_version)
        marked = strategies.mark_deleted(
            resource, live, propagation, grace_seconds, now=self.clock()
        )
        if marked is None:
            if not dry_run:
                self._remove(resource, live, live)
            return live, True
        if strategies.may_go(resource, marked):
            if not dry_run:
                self._commit(resource, MODIFIED, marked, live)
                self._remove(resource, marked, marked)
            return marked, True
        return self._replace(resource, live, marked, dry_run), False

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

    def _create(
        self, resource: Resource, obj: Object, writer: Manager, admit: Admit, dry_run: bool
    ) -> Object:
        owned = strategies.complete(resource, obj, writer, self._stamp())
        obj = strategies.prepare_create(resource, obj, self._addresses)
        metadata = obj["metadata"]
        self._check_namespace(resource, metadata)
        admit(resource, obj, None)
        check_new(resource, obj)
        key = (metadata.get("namespace", ""), metadata["name"])
        if key in self._shelf(resource):
            raise errors.already_exists(resource.plural, resource.group, metadata["name"])
        metadata.pop("managedFields", None)
        metadata.pop("resourceVersion", None)
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = self._stamp()
        ownership.record(metadata, owned)
        # A status that a schema fills in appears when the object is stored.
        fill(resource, obj)
        if not dry_run:
            self._commit(resource, ADDED, obj, None)
        return obj

    def _replace(self, resource: Resource, live: Object, new: Object, dry_run: bool) -> Object:
        if strategies.is_same(live, new):
            return live
        if not dry_run:
            if strategies.may_go(resource, new):
                self._remove(resource, new, live)
                return new
            self._commit(resource, MODIFIED, new, live)
        return new

    def _remove(self, resource: Resource, obj: Object, live: Object) -> None:
        self._shelf(resource).pop(self._key(obj), None)
        gone = {**obj, "metadata": {**obj["metadata"]}}
        self.revision += 1
        gone["metadata"]["resourceVersion"] = str(self.revision)
        self.history.add(Event(DELETED, resource, gone, live, self.revision))

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

    def _stamp(self) -> str:
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
