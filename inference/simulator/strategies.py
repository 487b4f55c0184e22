"""What an API server does to an object around each write, kind by kind."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inference.simulator import defaults, ownership
from inference.simulator.beginnings import begin
from inference.simulator.emptiness import NOTHING_SAID, of_nothing
from inference.simulator.errors import ApiError, Cause, Object, forbidden
from inference.simulator.ownership import APPLY, Manager
from inference.simulator.resources import Resource


@dataclass(slots=True)
class Addresses:
    """Cluster addresses of services, each given once."""

    taken: set[str] = field(default_factory=set)
    last: int = 10

    def give(self) -> str:
        self.last += 1
        address = f"10.96.{self.last // 250}.{self.last % 250 + 1}"
        self.taken.add(address)
        return address


def not_owned_through(resource: Resource, subresource: str) -> tuple[tuple[str, ...], ...]:
    """The fields that a write through this door resets, and so never owns."""
    if subresource == "status":
        return (("f:spec",), ("f:metadata",)) if resource.is_custom else (("f:spec",),)
    return (("f:status",),) if resource.has_status else ()


def complete(resource: Resource, obj: Object, writer: Manager, now: str) -> list[Object]:
    """Fill in a new object in its place; returns who owns what of it.

    What is filled in belongs to who creates, but not to who applies.
    """
    ignored = not_owned_through(resource, writer.subresource)
    if writer.operation == APPLY:
        owned = first_owner(resource, obj, writer, ignored, now)
        defaults.fill(resource, obj)
        return owned
    empty: Object = {
        name: [] for name in NOTHING_SAID.get(resource.kind, ()) if obj.get(name) == []
    }
    defaults.fill(resource, obj)
    return first_owner(resource, obj | empty, writer, ignored, now)


def prepare_create(resource: Resource, obj: Object, addresses: Addresses) -> Object:
    metadata = obj["metadata"]
    if not resource.namespaced:
        metadata.pop("namespace", None)
    if resource.has_generation:
        metadata["generation"] = 1
    if resource.has_status and resource.is_custom:
        obj.pop("status", None)
    begin(resource, obj)
    if resource.shelf == ("", "services"):
        _give_addresses(obj["spec"], addresses)
    return obj


def _give_addresses(spec: Object, addresses: Addresses) -> None:
    if spec["type"] == "ExternalName":
        return
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    if "clusterIP" not in spec:
        spec["clusterIP"] = addresses.give()
    spec["clusterIPs"] = [spec["clusterIP"]]


def prepare_update(resource: Resource, live: Object, new: Object, subresource: str) -> Object:
    defaults.fill(resource, new)
    if subresource == "status":
        status = new.get("status")
        new = {key: part for key, part in live.items() if key != "status"}
        new["metadata"] = {**live["metadata"]}
        if status is not None:
            new["status"] = status
    elif resource.has_status:
        new.pop("status", None)
        if "status" in live:
            new["status"] = live["status"]
    _keep_what_was_given(live["metadata"], new["metadata"])
    if resource.shelf == ("", "services"):
        _keep_addresses(live["spec"], new["spec"])
    if resource.has_generation:
        generation = live["metadata"].get("generation", 1) + _asks_for_more(live, new)
        new["metadata"]["generation"] = generation
    return new


def _keep_what_was_given(live: Object, new: Object) -> None:
    for name in ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"):
        new.pop(name, None)
        if name in live:
            new[name] = live[name]
    new["resourceVersion"] = live["resourceVersion"]


def _asks_for_more(live: Object, new: Object) -> bool:
    """Whether anything but metadata and status differs."""
    return any(
        live.get(key) != new.get(key)
        for key in live.keys() | new.keys()
        if key not in {"metadata", "status"}
    )


def _keep_addresses(live: Object, new: Object) -> None:
    """Who names none keeps them; who names another means it in the list of them too."""
    if not new.get("clusterIP"):
        kept = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
        new.update({name: live[name] for name in kept if name in live})
    elif new["clusterIP"] != live.get("clusterIP"):
        new["clusterIPs"] = [new["clusterIP"]]


def first_owner(
    resource: Resource,
    obj: Object,
    writer: Manager,
    ignored: tuple[tuple[str, ...], ...],
    now: str,
) -> list[Object]:
    empty = of_nothing(resource)
    if writer.operation == APPLY:
        _, owned = ownership.apply(
            resource.node,
            live=empty,
            config=obj,
            manager=writer,
            ignored=ignored,
            force=False,
            now=now,
        )
        return owned
    return ownership.update(
        resource.node, live=empty, new=obj, manager=writer, ignored=ignored, now=now
    )


def is_same(live: Object, new: Object) -> bool:
    """Whether nothing but the times of ownership differ: such a write leaves no trace."""
    return _timeless(live) == _timeless(new)


def _timeless(obj: Object) -> Object:
    owned = [
        {key: part for key, part in entry.items() if key != "time"}
        for entry in obj["metadata"].get("managedFields") or ()
    ]
    return {**obj, "metadata": {**obj["metadata"], "managedFields": owned}}


def mark_deleted(
    resource: Resource,
    live: Object,
    propagation: str,
    grace_seconds: int | None,
    *,
    now: datetime,
) -> Object | None:
    """The object marked for deletion; None where nothing holds it back and no mark is told."""
    metadata = {**live["metadata"]}
    finalizers = list(metadata.get("finalizers") or ())
    word = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}.get(propagation)
    if word and word not in finalizers:
        finalizers.append(word)
    grace = _grace(resource, live, grace_seconds)
    told_first = resource.shelf in {("", "namespaces"), ("", "pods")}
    if not (finalizers or grace > 0 or told_first):
        return None
    if finalizers:
        metadata["finalizers"] = finalizers
    if "deletionTimestamp" not in metadata:
        until = now + timedelta(seconds=grace)
        metadata["deletionTimestamp"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        metadata["deletionGracePeriodSeconds"] = grace
        if resource.has_generation:
            metadata["generation"] = metadata.get("generation", 1) + 1
    elif grace < metadata.get("deletionGracePeriodSeconds", 0):
        metadata["deletionGracePeriodSeconds"] = grace
    marked = {**live, "metadata": metadata}
    if resource.shelf == ("", "namespaces"):
        marked["status"] = {**live.get("status", {}), "phase": "Terminating"}
    return marked


def _grace(resource: Resource, live: Object, asked: int | None) -> int:
    if resource.shelf != ("", "pods") or not live.get("spec", {}).get("nodeName"):
        return 0
    if live.get("status", {}).get("phase") in {"Succeeded", "Failed"}:
        return 0
    usual = live["spec"].get("terminationGracePeriodSeconds", 30)
    return int(usual) if asked is None else asked


def may_go(resource: Resource, obj: Object) -> bool:
    """Whether an object marked for deletion has lost the last thing that held it."""
    metadata = obj["metadata"]
    if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
        return False
    if resource.shelf == ("", "namespaces"):
        return not obj.get("spec", {}).get("finalizers")
    return bool(metadata.get("deletionGracePeriodSeconds", 0) == 0)


def terminating(resource: Resource, metadata: Object) -> ApiError:
    namespace = metadata["namespace"]
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    refused = forbidden(resource.plural, resource.group, metadata["name"], why)
    cause = Cause(
        "NamespaceTerminating", f"namespace {namespace} is being terminated", "metadata.namespace"
    )
    refused.details["causes"] = [cause.entry()]
    return refused
