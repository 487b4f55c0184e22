"""From a raw object to the few fields that assessment reads. Pure, and never raises.

Texts are cut and stripped of control characters, lists and numbers are bounded: what is foreign
stays small. Values of Secrets are never looked at, because Secrets are never watched.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from inference.field_sets import field_set_of
from inference.observation.devices import held, offered

Summary = dict[str, Any]

LONGEST = 300
LAST_WORDS = 600
LARGEST = 2**53
REVISION = "deployment.kubernetes.io/revision"
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+|[\ud800-\udfff]+"
)
_ERROR = re.compile(r'"error":\s*"((?:[^"\\]|\\.)+)"')
"""As the structured loggers of controllers and pickers write it."""
_OF_PODS = {"PodScheduled", "Ready", "DisruptionTarget"}
_RIGHTS = {"Role": ("rules",), "RoleBinding": ("roleRef", "subjects")}
"""Fields that give a picker its rights."""


def text(value: Any, longest: int = LONGEST) -> str:
    """A foreign text, fit to be stored and shown as text."""
    if not isinstance(value, str):
        return ""
    return _INVISIBLE.sub(" ", value[: 4 * longest]).strip()[:longest]


def ending(value: Any, longest: int = LAST_WORDS) -> str:
    """The end of a foreign text: a log tells at its end what it ended for."""
    if not isinstance(value, str):
        return ""
    return _INVISIBLE.sub(" ", value[-4 * longest :]).strip()[-longest:]


def last_words(message: Any) -> str:
    """Why a container ended: the error of a structured log's last line, or the end of a log."""
    if not isinstance(message, str):
        return ""
    tail = message[-4 * LAST_WORDS :].rstrip()
    errors = _ERROR.findall(tail) if tail.endswith("}") else []
    try:
        return ending(json.loads(f'"{errors[-1]}"')) if errors else ending(message)
    except ValueError:
        return ending(message)


def number(value: Any) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return min(value, LARGEST) if is_count else 0


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def summary_of(manifest: dict[str, Any]) -> Summary:
    """Empty for a kind whose mere existence is all that matters."""
    make = _BY_KIND.get(text(manifest.get("kind")))
    return make(manifest) if make else {}


def conditions(status: dict[str, Any], most: int = 20) -> dict[str, Summary]:
    """By type: status, reason, message, and the generation that each was said about."""
    return {
        text(one.get("type")): {
            "status": text(one.get("status")),
            "reason": text(one.get("reason")),
            "message": text(one.get("message")),
            "generation": number(one.get("observedGeneration")),
        }
        for one in mappings(status.get("conditions"))[:most]
    }


