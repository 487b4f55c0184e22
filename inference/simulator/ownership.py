"""Who owns which field: `managedFields` after an update and after a server-side apply."""

from dataclasses import dataclass
from typing import Any

from inference.simulator import fieldsets
from inference.simulator.errors import ApiError, Cause, Object
from inference.simulator.fieldsets import FieldSet
from inference.simulator.merge import (
    Comparison,
    Unmergeable,
    compare,
    fields_of,
    merge,
    named_members,
    remove,
)
from inference.simulator.structure import Node

APPLY, UPDATE = "Apply", "Update"

_SERVER_OWNED = (
    ("f:apiVersion",),
    ("f:kind",),
    ("f:metadata", "f:name"),
    ("f:metadata", "f:namespace"),
    ("f:metadata", "f:creationTimestamp"),
    ("f:metadata", "f:selfLink"),
    ("f:metadata", "f:uid"),
    ("f:metadata", "f:generation"),
    ("f:metadata", "f:managedFields"),
    ("f:metadata", "f:resourceVersion"),
)


@dataclass(frozen=True, slots=True)
class Manager:
    """Who writes, how, through which version, and into which subresource."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""

    def identity(self) -> tuple[str, str, str, str]:
        """One applier stays itself across versions; an updater does not."""
        version = "" if self.operation == APPLY else self.api_version
        return (self.name, self.operation, version, self.subresource)


@dataclass(frozen=True, slots=True)
class Owned:
    manager: Manager
    fields: FieldSet
    time: str

    def entry(self) -> Object:
        entry: Object = {
            "manager": self.manager.name,
            "operation": self.manager.operation,
            "apiVersion": self.manager.api_version,
        }
        if self.time:
            entry["time"] = self.time
        entry["fieldsType"] = "FieldsV1"
        entry["fieldsV1"] = self.fields
        if self.manager.subresource:
            entry["subresource"] = self.manager.subresource
        return entry


Ownership = dict[tuple[str, str, str, str], Owned]


def read(obj: Object) -> Ownership:
    owned: Ownership = {}
    for entry in obj["metadata"].get("managedFields") or ():
        manager = Manager(
            entry.get("manager", ""),
            entry.get("operation", UPDATE),
            entry.get("apiVersion", ""),
            entry.get("subresource", ""),
        )
        owned[manager.identity()] = Owned(
            manager, entry.get("fieldsV1") or {}, entry.get("time", "")
        )
    return owned


def write(owned: Ownership) -> list[Object]:
    return [
        part.entry()
        for part in sorted(
            owned.values(),
            key=lambda part: (
                part.manager.operation,
                part.time,
                part.manager.name,
                part.manager.api_version,
                part.manager.subresource,
            ),
        )
        if part.fields
    ]


def record(metadata: Object, owned: list[Object]) -> None:
    """Say in `metadata` who owns what; where nobody owns anything, nothing."""
    metadata.pop("managedFields", None)
    if owned:
        metadata["managedFields"] = owned


def update(
    node: Node,
    *,
    live: Object,
    new: Object,
    manager: Manager,
    ignored: tuple[tuple[str, ...], ...],
    now: str,
) -> list[Object]:
    """The ownership after `manager` has written `new`: what it changed is now its own."""
    owned = read(live)
    try:
        changes = compare(node, _bare(live), _bare(new))
    except Unmergeable:
        # Nobody is asked whose items these are: what cannot be told apart will be refused.
        return write(owned)
    taken = fieldsets.union(changes.added, changes.modified)
    for identity, part in list(owned.items()):
        if identity != manager.identity():
            kept = fieldsets.difference(part.fields, taken)
            kept = fieldsets.difference(kept, changes.removed)
            owned[identity] = Owned(part.manager, kept, part.time)
    mine = owned.get(manager.identity())
    before = mine.fields if mine else {}
    after = fieldsets.union(fieldsets.difference(before, changes.removed), taken)
    after = _strip(after, ignored)
    changed = after != before or not changes.is_empty
    time = now if changed or mine is None else mine.time
    owned[manager.identity()] = Owned(manager, after, time)
    return write(owned)


def apply(
    node: Node,
    *,
    live: Object,
    config: Object,
    manager: Manager,
    ignored: tuple[tuple[str, ...], ...],
    force: bool,
    now: str,
) -> tuple[Object, list[Object]]:
    """Merge `config` into `live`, take out what its manager no longer asks for, settle ownership.

    Raises the conflict of Kubernetes' own words when another manager owns a value that changes.
    """
    owned = read(live)
    identity = manager.identity()
    mine = owned.get(identity)
    bare = _bare(live)
    named = fields_of(node, config)
    asked = _strip(named, ignored)
    merged = merge(node, bare, config)
    owned[identity] = Owned(manager, asked, mine.time if mine else "")
    if mine and mine.fields != asked:
        merged = _prune(node, merged, owned, mine.fields, named)
    changes = Comparison() if merged == bare else compare(node, bare, merged)
    others = {key: part for key, part in owned.items() if key != identity}
    taken = fieldsets.union(changes.added, changes.modified)
    _settle(owned, others, taken, changes.removed, force=force)
    if not changes.is_empty:
        owned[identity] = Owned(manager, asked, now)
    return merged, write(owned)


def _prune(
    node: Node, merged: Object, owned: Ownership, last: FieldSet, claimed: FieldSet
) -> Object:
    """Remove what the manager asked for last time, and neither it nor anyone asks for now."""
    for part in owned.values():
        claimed = fieldsets.union(claimed, part.fields)
    gone = fieldsets.difference(named_members(node, last), named_members(node, claimed))
    return remove(node, merged, gone) if gone else merged


def _settle(
    owned: Ownership, others: Ownership, taken: FieldSet, removed: FieldSet, *, force: bool
) -> None:
    contested: list[tuple[Owned, FieldSet]] = []
    for identity, part in others.items():
        both = fieldsets.intersection(part.fields, taken)
        if both:
            contested.append((part, both))
        kept = fieldsets.difference(fieldsets.difference(part.fields, both), removed)
        owned[identity] = Owned(part.manager, kept, part.time)
    if contested and not force:
        raise _conflict(contested)


def _conflict(contested: list[tuple[Owned, FieldSet]]) -> ApiError:
    causes: list[Cause] = []
    by_manager: dict[str, list[str]] = {}
    for part, fields in sorted(contested, key=lambda pair: pair[0].manager.identity()):
        told = _introduce(part)
        for path in fieldsets.paths(fields):
            causes.append(Cause("FieldManagerConflict", f"conflict with {told}", path))
            by_manager.setdefault(told, []).append(path)
    if len(causes) == 1:
        message = f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}"
    else:
        lines = [
            "\n- ".join([f"conflicts with {told}:", *fields_told])
            for told, fields_told in by_manager.items()
        ]
        message = f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines)
    details: dict[str, Any] = {"causes": [cause.entry() for cause in causes]}
    return ApiError(409, "Conflict", message, details=details)


def _introduce(part: Owned) -> str:
    told = f'"{part.manager.name}"'
    if part.manager.subresource:
        told += f' with subresource "{part.manager.subresource}"'
    if part.manager.operation == UPDATE:
        told += f" using {part.manager.api_version}"
    return told


def _bare(obj: Object) -> Object:
    metadata = {key: part for key, part in obj["metadata"].items() if key != "managedFields"}
    return {**obj, "metadata": metadata}


def _strip(fields: FieldSet, ignored: tuple[tuple[str, ...], ...]) -> FieldSet:
    for prefix in (*_SERVER_OWNED, *ignored):
        fields = fieldsets.without(fields, prefix)
    metadata = fields.get("f:metadata")
    if metadata is not None and fieldsets.SELF in metadata:
        rest = {key: part for key, part in metadata.items() if key != fieldsets.SELF}
        fields = {**fields, "f:metadata": rest}
        if not rest:
            fields = {key: part for key, part in fields.items() if key != "f:metadata"}
    return fields
