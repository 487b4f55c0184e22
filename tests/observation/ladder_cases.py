"""What can keep a placement or a route from serving, and what readiness must say of it.

The same cases are played on a real cluster and in the simulated world.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from inference.definitions.world import ClusterFact, GatewayFact, GrantFact, World
from inference.messages import Message
from inference.messages import observation as messages
from inference.names import picker_name, placement_name, route_name
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


def misspell_a_plugin(case: Case, admin: Actor) -> None:
    """The picker's ConfigMap, by the hand of somebody who may write everything."""
    found = next(one for one in case.objects(Phase.COMPUTE) if one.ref.kind == "ConfigMap")
    text = found.manifest["data"]["plugins.yaml"].replace("queue-scorer", "queue-scorrer")
    wish = {**found.manifest, "data": {"plugins.yaml": text}}
    answer = admin.apply(wish, manager="kubectl", force="true")
    assert answer.status == 200, answer.content


def remove_the_role(case: Case, admin: Actor) -> None:
    answer = admin.delete(_role(case))
    assert answer.status == 200, answer.content


def empty_the_role(case: Case, admin: Actor) -> None:
    answer = admin.apply({**_role(case), "rules": []}, manager="kubectl", force="true")
    assert answer.status == 200, answer.content


def _role(case: Case) -> Object:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": picker_name(case.placement), "namespace": NAMESPACE},
    }


def remove_the_pool(case: Case, admin: Actor) -> None:
    found = next(one for one in case.objects(Phase.PICKER) if one.ref.kind == "InferencePool")
    answer = admin.delete(found.manifest)
    assert answer.status == 200, answer.content


def _numbered(cases: Sequence[Case]) -> tuple[Case, ...]:
    return tuple(replace(case, number=number) for number, case in enumerate(cases, 1))


CASES = _numbered(
    [
        Case(
            "image not found",
            Rung.SCHEDULED,
            messages.IMAGE_NOT_FOUND,
            r"cannot pull its image: .*pull.*vllm-openai:v0\.26\.0.*: manifest unknown",
            fate={"pull": "manifest unknown"},
        ),
        Case(
            "out of memory",
            Rung.SCHEDULED,
            messages.OUT_OF_MEMORY,
            r"killed for want of memory; restarts until now: \d+",
            fate={"load": 60, "oom": 2},
        ),
        Case(
            "crash at start",
            Rung.SCHEDULED,
            messages.CRASHED,
            r"ended with code 3, \d+ restarts: .+",
            fate={"exit": 3},
        ),
        Case(
            "engine that ends as if it were a job",
            Rung.SCHEDULED,
            messages.CRASHED,
            r"ended with code 0, \d+ restarts: Completed",
            fate={"exit": 0},
        ),
        Case(
            "slow load",
            Rung.SCHEDULED,
            messages.LOADING,
            r"loads its weights since 20\d\d-",
            is_moving=True,
            fate={"load": 900},
        ),
        Case(
            "readiness that hangs",
            Rung.WEIGHTS_LOADED,
            messages.NOT_ANSWERING,
            r"readiness probe gets no answer",
            fate={"hang": ["readiness"]},
        ),
        Case(
            "no room on the nodes",
            Rung.ACCEPTED,
            messages.UNSCHEDULABLE,
            r"0/2 nodes are available: 2 Insufficient nvidia\.com/gpu",
            pool={"devices_per_node": 16},
            model={"parallelism": {"tensor": 16}},
        ),
        Case(
            "missing Secret",
            Rung.SCHEDULED,
            messages.CONFIGURATION_MISSING,
            rf'secret "{NO_SECRET}" not found',
            token_secret=NO_SECRET,
        ),
        Case(
            "unknown picker plugin",
            Rung.ENGINE_READY,
            messages.PICKER_CONFIGURATION,
            r"refuses its configuration: .*plugin type 'queue-scorrer' is not registered$",
            until=Phase.PICKER,
            between=misspell_a_plugin,
        ),
        Case(
            "picker without its Role",
            Rung.ENGINE_READY,
            messages.PICKER_RIGHTS_MISSING,
            r"Role model-\d+-\w+-epp is missing or was changed",
            until=Phase.PICKER,
            after=remove_the_role,
        ),
        Case(
            "picker whose Role was emptied",
            Rung.ENGINE_READY,
            messages.PICKER_RIGHTS_MISSING,
            r"Role model-\d+-\w+-epp is missing or was changed",
            until=Phase.PICKER,
            between=empty_the_role,
        ),
        Case(
            "Gateway that is not programmed",
            Rung.ACCEPTED,
            messages.GATEWAY_NOT_PROGRAMMED,
            rf"Gateway {GATEWAYS}/{UNCLAIMED} is not programmed: no controller has said so",
            of="route",
            until=Phase.ROUTE,
            gateway=UNCLAIMED,
        ),
        Case(
            "listener without its certificate",
            Rung.ACCEPTED,
            messages.LISTENER_NOT_READY,
            rf"Listener tls of gateway {GATEWAYS}/{HALF} takes no requests: InvalidCertificateRef",
            of="route",
            until=Phase.ROUTE,
            gateway=HALF,
            listener="tls",
        ),
        Case(
            "route to a pool that does not exist",
            Rung.ACCEPTED,
            messages.ROUTE_BACKEND_MISSING,
            r"BackendNotFound: .*InferencePool.*not found",
            of="route",
            until=Phase.ROUTE,
            after=remove_the_pool,
        ),
        Case("all well", Rung.REGISTERED, messages.READY, until=Phase.PICKER),
        Case(
            "all well beside a broken listener",
            Rung.ROUTABLE,
            messages.READY,
            of="route",
            until=Phase.ROUTE,
            gateway=HALF,
        ),
    ]
)
