"""One case of the ladder: its model, pool and route, and the objects that are pushed for them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from inference.definitions.world import ClusterFact, GatewayFact, GrantFact, World
from inference.messages import Message
from inference.names import placement_name, route_name
from inference.observation.ladder import Rung
from inference.observation.readiness import GatewayPlace, Subject
from inference.rendering.objects import PLACEMENT, Phase, RenderedObject
from inference.rendering.worlds import render
from tests.contract.actors import Actor
from tests.rendering.generator import CLUSTER, NAMESPACE, TEAM, world_of

GATEWAYS = "gateway-system"
PROGRAMMED, UNCLAIMED, HALF = "llm", "unclaimed", "half"
"""A Gateway as it should be, one of a class without controller, one with a broken listener."""

SECRET, NO_SECRET = "hf", "hf-of-nobody"
Object = dict[str, Any]
Deed = Callable[["Case", Actor], None]


@dataclass(frozen=True)
class Case:
    """One model with its pool and route. `words` is a pattern for what is said.

    `until` is the last phase that is pushed; `between` is done behind Waybill's back before the
    picker comes, `after` when everything was pushed. `fate` is a scenario of its engine.
    """

    name: str
    rung: Rung
    message: Message
    words: str = ""
    is_moving: bool = False
    number: int = 0
    of: str = "placement"
    until: Phase = Phase.COMPUTE
    fate: Object = field(default_factory=dict)
    model: Object = field(default_factory=dict)
    pool: Object = field(default_factory=dict)
    token_secret: str = SECRET
    gateway: str = PROGRAMMED
    listener: str = "http"
    between: Deed | None = None
    after: Deed | None = None

    @cached_property
    def placement(self) -> str:
        return placement_name(f"model-{self.number}", _id(self.number, 9))

    @property
    def id(self) -> UUID:
        return _id(self.number, 3 if self.of == "route" else 9)

    @property
    def object_name(self) -> str:
        return route_name(f"route-{self.number}", self.id) if self.of == "route" else self.placement

    def subject(self, cluster: UUID) -> Subject:
        return Subject(self.id, cluster, NAMESPACE, self.object_name)

    @property
    def place(self) -> GatewayPlace:
        return GatewayPlace(GATEWAYS, self.gateway, self.listener)

    @property
    def scenario(self) -> Object:
        selector = {PLACEMENT: self.placement}
        return {"selector": selector, "container": "modelserver", **self.fate}

    def objects(self, *phases: Phase) -> list[RenderedObject]:
        """What Waybill pushes in these phases."""
        world, edited = self._world()
        found = [one for part in render(world, edited) for one in part.objects]
        if self.of == "route":
            found = [one for one in found if one.ref.kind in _OF_ROUTES]
        return sorted((one for one in found if one.phase in phases), key=lambda one: one.phase)

    def _world(self) -> tuple[World, frozenset[UUID]]:
        number = self.number
        world, ids = world_of(
            pool={**_POOL, **self.pool},
            model={**_model(number), **self.model},
            route=_route(number, self.gateway),
            number=number,
            served=frozenset(),
        )
        assert ids == {_id(number, 1), _id(number, 2), _id(number, 3)}
        fact = ClusterFact(UUID(int=1), CLUSTER, "prod", "active", "identity", frozenset())
        gateway = GatewayFact(UUID(int=2), CLUSTER, GATEWAYS, self.gateway, self.listener)
        grant = GrantFact(NAMESPACE, "", self.token_secret)
        return replace(
            world,
            clusters={CLUSTER: fact},
            gateways=(gateway,),
            grants={(CLUSTER, TEAM): grant},
        ), ids


_OF_ROUTES = {"InferencePool", "Service", "HTTPRoute"}
"""What a gateway's controller looks at; a route needs no engine to be taken."""


def _id(number: int, place: int) -> UUID:
    return UUID(int=number * 10 + place)


_POOL = {
    "cluster": CLUSTER,
    "accelerator": {"vendor": "nvidia", "product": "H100 NVL", "memory_mib": 95830},
    "resource": "nvidia.com/gpu",
    "devices_per_node": 8,
    "node_selector": {"nvidia.com/gpu.product": "NVIDIA-H100-NVL"},
}


def _model(number: int) -> Object:
    placement = {"id": str(_id(number, 9)), "pool": f"pool-{number}", "replicas": 1}
    return {
        "weights": "hf://Qwen/Qwen3-8B",
        "served_names": ["qwen3"],
        "context_length": 8192,
        "placements": [placement],
    }


def _route(number: int, gateway: str) -> Object:
    return {
        "gateway": {"cluster": CLUSTER, "namespace": GATEWAYS, "name": gateway},
        "hostname": f"chat-{number}.example.com",
        "members": [{"model": f"model-{number}", "pool": f"pool-{number}", "weight": 1}],
    }
