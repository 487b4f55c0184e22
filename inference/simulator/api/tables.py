"""Objects as rows: what kubectl prints of each kind."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from inference.simulator.errors import Object
from inference.simulator.resources import Resource

_META = "meta.k8s.io/v1"
Cell = Callable[[Object], Any]
_SPANS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def table(
    resource: Resource, objects: Iterable[Object], now: float, include: str, metadata: Object
) -> Object:
    """`include` says what each row holds of its object: None, Metadata or Object."""
    columns = _COLUMNS.get(resource.shelf, ())
    shown = ["Name", *(name for name, _, _ in columns), "Age"]
    types = ["string", *(kind for _, kind, _ in columns), "string"]
    definitions = [
        {
            "name": name,
            "type": kind,
            "format": "name" if name == "Name" else "",
            "description": "",
            "priority": 0,
        }
        for name, kind in zip(shown, types, strict=True)
    ]
    rows = [_row(obj, [cell for _, _, cell in columns], now, include) for obj in objects]
    return {
        "kind": "Table",
        "apiVersion": _META,
        "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": rows,
    }


def _row(obj: Object, cells: list[Cell], now: float, include: str) -> Object:
    metadata = obj["metadata"]
    told = [metadata.get("name", ""), *(cell(obj) for cell in cells)]
    row: Object = {"cells": [*told, age(metadata.get("creationTimestamp"), now)]}
    if include == "Object":
        row["object"] = obj
    elif include != "None":
        row["object"] = {
            "kind": "PartialObjectMetadata",
            "apiVersion": _META,
            "metadata": metadata,
        }
    return row


def age(stamp: str | None, now: float) -> str:
    if not stamp:
        return "<unknown>"
    born = datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    passed = max(0, int(now - born))
    for seconds, unit in _SPANS:
        if passed >= 2 * seconds or unit == "s":
            return f"{passed // seconds}{unit}"
    return "0s"


def _spec(obj: Object) -> Object:
    found: Object = obj.get("spec") or {}
    return found


def _status(obj: Object) -> Object:
    found: Object = obj.get("status") or {}
    return found


def _ready_replicas(obj: Object) -> str:
    return f"{_status(obj).get('readyReplicas', 0)}/{_spec(obj).get('replicas', 1)}"


def _ready_containers(obj: Object) -> str:
    told = _status(obj).get("containerStatuses") or ()
    ready = sum(1 for one in told if one.get("ready"))
    return f"{ready}/{len(_spec(obj).get('containers') or ())}"


def _pod_phase(obj: Object) -> str:
    if "deletionTimestamp" in obj["metadata"]:
        return "Terminating"
    for one in _status(obj).get("containerStatuses") or ():
        state = one.get("state") or {}
        for word in ("waiting", "terminated"):
            reason = (state.get(word) or {}).get("reason")
            if reason:
                return str(reason)
    return str(_status(obj).get("phase", "Unknown"))


def _restarts(obj: Object) -> str:
    told = _status(obj).get("containerStatuses") or ()
    return str(sum(one.get("restartCount", 0) for one in told))


def _data(obj: Object) -> int:
    return len(obj.get("data") or {}) + len(obj.get("binaryData") or {})


def _ports(obj: Object) -> str:
    ports = _spec(obj).get("ports") or ()
    return ",".join(f"{one['port']}/{one.get('protocol', 'TCP')}" for one in ports) or "<none>"


def _node_status(obj: Object) -> str:
    for one in _status(obj).get("conditions") or ():
        if one["type"] == "Ready":
            return "Ready" if one["status"] == "True" else "NotReady"
    return "Unknown"


def _hosts(obj: Object) -> str:
    return ",".join(_spec(obj).get("hostnames") or ()) or "*"


_COLUMNS: dict[tuple[str, str], tuple[tuple[str, str, Cell], ...]] = {
    ("", "configmaps"): (("Data", "string", _data),),
    ("", "secrets"): (
        ("Type", "string", lambda obj: obj.get("type", "Opaque")),
        ("Data", "string", _data),
    ),
    ("", "namespaces"): (("Status", "string", lambda obj: _status(obj).get("phase", "")),),
    ("", "nodes"): (
        ("Status", "string", _node_status),
        (
            "Version",
            "string",
            lambda obj: (_status(obj).get("nodeInfo") or {}).get("kubeletVersion", ""),
        ),
    ),
    ("", "pods"): (
        ("Ready", "string", _ready_containers),
        ("Status", "string", _pod_phase),
        ("Restarts", "string", _restarts),
    ),
    ("", "services"): (
        ("Type", "string", lambda obj: _spec(obj).get("type", "ClusterIP")),
        ("Cluster-IP", "string", lambda obj: _spec(obj).get("clusterIP", "<none>")),
        ("Port(s)", "string", _ports),
    ),
    ("", "events"): (
        ("Type", "string", lambda obj: obj.get("type", "")),
        ("Reason", "string", lambda obj: obj.get("reason", "")),
        ("Message", "string", lambda obj: obj.get("message", "")),
    ),
    ("apps", "deployments"): (
        ("Ready", "string", _ready_replicas),
        ("Up-to-date", "integer", lambda obj: _status(obj).get("updatedReplicas", 0)),
        ("Available", "integer", lambda obj: _status(obj).get("availableReplicas", 0)),
    ),
    ("apps", "replicasets"): (
        ("Desired", "integer", lambda obj: _spec(obj).get("replicas", 1)),
        ("Current", "integer", lambda obj: _status(obj).get("replicas", 0)),
        ("Ready", "integer", lambda obj: _status(obj).get("readyReplicas", 0)),
    ),
    ("gateway.networking.k8s.io", "httproutes"): (("Hostnames", "string", _hosts),),
}
