"""What a picker knows of its pool: the endpoints that may be picked, and how they fare."""

from inference.simulator.errors import Object
from inference.simulator.world import conditions
from inference.simulator.world.engines.loads import Loads
from inference.simulator.world.identities import is_leaving
from inference.simulator.world.selecting import has_labels
from inference.simulator.world.view import View


def pods_of(view: View, pool: Object) -> list[Object]:
    """Those that the pool selects and that are ready."""
    wanted = (pool["spec"].get("selector") or {}).get("matchLabels") or {}
    return [
        pod
        for pod in view.all("Pod", pool["metadata"]["namespace"])
        if has_labels(pod, wanted)
        and not is_leaving(pod)
        and conditions.is_true(conditions.of(pod), "Ready")
    ]


def ports_of(pool: Object) -> list[int]:
    return [int(one["number"]) for one in pool["spec"].get("targetPorts") or ()]


def places_of(view: View, pool: Object) -> list[tuple[str, str, int]]:
    """Pod, address and port of each endpoint, in one order always."""
    return sorted(
        (pod["metadata"]["name"], pod["status"]["podIP"], port)
        for pod in pods_of(view, pool)
        for port in ports_of(pool)
        if (pod.get("status") or {}).get("podIP")
    )


def seen(loads: Loads, address: str, port: int) -> tuple[float, float, float, frozenset[str]]:
    """Waiting, running, used cache and adapters of an endpoint, as its metrics have them."""
    engine = loads.at(address, port)
    if engine is None or engine.serving is None:
        return (0.0, 0.0, 0.0, frozenset())
    serving = engine.serving
    adapters = frozenset(serving.settings.adapters)
    return (serving.waiting, serving.running, serving.cache_share, adapters)
