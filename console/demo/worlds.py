"""What the simulated clusters of a demo are made of, and what goes on in them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from console.demo.people import CHAT, SEARCH
from inference.simulator.cluster import SimulatedCluster
from inference.simulator.world import WorldConfig
from inference.simulator.world.config import GPU, PRODUCT, NodeSpec
from inference.simulator.world.engines.load import Load

AMD_GPU = "amd.com/gpu"
AMD_PRODUCT = "amd.com/gpu.product-name"


@dataclass(frozen=True)
class Place:
    """One simulated cluster: its name in the console, who lives there, and its world."""

    name: str
    title: str
    environment: str
    namespaces: Mapping[str, str]
    world: WorldConfig


def _nodes(name: str, count: int, resource: str, devices: int, label: str, value: str) -> NodeSpec:
    return NodeSpec(
        name=name,
        count=count,
        resources=MappingProxyType({resource: str(devices)}),
        labels=MappingProxyType({label: value}),
    )


H100S = _nodes("h100", 2, GPU, 8, PRODUCT, "NVIDIA-H100-NVL")
L4S = _nodes("l4", 3, GPU, 4, PRODUCT, "NVIDIA-L4")
MI300XS = _nodes("mi300x", 1, AMD_GPU, 8, AMD_PRODUCT, "AMD_Instinct_MI300X_OAM")

SCRAPE_SECONDS = 5.0

EAST = Place(
    name="east",
    title="East (simulated)",
    environment="prod",
    namespaces={CHAT: "llm-chat"},
    world=WorldConfig(nodes=(H100S,), seed=1, scrape_seconds=SCRAPE_SECONDS),
)
WEST = Place(
    name="west",
    title="West (simulated)",
    environment="prod",
    namespaces={CHAT: "llm-chat", SEARCH: "llm-search"},
    world=WorldConfig(nodes=(L4S, MI300XS), seed=2, scrape_seconds=SCRAPE_SECONDS),
)


def for_scene(pace: float | None) -> tuple[Place, ...]:
    return tuple(
        replace(place, world=replace(place.world, pace=1.0 if pace is None else pace))
        for place in (EAST, WEST)
    )


def for_walk(pace: float | None) -> tuple[Place, ...]:
    """Two clusters alike, in which a second is a tenth of one."""
    world = WorldConfig(nodes=(H100S,), pace=0.1 if pace is None else pace)
    return tuple(
        Place(name, f"{name.capitalize()} (simulated)", "prod", {CHAT: "llm-chat"}, world)
        for name in ("east", "west")
    )


TRAFFIC = {
    "east": {"qwen3-32b": Load(requests_per_second=6.0)},
    "west": {"llama-3.1-8b": Load(requests_per_second=9.0, prompt_tokens=300, output_tokens=80)},
}
"""By cluster and served name: requests that nobody sends; the engines tell of them all the same."""


def let_live(cluster: SimulatedCluster) -> None:
    """Traffic for its models, and somebody who took accelerators without asking."""
    cluster.call(lambda: _begin(cluster))


def _begin(cluster: SimulatedCluster) -> None:
    """On the cluster's own loop."""
    if cluster.world is not None:
        for model, load in TRAFFIC.get(cluster.name, {}).items():
            cluster.world.load.set(model, load)
    if cluster.name == WEST.name:
        _take_accelerators(cluster)


def _take_accelerators(cluster: SimulatedCluster) -> None:
    """Notebooks of a team that Waybill knows nothing of hold two of the eight MI300X."""
    namespace = "research"
    labels = {"app": "notebooks"}
    container = {
        "name": "notebook",
        "image": "notebook:latest",
        "resources": {"limits": {AMD_GPU: "2"}},
    }
    cluster.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    cluster.store.create(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "notebooks", "namespace": namespace},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [container]},
                },
            },
        }
    )