def _parts(manifest: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    return (
        mapping(manifest.get("metadata")),
        mapping(manifest.get("spec")),
        mapping(manifest.get("status")),
    )


def _replicated(manifest: dict[str, Any]) -> Summary:
    metadata, spec, status = _parts(manifest)
    counts = ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas")
    revision = text(mapping(metadata.get("annotations")).get(REVISION))
    return {
        "wanted": number(spec.get("replicas", 1)),
        **{count: number(status.get(count)) for count in counts},
        "revision": revision if revision.isdecimal() else "",
        "conditions": conditions(status),
    }


def _pod(manifest: dict[str, Any]) -> Summary:
    metadata, spec, status = _parts(manifest)
    gates = [text(one.get("name")) for one in mappings(spec.get("schedulingGates"))]
    return {
        "phase": text(status.get("phase")),
        "reason": text(status.get("reason")),
        "message": text(status.get("message")),
        "node": text(spec.get("nodeName")),
        "ip": text(status.get("podIP")),
        "devices": held(spec),
        "gates": gates[:5],
        "made": text(metadata.get("creationTimestamp")),
        "is_ending": isinstance(metadata.get("deletionTimestamp"), str),
        "config_maps": sorted(set(_config_maps(spec)))[:5],
        "conditions": _conditions_of_pod(status),
        "containers": [
            _container(one)
            for key in ("initContainerStatuses", "containerStatuses")
            for one in mappings(status.get(key))[:6]
        ],
    }


def _conditions_of_pod(status: dict[str, Any]) -> dict[str, Summary]:
    """Those that count, each with the time since when it is so."""
    told = {text(one.get("type")): one for one in mappings(status.get("conditions"))[:30]}
    return {
        kind: one | {"since": text(told[kind].get("lastTransitionTime"))}
        for kind, one in conditions(status, 30).items()
        if kind in _OF_PODS
    }


def _config_maps(spec: dict[str, Any]) -> Iterator[str]:
    """Those that are mounted and must be there: where one is not, no status says so."""
    for volume in mappings(spec.get("volumes")):
        source = mapping(volume.get("configMap"))
        if source.get("optional") is not True and isinstance(source.get("name"), str):
            yield text(source["name"])


def _container(status: dict[str, Any]) -> Summary:
    state = mapping(status.get("state"))
    last = mapping(mapping(status.get("lastState")).get("terminated"))
    ended = mapping(state.get("terminated")) or last
    waiting, running = mapping(state.get("waiting")), mapping(state.get("running"))
    return {
        "name": text(status.get("name")),
        "ready": status.get("ready") is True,
        "started": status.get("started") is True,
        "restarts": number(status.get("restartCount")),
        "running_since": text(running.get("startedAt")),
        "waiting": text(waiting.get("reason")),
        "message": text(waiting.get("message")),
        "ended": text(ended.get("reason")),
        "exit_code": number(ended.get("exitCode")),
        "last_words": last_words(ended.get("message")),
    }


def _gateway(manifest: dict[str, Any]) -> Summary:
    _, spec, status = _parts(manifest)
    said = {text(one.get("name")): one for one in mappings(status.get("listeners"))[:64]}
    addresses = [text(one.get("value")) for one in mappings(status.get("addresses"))]
    return {
        "addresses": [address for address in addresses if address][:5],
        "listeners": [
            {
                "name": text(one.get("name")),
                "port": number(one.get("port")),
                "protocol": text(one.get("protocol")),
                "hostname": text(one.get("hostname")),
                "conditions": conditions(mapping(said.get(text(one.get("name"))))),
            }
            for one in mappings(spec.get("listeners"))[:20]
        ],
        "conditions": conditions(status),
    }


def _parents(manifest: dict[str, Any]) -> Summary:
    _, _, status = _parts(manifest)
    return {
        "parents": [
            {
                "gateway": text(mapping(one.get("parentRef")).get("name")),
                "namespace": text(mapping(one.get("parentRef")).get("namespace")),
                "listener": text(mapping(one.get("parentRef")).get("sectionName")),
                "conditions": conditions(one),
            }
            for one in mappings(status.get("parents"))[:32]
        ]
    }


def _route(manifest: dict[str, Any]) -> Summary:
    _, spec, _ = _parts(manifest)
    pools = {
        text(backend.get("name"))
        for rule in mappings(spec.get("rules"))[:16]
        for backend in mappings(rule.get("backendRefs"))[:16]
        if backend.get("kind") == "InferencePool" and backend.get("weight", 1) != 0
    }
    return _parents(manifest) | {"pools": sorted(pools)}


def _node(manifest: dict[str, Any]) -> Summary:
    """What it has of devices, and whether pods may come: nothing that changes with each heartbeat.

    A device that is out of order is in its capacity, and not in what is allocatable.
    """
    _, spec, status = _parts(manifest)
    return {
        "unschedulable": spec.get("unschedulable") is True,
        "capacity": offered(status.get("capacity")),
        "allocatable": offered(status.get("allocatable")),
        "taints": [
            {part: text(one.get(part)) for part in ("key", "value", "effect")}
            for one in mappings(spec.get("taints"))[:20]
        ],
        "conditions": {
            kind: one for kind, one in conditions(status, 30).items() if kind == "Ready"
        },
    }


def _rights(manifest: dict[str, Any]) -> Summary:
    """Which of the fields that give rights are no longer as we applied them.

    Whoever changes a field takes its ownership from us; that is all that can be seen here, since
    what was pushed is known to delivery only.
    """
    entries = mappings(mapping(manifest.get("metadata")).get("managedFields"))
    ours = field_set_of({"metadata": {"managedFields": entries}})
    wanted = _RIGHTS[manifest["kind"]]
    return {"taken": [field for field in wanted if f"f:{field}" not in ours]}


_BY_KIND: dict[str, Callable[[dict[str, Any]], Summary]] = {
    "Deployment": _replicated,
    "ReplicaSet": _replicated,
    "Pod": _pod,
    "Gateway": _gateway,
    "HTTPRoute": _route,
    "InferencePool": _parents,
    "Node": _node,
    "Role": _rights,
    "RoleBinding": _rights,
}
