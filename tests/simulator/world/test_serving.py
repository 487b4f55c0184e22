"""What Waybill renders works in the simulated world as it does in a real cluster."""

from collections import Counter

import pytest

from inference.rendering.objects import RenderedObject
from inference.simulator.world import World
from tests.simulator.world.conftest import HOST, Town, model, rendered, route

GATEWAY_API = "gateway.networking.k8s.io/v1"
INFERENCE = "inference.networking.k8s.io/v1"


def find(objects: list[RenderedObject], kind: str) -> RenderedObject:
    return next(one for one in objects if one.ref.kind == kind)


def without(objects: list[RenderedObject], kind: str) -> list[RenderedObject]:
    return [one for one in objects if one.ref.kind != kind]


def test_a_model_answers_through_gateway_picker_and_engine(town: Town) -> None:
    objects = rendered()
    town.open_gateway()

    town.push(*objects)
    town.world.advance(60)

    route_seen = town.get(GATEWAY_API, "HTTPRoute", find(objects, "HTTPRoute").ref.name)
    assert town.reasons(route_seen) == {"Accepted": "Accepted", "ResolvedRefs": "ResolvedRefs"}
    answer = town.ask(model="qwen3")
    assert (answer.status, answer.body["model"]) == (200, "qwen3")
    assert answer.headers["x-inference-pod"] in {p["metadata"]["name"] for p in town.pods()}


def test_the_picker_spreads_requests_over_the_replicas(town: Town) -> None:
    town.open_gateway()
    town.push(*rendered())
    town.world.advance(60)

    asked = [
        town.ask(model="qwen3", messages=[{"role": "user", "content": f"{n} " * 90}])
        for n in range(40)
    ]

    assert {answer.status for answer in asked} == {200}
    assert len(Counter(answer.headers["x-inference-pod"] for answer in asked)) == 2


def test_before_any_engine_is_ready_the_picker_finds_no_endpoint(town: Town) -> None:
    town.open_gateway()
    town.world.scenarios = [{"container": "modelserver", "load": 3600}]
    town.push(*rendered())

    town.world.advance(60)

    answer = town.ask(model="qwen3")
    assert answer.status == 503
    assert b"failed to find endpoint candidates" in answer.content


def test_a_host_that_no_route_knows_is_not_found(town: Town) -> None:
    town.open_gateway()
    town.push(*rendered())
    town.world.advance(60)

    assert town.ask(host="other.example.com", model="qwen3").status == 404


def test_a_body_that_names_no_model_is_a_bad_request(town: Town) -> None:
    town.open_gateway()
    town.push(*rendered())
    town.world.advance(60)

    assert town.ask().status == 400


def test_a_route_to_a_pool_that_does_not_exist_is_not_resolved(town: Town) -> None:
    objects = rendered()
    town.open_gateway()

    town.push(*without(objects, "InferencePool"))
    town.world.advance(60)

    seen = town.get(GATEWAY_API, "HTTPRoute", find(objects, "HTTPRoute").ref.name)
    assert town.reasons(seen)["ResolvedRefs"] == "BackendNotFound"
    assert town.ask(model="qwen3").status == 500


@pytest.mark.parametrize(("failure_mode", "status"), [("FailOpen", 200), ("FailClose", 500)])
def test_without_a_picker_the_failure_mode_of_the_pool_decides(
    town: Town, failure_mode: str, status: int
) -> None:
    objects = rendered(model=model(picker={"failure_mode": failure_mode}))
    town.open_gateway()
    pickers = {one.ref for one in objects if one.ref.kind == "Role"}
    town.push(*(one for one in objects if one.ref not in pickers))

    town.world.advance(60)

    assert town.ask(model="qwen3").status == status


@pytest.mark.parametrize("failure_mode", ["FailOpen", "FailClose"])
def test_a_ready_picker_that_takes_no_call_fails_each_request(
    town: Town, failure_mode: str
) -> None:
    """As Envoy does: it has handed the request over before it hears of the refusal."""
    town.open_gateway()
    town.world.scenarios = [{"container": "epp", "deaf": 60}]
    town.push(*rendered(model=model(picker={"failure_mode": failure_mode})))

    town.world.advance(50)
    early = town.ask(model="qwen3")
    pickers = [pod for pod in town.pods() if "-epp-" in pod["metadata"]["name"]]
    town.world.advance(30)

    assert {town.conditions(pod)["Ready"] for pod in pickers} == {"True"}
    assert (early.status, early.content) == (500, b"")
    assert town.ask(model="qwen3").status == 200


def test_a_gateway_on_a_protocol_that_is_not_served_is_not_programmed(town: Town) -> None:
    town.open_gateway(protocol="HTTPS", port=443)

    seen = town.get(GATEWAY_API, "Gateway", "llm", "gateway-system")

    assert town.conditions(seen)["Programmed"] == "False"


def reasons_of_the_listener(town: Town) -> dict[str, str]:
    seen = town.get(GATEWAY_API, "Gateway", "llm", "gateway-system")
    said = seen["status"]["listeners"][0]["conditions"]
    return {one["type"]: one["reason"] for one in said if one["status"] == "False"}


def test_a_listener_misses_its_certificate_before_anything_else(town: Town) -> None:
    tls = {"mode": "Terminate", "certificateRefs": [{"name": "chat"}]}
    town.open_gateway(protocol="HTTPS", port=443, tls=tls)

    without = reasons_of_the_listener(town)
    certificate = {"data": {"tls.crt": "eA==", "tls.key": "eA=="}}
    town.create("v1", "Secret", "gateway-system", "chat", certificate)
    town.world.advance(1)

    assert without == {"ResolvedRefs": "InvalidCertificateRef", "Programmed": "Invalid"}
    assert reasons_of_the_listener(town)["Accepted"] == "UnsupportedProtocol"


def test_a_listener_that_takes_its_own_namespace_only_refuses_the_route(town: Town) -> None:
    objects = rendered()
    town.open_gateway(allowedRoutes={"namespaces": {"from": "Same"}})

    town.push(*objects)
    town.world.advance(60)

    seen = town.get(GATEWAY_API, "HTTPRoute", find(objects, "HTTPRoute").ref.name)
    assert town.reasons(seen)["Accepted"] == "NotAllowedByListeners"
    assert town.ask(model="qwen3").status == 404


def test_a_deleted_route_is_no_longer_served(town: Town) -> None:
    objects = rendered()
    town.open_gateway()
    town.push(*objects)
    town.world.advance(60)
    ref = find(objects, "HTTPRoute").ref

    town.store.delete(ref.api_version, ref.kind, ref.namespace, ref.name)
    town.world.advance(1)

    assert town.ask(model="qwen3", host=HOST).status == 404


def test_a_longer_prefix_goes_before_a_shorter_one(town: Town) -> None:
    town.open_gateway()
    town.push(*rendered(route=route(path_prefix="/v2")))
    town.world.advance(60)

    assert town.ask("/v1/chat/completions", model="qwen3").status == 404


def test_a_world_moves_only_when_its_time_does(town: Town) -> None:
    assert isinstance(town.world, World)
    town.push(*rendered())

    before = town.store.revision
    town.world.settle()

    assert town.store.revision == before
