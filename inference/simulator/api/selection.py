"""Which objects of a kind a request means: by labels and by the few fields that are indexed."""

import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from inference.simulator.errors import Object, bad_request
from inference.simulator.resources import Resource
from inference.simulator.selectors import Selector, selects_labels

_TERM = re.compile(r"^(?P<path>[^=!]+?)(?P<word>==|=|!=)(?P<value>[^=!]*)$")
_EVERYWHERE = ("metadata.name", "metadata.namespace")
_INDEXED = {
    ("", "pods"): ("spec.nodeName", "status.phase", "status.podIP", "spec.serviceAccountName"),
    ("", "namespaces"): ("status.phase",),
    ("", "nodes"): ("spec.unschedulable",),
    ("", "secrets"): ("type",),
    ("apps", "replicasets"): ("status.replicas",),
    ("", "events"): (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "reason",
        "type",
    ),
}


@dataclass(frozen=True, slots=True)
class Selection:
    labels: Selector
    fields: tuple[tuple[str, bool, str], ...] = ()
    namespace: str = ""

    def __bool__(self) -> bool:
        return bool(self.labels) or bool(self.fields)

    def holds(self, obj: Object) -> bool:
        metadata = obj["metadata"]
        if self.namespace and metadata.get("namespace") != self.namespace:
            return False
        if self.labels and not selects_labels(self.labels, metadata.get("labels") or {}):
            return False
        return all((_value(obj, path) == value) is same for path, same, value in self.fields)


def selection(resource: Resource, namespace: str, query: QueryParams) -> Selection:
    """Raises ApiError, 400, for what is no selector."""
    text = query.get("labelSelector", "")
    try:
        labels = Selector.parse(text)
    except ValueError as error:
        raise bad_request(f"unable to parse requirement: {error}") from None
    fields = tuple(
        _term(resource, part) for part in query.get("fieldSelector", "").split(",") if part
    )
    return Selection(labels, fields, namespace)


def _term(resource: Resource, text: str) -> tuple[str, bool, str]:
    found = _TERM.match(text)
    if not found:
        raise bad_request(f"invalid selector: '{text}'; can't understand '{text}'")
    known = (*_EVERYWHERE, *_INDEXED.get(resource.shelf, ()))
    if found["path"] not in known:
        raise bad_request(_unknown(resource, found["path"]))
    return found["path"], found["word"] != "!=", found["value"]


def _unknown(resource: Resource, path: str) -> str:
    if resource.shelf in _INDEXED:
        return f"field label not supported: {path}"
    return f'"{path}" is not a known field selector: only ' + ", ".join(
        f'"{one}"' for one in _EVERYWHERE
    )


def _value(obj: Object, path: str) -> str:
    value: Any = obj
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
