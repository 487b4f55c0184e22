"""Quantities as Kubernetes writes them, as whole thousandths. Pure."""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from inference.simulator.errors import Object

_SHAPE = re.compile(r"^([+-]?[0-9.]+)([eE][+-]?[0-9]+|[numkKMGTPE]i?|)$")
_SUFFIXES: dict[str, Fraction] = {
    "": Fraction(1),
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "k": Fraction(1000),
    **{letter: Fraction(1000**power) for power, letter in enumerate("MGTPE", start=2)},
    **{f"{letter}i": Fraction(1024**power) for power, letter in enumerate("KMGTPE", start=1)},
}


def milli(quantity: str | float) -> int:
    """Rounded up, as the API rounds what is finer than a thousandth. Raises ValueError."""
    found = _SHAPE.match(str(quantity))
    if found is None:
        raise ValueError(f"not a quantity: {quantity}")
    number, suffix = Fraction(found[1]), found[2]
    if suffix in _SUFFIXES:
        value = number * _SUFFIXES[suffix]
    elif suffix[:1] in {"e", "E"} and suffix[1:]:
        value = number * Fraction(10) ** int(suffix[1:])
    else:
        raise ValueError(f"not a quantity: {quantity}")
    return -int(-value * 1000 // 1)


def requests_of(spec: Object) -> dict[str, int]:
    """What a pod asks of its node: all containers together, or the largest init container."""
    inits = spec.get("initContainers") or []
    beside = [one for one in inits if one.get("restartPolicy") == "Always"]
    wanted = _sum(_of_container(one) for one in [*(spec.get("containers") or []), *beside])
    for container in (one for one in inits if one.get("restartPolicy") != "Always"):
        for name, amount in _of_container(container).items():
            wanted[name] = max(wanted.get(name, 0), amount)
    return wanted


def _of_container(container: Object) -> dict[str, int]:
    resources = container.get("resources") or {}
    asked: dict[str, str] = dict(resources.get("limits") or {})
    asked |= resources.get("requests") or {}
    return {name: milli(amount) for name, amount in asked.items()}


def _sum(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, 0) + amount
    return total
