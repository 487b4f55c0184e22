"""Requests that change something: POST, PUT, PATCH and DELETE of objects."""

import secrets
from typing import Any

from inference.simulator import authorization, preconditions
from inference.simulator.admission import Admit
from inference.simulator.api import bodies, json_patch, options, scales, strategic
from inference.simulator.api.calls import Call, Reply
from inference.simulator.api.forms import several
from inference.simulator.api.negotiation import Form, unknown_format
from inference.simulator.api.selection import selection
from inference.simulator.errors import Cause, Object, bad_request, invalid
from inference.simulator.resources import Resource
from inference.simulator.rules import Attributes
from inference.simulator.store import Store
from inference.simulator.values import copied

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_RETURNED = {
    ("", "pods"),
    ("", "services"),
    ("", "persistentvolumeclaims"),
    ("", "serviceaccounts"),
}
"""Kinds whose deletion answers with the object."""


class Writing:
    """Each method takes a call that is allowed already. Raises ApiError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, resource: Resource, call: Call) -> Reply:
        options.check(call)
        obj = bodies.parsed(call, resource)
        bodies.settle(resource, obj, call.target.namespace, "")
        _name(resource, obj)
        made = self._store.create(
            obj, manager=call.manager, dry_run=call.is_dry_run, admit=self._admit(call)
        )
        return Reply(made, 201)

    def update(self, resource: Resource, call: Call) -> Reply:
        options.check(call)
        target = call.target
        if target.subresource == scales.NAME:
            scale = bodies.parsed(call, scales.SCALE)
            bodies.settle(scales.SCALE, scale, target.namespace, target.name)
            return Reply(self._scale(resource, call, scale))
        obj = bodies.parsed(call, resource)
        bodies.settle(resource, obj, target.namespace, target.name)
        self._store.peek(resource, _where(resource, call), target.name)
        if resource.is_custom and not obj["metadata"].get("resourceVersion"):
            why = "Invalid value: 0: must be specified for an update"
            cause = Cause("FieldValueInvalid", why, "metadata.resourceVersion")
            raise invalid(resource.plural, resource.group, target.name, [cause])
        return Reply(self._update(call, obj))

    def patch(self, resource: Resource, call: Call) -> Reply:
        accepted = _accepted(resource)
        if call.media not in accepted:
            raise unknown_format(", ".join(accepted))
        options.check(call, applies=call.media == APPLY)
        if call.media == APPLY:
            return self._apply(resource, call)
        if call.target.subresource == scales.NAME:
            live = scales.read(self._peek(resource, call))
            return Reply(self._scale(resource, call, _patched(scales.SCALE, call, live)))
        live = self._peek(resource, call)
        changed = bodies.patched(call, resource, copied(_patched(resource, call, live)))
        bodies.settle(resource, changed, _where(resource, call), call.target.name)
        preconditions.check_patch(resource, live, changed["metadata"].get("uid"), None)
        return Reply(self._update(call, changed))

    def delete(self, resource: Resource, call: Call) -> Reply:
        asked = options.deletion(call)
        call.options = asked.told()
        obj, is_gone = self._store.delete(
            resource.api_version,
            resource.kind,
            _where(resource, call),
            call.target.name,
            uid=asked.uid,
            resource_version=asked.resource_version,
            propagation=asked.propagation or "Background",
            grace_seconds=asked.grace_seconds,
            dry_run=asked.is_dry_run,
        )
        if not is_gone or resource.shelf in _RETURNED:
            return Reply(obj)
        return Reply(_success(resource, obj))

    def delete_collection(self, resource: Resource, call: Call) -> Reply:
        asked = options.deletion(call)
        call.options = asked.told()
        chosen = selection(resource, call.target.namespace, call.query)
        found = [obj for obj in self._store.scan(resource) if chosen.holds(obj)]
        for obj in list(found):
            metadata = obj["metadata"]
            self._store.delete(
                resource.api_version,
                resource.kind,
                metadata.get("namespace", ""),
                metadata["name"],
                propagation=asked.propagation or "Background",
                grace_seconds=asked.grace_seconds,
                dry_run=asked.is_dry_run,
            )
        version = {"resourceVersion": str(self._store.revision)}
        return Reply(several(Form(), resource, found, version, 0.0))

    def _apply(self, resource: Resource, call: Call) -> Reply:
        target = call.target
        obj = bodies.applied(call, resource)
        bodies.settle(resource, obj, target.namespace, target.name)
        found = self._store.find(
            resource.api_version, resource.kind, _where(resource, call), target.name
        )
        if found is None and not target.subresource:
            self._check_may_create(call)
        applied = self._store.apply(
            obj,
            manager=call.manager,
            force=call.flag("force"),
            subresource=target.subresource,
            dry_run=call.is_dry_run,
            admit=self._admit(call),
        )
        return Reply(applied.object, 201 if applied.created else 200)

    def _check_may_create(self, call: Call) -> None:
        target = call.target
        asked = Attributes(
            "create", target.group, target.resource, "", target.namespace, target.name
        )
        authorization.check(self._store, call.user, asked)

    def _scale(self, resource: Resource, call: Call, scale: Object) -> Object:
        changed = scales.written(self._peek(resource, call), scale)
        return scales.read(self._update(call, changed))

    def _update(self, call: Call, obj: Object) -> Object:
        return self._store.update(
            obj,
            manager=call.manager,
            subresource=call.target.subresource,
            dry_run=call.is_dry_run,
            admit=self._admit(call),
        )

    def _peek(self, resource: Resource, call: Call) -> Object:
        return self._store.peek(resource, _where(resource, call), call.target.name)

    def _admit(self, call: Call) -> Admit:
        return authorization.guard(self._store, call.user)


def _where(resource: Resource, call: Call) -> str:
    return call.target.namespace if resource.namespaced else ""


def _accepted(resource: Resource) -> tuple[str, ...]:
    return (JSON_PATCH, MERGE, *(() if resource.is_custom else (STRATEGIC,)), APPLY)


def _patched(resource: Resource, call: Call, live: Object) -> Object:
    patch: Any = bodies.patch(call)
    if call.media != JSON_PATCH and not isinstance(patch, dict):
        raise bad_request("error decoding patch: the value is no object")
    if call.media == JSON_PATCH:
        changed = json_patch.json_patched(live, patch)
    elif call.media == STRATEGIC:
        changed = strategic.patched(resource.node, live, patch)
    else:
        changed = json_patch.merge_patched(live, patch)
    found: Object = changed
    return found


def _name(resource: Resource, obj: Object) -> None:
    """Make up the rest of a name where a beginning is given."""
    metadata = obj["metadata"]
    if metadata.get("name"):
        return
    if not metadata.get("generateName"):
        why = "Required value: name or generateName is required"
        cause = Cause("FieldValueRequired", why, "metadata.name")
        raise invalid(resource.kind, resource.group, "", [cause])
    rest = "".join(secrets.choice(_LETTERS) for _ in range(5))
    metadata["name"] = metadata["generateName"] + rest


def _success(resource: Resource, obj: Object) -> Object:
    metadata = obj["metadata"]
    details = {"name": metadata["name"], "group": resource.group, "kind": resource.plural}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {
            **{key: value for key, value in details.items() if value},
            "uid": metadata["uid"],
        },
    }
