"""The rules of what stands around workloads: settings, services, claims, roles."""

from collections.abc import Iterator
from typing import Any

from inference.simulator.errors import Cause
from inference.simulator.quantities import milli
from inference.simulator.validation import forms, words
from inference.simulator.validation.containers import PROTOCOL
from inference.simulator.validation.forms import CONFIG_KEY, label
from inference.simulator.validation.metadata import labels
from inference.simulator.validation.rules import (
    Check,
    each,
    fields,
    needed,
    one_of,
    port,
    port_or_name,
    text,
    together,
    unique,
    unless_empty,
)

_LARGEST = 1024 * 1024


_KEY = text(CONFIG_KEY)


def _keys(value: Any, at: str) -> Iterator[Cause]:
    for key in value:
        yield from _KEY(key, f"{at}[{key}]")


def _is_not_too_large(value: Any, at: str) -> Iterator[Cause]:
    """That is told of the object as a whole."""
    del at
    parts = ((value.get(name) or {}).values() for name in ("data", "binaryData"))
    if sum(len(part.encode()) for bag in parts for part in bag) > _LARGEST:
        yield words.too_long("", _LARGEST)


CONFIG_MAP = together(fields(data=_keys, binaryData=_keys), _is_not_too_large)
SECRET = fields(data=_keys)

_PORT = fields(
    name=unless_empty(text(label)),
    port=port,
    protocol=PROTOCOL,
    targetPort=port_or_name,
    appProtocol=text(forms.qualified),
)


def _has_ports(value: Any, at: str) -> Iterator[Cause]:
    may_lack = value.get("clusterIP") == "None" or value.get("type") == "ExternalName"
    ports = value.get("ports") or []
    if not ports and not may_lack:
        yield words.required(f"{at}.ports")
    if len(ports) > 1:
        for index, one in enumerate(ports):
            if not one.get("name"):
                yield words.required(f"{at}.ports[{index}].name")


SERVICE = fields(
    spec=together(
        _has_ports,
        fields(
            ports=together(each(_PORT), unique("name")),
            selector=labels,
            sessionAffinity=one_of("ClientIP", "None"),
            type=one_of("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
        ),
    )
)

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def _access_modes(value: Any, at: str) -> Iterator[Cause]:
    for mode in value:
        yield from one_of(*_MODES)(mode, at)


def _has_a_size(value: Any, at: str) -> Iterator[Cause]:
    asked = ((value.get("resources") or {}).get("requests") or {}).get("storage")
    where = f"{at}.resources[storage]"
    if asked is None:
        yield words.required(where)
    elif milli(asked) <= 0:
        yield words.invalid(where, asked, "must be greater than zero")


CLAIM = fields(
    spec=together(
        fields(accessModes=needed(_access_modes, why="at least 1 access mode is required")),
        _has_a_size,
    )
)

_HAS_VERBS = fields(verbs=needed(why="verbs must contain at least one value"))
_HAS_RESOURCES = fields(
    apiGroups=needed(why="resource rules must supply at least one api group"),
    resources=needed(why="resource rules must supply at least one resource"),
)


def _names_resources(value: Any, at: str) -> Iterator[Cause]:
    if not value.get("nonResourceURLs"):
        yield from _HAS_RESOURCES(value, at)


ROLE: Check = fields(rules=each(together(_HAS_VERBS, _names_resources)))
