"""The rules of containers: images, variables, ports, probes, resources."""

import re
from collections.abc import Iterator
from typing import Any

from inference.simulator.errors import Cause
from inference.simulator.quantities import milli
from inference.simulator.validation import forms, words
from inference.simulator.validation.forms import SUBDOMAIN, label
from inference.simulator.validation.rules import (
    each,
    exactly_one,
    fields,
    needed,
    not_negative,
    one_of,
    port,
    port_or_name,
    text,
    together,
    unique,
    unless_empty,
)

PROTOCOL = one_of("SCTP", "TCP", "UDP")
_OWN_RESOURCES = {"cpu", "memory", "ephemeral-storage", "storage"}
_FIELDS = {
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
}
"""What of its pod a variable may hold, besides single labels and annotations."""
_KEY_OF_A_MAP = re.compile(r"metadata\.(labels|annotations)\['.+'\]")


def _field_of_the_pod(value: Any, at: str) -> Iterator[Cause]:
    if value not in _FIELDS and not _KEY_OF_A_MAP.fullmatch(value):
        why = f"error converting fieldPath: field label not supported: {value}"
        yield words.invalid(at, value, why)


_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef")


def _one_source(value: Any, at: str) -> Iterator[Cause]:
    source = value.get("valueFrom")
    if source is None:
        return
    if not any(source.get(name) is not None for name in _SOURCES):
        listed = ", ".join(f"`{name}`" for name in _SOURCES)
        yield words.invalid(f"{at}.valueFrom", "", f"must specify one of: {listed} or `fileKeyRef`")
    elif value.get("value"):
        why = "may not be specified when `value` is not empty"
        yield words.invalid(f"{at}.valueFrom", "", why)


def _mounted_apart(value: Any, at: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, mount in enumerate(value):
        path = mount.get("mountPath", "")
        if path in seen:
            yield words.invalid(f"{at}[{index}].mountPath", path, "must be unique")
        seen.add(path)


def _once(value: Any, at: str) -> Iterator[Cause]:
    if value != 1:
        yield words.invalid(at, value, "must be 1")


def _is_whole(name: str) -> bool:
    """Accelerators and their like: counted, never shared, never promised twice."""
    return "/" in name and "kubernetes.io/" not in name


def _amount(name: str, value: Any, at: str) -> Iterator[Cause]:
    if "/" not in name and name not in _OWN_RESOURCES and not name.startswith("hugepages-"):
        yield words.invalid(at, name, "must be a standard resource type or fully qualified")
        yield words.invalid(at, name, "must be a standard resource for containers")
    if milli(value) < 0:
        yield words.invalid(at, value, "must be greater than or equal to 0")
    if _is_whole(name) and milli(value) % 1000:
        yield words.invalid(at, value, "must be an integer")


def _amounts(value: Any, at: str) -> Iterator[Cause]:
    for name, amount in value.items():
        yield from _amount(name, amount, f"{at}[{name}]")


def _requests_fit_limits(value: Any, at: str) -> Iterator[Cause]:
    limits = value.get("limits") or {}
    for name, amount in (value.get("requests") or {}).items():
        if name not in limits:
            if _is_whole(name):
                why = "Limit must be set for non overcommitable resources"
                yield words.required(f"{at}.limits", why)
            continue
        more = milli(amount) - milli(limits[name])
        if more and _is_whole(name):
            why = f"must be equal to {name} limit of {limits[name]}"
            yield words.invalid(f"{at}.requests", amount, why)
        elif more > 0:
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            yield words.invalid(f"{at}.requests", amount, why)


RESOURCES = together(fields(limits=_amounts, requests=_amounts), _requests_fit_limits)
_TIMES = fields(
    initialDelaySeconds=not_negative,
    timeoutSeconds=not_negative,
    periodSeconds=not_negative,
    successThreshold=not_negative,
    failureThreshold=not_negative,
)
_HANDLER = exactly_one(
    "handler type",
    exec=fields(command=needed()),
    httpGet=fields(path=needed(), port=port_or_name, scheme=one_of("HTTP", "HTTPS")),
    tcpSocket=fields(port=port_or_name),
    grpc=fields(port=port),
)
PROBE = together(_HANDLER, _TIMES)
_LIVENESS = together(PROBE, fields(successThreshold=_once))
_PORT = fields(
    name=unless_empty(text(forms.port_name)),
    containerPort=needed(port),
    hostPort=unless_empty(port),
    protocol=PROTOCOL,
)


def _names_something(value: Any, at: str) -> Iterator[Cause]:
    yield from text(SUBDOMAIN)(value.get("name", ""), f"{at}.name")


_KEY = together(_names_something, fields(key=needed()))
_VARIABLE = together(
    fields(
        name=needed(text(forms.variable)),
        valueFrom=fields(
            fieldRef=fields(fieldPath=needed(_field_of_the_pod)),
            configMapKeyRef=_KEY,
            secretKeyRef=_KEY,
        ),
    ),
    _one_source,
)
CONTAINER = fields(
    name=needed(text(label)),
    image=needed(),
    terminationMessagePolicy=one_of("File", "FallbackToLogsOnError"),
    ports=together(each(_PORT), unique("name")),
    env=each(_VARIABLE),
    volumeMounts=together(each(fields(name=needed(), mountPath=needed())), _mounted_apart),
    imagePullPolicy=one_of("Always", "IfNotPresent", "Never"),
    resources=RESOURCES,
    livenessProbe=_LIVENESS,
    readinessProbe=PROBE,
    startupProbe=_LIVENESS,
)
