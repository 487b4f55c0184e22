"""What a simulated world is made of, fixed when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from inference.simulator.errors import Object

GPU = "nvidia.com/gpu"
PRODUCT = "nvidia.com/gpu.product"


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """`count` nodes of one kind, called `name`-1, `name`-2, ..."""

    name: str = "node"
    count: int = 2
    resources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({GPU: "8"}))
    labels: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({PRODUCT: "NVIDIA-H100-NVL"})
    )
    taints: tuple[Object, ...] = ()


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """`pace`: how many real seconds a second of the world lasts; 0.01 is a hundred times faster.

    A gateway listens on 127.0.0.1, on the port that its listener names, and says so where that is
    taken. Without `listens` the ports of pods and gateways are open inside the world only.
    """

    nodes: tuple[NodeSpec, ...] = (NodeSpec(),)
    pace: float = 1.0
    seed: int = 1
    gateway_class: str = "simulated"
    controller_name: str = "waybill.example/simulator"
    listens: bool = True
    heartbeat: float = 10.0
    lease_seconds: int = 40
    crash_backoff: float = 10.0
    pull_seconds: float = 1.0
    load_seconds: float = 4.0
    scrape_seconds: float = 0.0
    """Of the clock on the wall, between two scrapes of its Prometheus; at 0 there is none."""
    version: str = "v1.36.2"
    binds_claims: bool = True
    is_bare: bool = False
    """No nodes and no gateways: only what collects garbage and empties namespaces."""
