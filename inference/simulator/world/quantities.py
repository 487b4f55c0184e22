"""What pods ask of their node, as whole thousandths. Pure."""

from collections.abc import Iterable, Mapping

from inference.simulator.errors import Object
from inference.simulator.quantities import milli


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


__all__ = ["milli", "requests_of"]
