"""From a raw object to the few fields that assessment reads. Pure, and never raises.

Texts are cut and stripped of control characters; values of Secrets are never looked at, because
Secrets are never watched.
"""

import re
from collections.abc import Callable
from typing import Any

Summary = dict[str, Any]

LONGEST = 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def text(value: Any) -> str:
    """A foreign text, fit to be stored and shown as text."""
    return _CONTROL.sub(" ", value).strip()[:LONGEST] if isinstance(value, str) else ""


def number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def summary_of(manifest: dict[str, Any]) -> Summary:
    """Empty for a kind whose mere existence is all that matters."""
    make = _BY_KIND.get(text(manifest.get("kind")))
    return make(mapping(manifest.get("spec")), mapping(manifest.get("status"))) if make else {}


def conditions(status: dict[str, Any]) -> dict[str, Summary]:
    """By type: status, reason, message, and the generation that each was said about."""
    return {
        text(one.get("type")): {
            "status": text(one.get("status")),
            "reason": text(one.get("reason")),
            "message": text(one.get("message")),
            "generation": number(one.get("observedGeneration")),
        }
        for one in mappings(status.get("conditions"))[:20]
    }


def _deployment(spec: dict[str, Any], status: dict[str, Any]) -> Summary:
    counts = ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas")
    return {
        "wanted": number(spec.get("replicas", 1)),
        **{count: number(status.get(count)) for count in counts},
        "conditions": conditions(status),
    }


def _pod(spec: dict[str, Any], status: dict[str, Any]) -> Summary:
    gates = [text(one.get("name")) for one in mappings(spec.get("schedulingGates"))]
    return {
        "phase": text(status.get("phase")),
        "node": text(spec.get("nodeName")),
        "ip": text(status.get("podIP")),
        "gates": gates[:5],
        "conditions": conditions(status),
        "containers": [
            _container(one)
            for key in ("initContainerStatuses", "containerStatuses")
            for one in mappings(status.get(key))[:10]
        ],
    }


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
        "last_words": text(ended.get("message")),
    }


def _gateway(spec: dict[str, Any], status: dict[str, Any]) -> Summary:
    listeners = mappings(spec.get("listeners"))[:20]
    return {
        "addresses": [text(one.get("value")) for one in mappings(status.get("addresses"))][:5],
        "listeners": [
            {
                "name": text(one.get("name")),
                "port": number(one.get("port")),
                "protocol": text(one.get("protocol")),
                "hostname": text(one.get("hostname")),
            }
            for one in listeners
        ],
        "conditions": conditions(status),
    }


def _parents(_spec: dict[str, Any], status: dict[str, Any]) -> Summary:
    return {
        "parents": [
            {
                "gateway": text(mapping(one.get("parentRef")).get("name")),
                "namespace": text(mapping(one.get("parentRef")).get("namespace")),
                "conditions": conditions(one),
            }
            for one in mappings(status.get("parents"))[:10]
        ]
    }


def _node(spec: dict[str, Any], status: dict[str, Any]) -> Summary:
    allocatable = mapping(status.get("allocatable"))
    return {
        "unschedulable": spec.get("unschedulable") is True,
        "allocatable": {text(name): text(value) for name, value in list(allocatable.items())[:40]},
        "conditions": conditions(status),
    }


_BY_KIND: dict[str, Callable[[dict[str, Any], dict[str, Any]], Summary]] = {
    "Deployment": _deployment,
    "Pod": _pod,
    "Gateway": _gateway,
    "HTTPRoute": _parents,
    "InferencePool": _parents,
    "Node": _node,
}
