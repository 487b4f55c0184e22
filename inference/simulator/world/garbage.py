"""What goes when its owner goes, and what empties a namespace that is being deleted."""

from collections.abc import Hashable, Iterable
from typing import Any

from inference.simulator.errors import Object
from inference.simulator.events import DELETED, Event
from inference.simulator.resources import Resource
from inference.simulator.store import Store
from inference.simulator.values import copied
from inference.simulator.world.context import Context
from inference.simulator.world.identities import is_leaving

_BY = "kube-controller-manager"
_WAITS, _LETS = "foregroundDeletion", "orphan"


class Garbage:
    """Keeps an index of owners, so that the end of one costs what depends on it and no more."""

    kinds = ("*",)

    def __init__(self, context: Context) -> None:
        self._context = context
        self._dependents: dict[str, dict[str, tuple[Resource, str, str]]] = {}

    def hear(self, event: Event) -> Iterable[Hashable]:
        metadata = event.object["metadata"]
        self._index(event)
        if event.type == DELETED:
            yield ("owner", metadata["uid"])
            for owner in metadata.get("ownerReferences") or ():
                yield ("owner", owner["uid"])
            if metadata.get("namespace"):
                yield ("namespace", metadata["namespace"])
        elif is_leaving(event.object):
            yield ("leaving", _place(event))
            if event.resource.kind == "Namespace":
                yield ("namespace", metadata["name"])
        elif event.previous is None and metadata.get("ownerReferences"):
            yield ("dependent", _place(event))

    def look(self, key: tuple[str, Any]) -> None:
        what, which = key
        if what == "owner":
            self._owner_gone(which)
        elif what == "namespace":
            self._empty(which)
        else:
            resource, namespace, name = which
            found = _peek(self._context.store, resource, namespace, name)
            if found is not None and what == "leaving":
                self._leave(found)
            elif found is not None:
                self._check(found)

    def _index(self, event: Event) -> None:
        metadata = event.object["metadata"]
        for owner in metadata.get("ownerReferences") or ():
            held = self._dependents.setdefault(owner["uid"], {})
            if event.type == DELETED:
                held.pop(metadata["uid"], None)
            else:
                held[metadata["uid"]] = _place(event)

    def _owner_gone(self, uid: str) -> None:
        for dependent in self._of(uid):
            self._check(dependent)
        if not self._dependents.get(uid):
            self._dependents.pop(uid, None)

    def _of(self, uid: str) -> list[Object]:
        places = list(self._dependents.get(uid, {}).values())
        found = [_peek(self._context.store, *place) for place in places]
        return [one for one in found if one is not None]

    def _check(self, obj: Object) -> None:
        """Delete an object when none of its owners is there any more."""
        owners = obj["metadata"].get("ownerReferences") or ()
        if is_leaving(obj) or any(self._stands(owner, obj) for owner in owners):
            self._finish_owners(obj)
        else:
            self._context.remove(obj)

    def _finish_owners(self, obj: Object) -> None:
        for owner in obj["metadata"].get("ownerReferences") or ():
            found = self._owner(owner, obj)
            if found is not None and is_leaving(found):
                self._leave(found)

    def _stands(self, owner: Object, obj: Object) -> bool:
        found = self._owner(owner, obj)
        if found is None:
            return False
        waits = _WAITS in (found["metadata"].get("finalizers") or ())
        return not (is_leaving(found) and waits and owner.get("blockOwnerDeletion"))

    def _owner(self, owner: Object, obj: Object) -> Object | None:
        catalog = self._context.store.catalog
        for resource in catalog:
            if (resource.api_version, resource.kind) == (owner["apiVersion"], owner["kind"]):
                namespace = obj["metadata"].get("namespace", "") if resource.namespaced else ""
                found = _peek(self._context.store, resource, namespace, owner["name"])
                return found if found and found["metadata"]["uid"] == owner["uid"] else None
        return None

    def _leave(self, obj: Object) -> None:
        finalizers = obj["metadata"].get("finalizers") or []
        dependents = self._of(obj["metadata"]["uid"])
        if _LETS in finalizers:
            for one in dependents:
                self._let_go(one, obj["metadata"]["uid"])
            self._unhold(obj, _LETS)
        elif _WAITS in finalizers:
            for one in dependents:
                if not is_leaving(one):
                    self._context.remove(one)
            blocking = [one for one in self._of(obj["metadata"]["uid"]) if _blocks(one, obj)]
            if not blocking:
                self._unhold(obj, _WAITS)

    def _let_go(self, obj: Object, uid: str) -> None:
        changed = copied(obj)
        owners = changed["metadata"]["ownerReferences"]
        changed["metadata"]["ownerReferences"] = [one for one in owners if one["uid"] != uid]
        self._context.write(changed, by=_BY)
        self._dependents.get(uid, {}).pop(obj["metadata"]["uid"], None)

    def _unhold(self, obj: Object, finalizer: str) -> None:
        changed = copied(obj)
        held = [one for one in changed["metadata"]["finalizers"] if one != finalizer]
        changed["metadata"]["finalizers"] = held
        self._context.write(changed, by=_BY)

    def _empty(self, name: str) -> None:
        """Delete what is in a leaving namespace; with the last object the namespace goes."""
        namespace = self._context.view.one("Namespace", "", name)
        if namespace is None or not is_leaving(namespace):
            return
        inside = [
            obj
            for resource, obj in list(self._context.store.everything())
            if resource.namespaced and obj["metadata"].get("namespace") == name
        ]
        for obj in inside:
            if not is_leaving(obj):
                self._context.remove(obj)
        left = any(
            resource.namespaced and obj["metadata"].get("namespace") == name
            for resource, obj in self._context.store.everything()
        )
        if not left and namespace.get("spec", {}).get("finalizers"):
            changed = copied(namespace)
            changed["spec"]["finalizers"] = []
            self._context.write(changed, by=_BY)


def _place(event: Event) -> tuple[Resource, str, str]:
    metadata = event.object["metadata"]
    return (event.resource, metadata.get("namespace", ""), metadata["name"])


def _peek(store: Store, resource: Resource, namespace: str, name: str) -> Object | None:
    return store.find(resource.api_version, resource.kind, namespace, name)


def _blocks(dependent: Object, owner: Object) -> bool:
    uid = owner["metadata"]["uid"]
    references = dependent["metadata"].get("ownerReferences") or ()
    return any(one["uid"] == uid and one.get("blockOwnerDeletion") for one in references)
