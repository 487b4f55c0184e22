"""What can keep a placement or a route from serving, and what readiness must say of it.

The same cases are played on a real cluster and in the simulated world.
"""

from collections.abc import Sequence
from dataclasses import replace

from inference.messages import observation as messages
from inference.names import picker_name
from inference.observation.ladder import Rung
from inference.rendering.objects import Phase
from tests.contract.actors import Actor
from tests.observation.ladder_objects import GATEWAYS, HALF, NO_SECRET, UNCLAIMED, Case, Object
from tests.rendering.generator import NAMESPACE


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
