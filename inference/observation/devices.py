"""Devices as counts: what nodes offer and pods hold of extended resources. Pure, never raises."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

LARGEST = 2**53
MOST = 16
"""Resources of one object."""
_AMOUNT = re.compile(r"([0-9]{1,16})(|k|M|G|T|Ki|Mi|Gi|Ti|[eE]\+?[0-9]{1,2})\Z", re.ASCII)
_UNITS = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
Counts = dict[str, int]
"""By the name of the resource."""


def amount(value: Any) -> int:
    """A whole quantity as Kubernetes writes it (`8`, `1k`); what is none counts as nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        return min(max(value, 0), LARGEST)
    found = _AMOUNT.match(value) if isinstance(value, str) else None
    if found is None:
        return 0
    digits, unit = found.groups()
    scale = _UNITS[unit] if unit in _UNITS else 10 ** int(unit[1:].lstrip("+"))
    return min(int(digits) * scale, LARGEST)


def offered(amounts: Any) -> Counts:
    """Of a node's capacity or allocatable: what device plugins gave it, not cores and memory."""
    if not isinstance(amounts, dict):
        return {}
    names = sorted(name for name in amounts if isinstance(name, str) and _is_extended(name))
    return {name: amount(amounts[name]) for name in names[:MOST]}


def held(spec: Any) -> Counts:
    """What a pod takes of a node, as the scheduler counts it.

    Containers and sidecars hold theirs together. An init container runs before the containers,
    beside the sidecars that were started before it.
    """
    spec = spec if isinstance(spec, dict) else {}
    lasting = _sum(_asked(one) for one in _containers(spec.get("containers")))
    sidecars: Counts = {}
    passing: Counts = {}
    for one in _containers(spec.get("initContainers")):
        if one.get("restartPolicy") == "Always":
            sidecars = _sum([sidecars, _asked(one)])
            passing = _most(passing, sidecars)
        else:
            passing = _most(passing, _sum([sidecars, _asked(one)]))
    found = _most(_sum([lasting, sidecars]), passing)
    return {name: found[name] for name in sorted(found)[:MOST] if found[name]}


def _is_extended(name: str) -> bool:
    """As Kubernetes tells them from its own: with a domain that is not of `kubernetes.io`."""
    return "/" in name and "kubernetes.io/" not in name and len(name) < 320  # noqa: PLR2004


def _containers(value: Any) -> Iterator[dict[str, Any]]:
    for one in value[:100] if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one


def _asked(container: dict[str, Any]) -> Counts:
    """A request that is left out follows the limit."""
    resources = container.get("resources")
    parts = resources if isinstance(resources, dict) else {}
    return offered(parts.get("limits")) | offered(parts.get("requests"))


def _sum(parts: Iterable[Counts]) -> Counts:
    found: Counts = {}
    for part in parts:
        for name, count in part.items():
            found[name] = min(found.get(name, 0) + count, LARGEST)
    return found


def _most(one: Counts, other: Counts) -> Counts:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in one.keys() | other.keys()}
