"""What is rendered agrees with itself, and follows from the spec alone."""

import random
from typing import Any
from uuid import UUID

import pytest
import yaml

from inference.definitions.documents import document_of, parse
from inference.definitions.references import faults
from inference.definitions.world import World
from inference.errors import Invalid
from inference.manifests import canonical
from inference.rendering.objects import Phase, RenderedObject
from inference.rendering.worlds import render
from tests.rendering.generator import (
    model_document,
    pool_document,
    route_document,
    world_of,
    worlds,
)

SPECS = list(worlds(60))


def objects(world: World, edited: frozenset[UUID]) -> list[RenderedObject]:
    return [one for part in render(world, edited) for one in part.objects]


def of_kind(found: list[RenderedObject], kind: str) -> list[dict[str, Any]]:
    return [one.manifest for one in found if one.ref.kind == kind]


@pytest.fixture(scope="module", params=SPECS, ids=lambda spec: str(min(spec[1])))
def found(request: pytest.FixtureRequest) -> list[RenderedObject]:
    return objects(*request.param)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(min(spec[1])))
def test_a_generated_world_holds_together(spec: tuple[World, frozenset[UUID]]) -> None:
    world, edited = spec

    assert [fault for identity in edited for fault in faults(world, world.entries[identity])] == []


def test_selectors_select_their_own_pods_and_no_others(found: list[RenderedObject]) -> None:
    engine, picker = of_kind(found, "Deployment")
    (pool,) = of_kind(found, "InferencePool")
    (service,) = of_kind(found, "Service")
    (budget,) = of_kind(found, "PodDisruptionBudget")
    pods = engine["spec"]["template"]["metadata"]["labels"].items()
    picker_pods = picker["spec"]["template"]["metadata"]["labels"].items()

    for selector in (
        engine["spec"]["selector"]["matchLabels"],
        pool["spec"]["selector"]["matchLabels"],
        budget["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= pods
        assert not selector.items() <= picker_pods
    for selector in (picker["spec"]["selector"]["matchLabels"], service["spec"]["selector"]):
        assert selector.items() <= picker_pods
        assert not selector.items() <= pods


def test_names_that_must_agree_do(found: list[RenderedObject]) -> None:
    engine, picker = of_kind(found, "Deployment")
    (pool,), (route,) = of_kind(found, "InferencePool"), of_kind(found, "HTTPRoute")
    (config,) = of_kind(found, "ConfigMap")
    names = {(one.ref.kind, one.ref.name) for one in found}

    assert ("Service", pool["spec"]["endpointPickerRef"]["name"]) in names
    assert ("ServiceAccount", engine["spec"]["template"]["spec"]["serviceAccountName"]) in names
    assert ("ServiceAccount", picker["spec"]["template"]["spec"]["serviceAccountName"]) in names
    mounted = picker["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"]
    assert mounted == config["metadata"]["name"]
    (backend,) = route["spec"]["rules"][0]["backendRefs"]
    assert backend["name"] == pool["metadata"]["name"]
    arguments = picker["spec"]["template"]["spec"]["containers"][0]["args"]
    assert f"--pool-name={pool['metadata']['name']}" in arguments


def test_a_toleration_says_its_operator() -> None:
    chance = random.Random(1)
    given = [
        {"key": "nvidia.com/gpu", "effect": "NoSchedule"},
        {"key": "team", "operator": "Equal", "value": "chat"},
        {},
    ]
    world, edited = world_of(
        pool=pool_document(chance, 1) | {"tolerations": given},
        model=model_document(chance, 1),
        route=route_document(chance, 1),
        number=1,
    )

    engine, _ = of_kind(objects(world, edited), "Deployment")

    assert engine["spec"]["template"]["spec"]["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "team", "operator": "Equal", "value": "chat"},
        {"operator": "Exists"},
    ]


def test_every_container_tells_how_it_ended(found: list[RenderedObject]) -> None:
    for deployment in of_kind(found, "Deployment"):
        for container in deployment["spec"]["template"]["spec"]["containers"]:
            assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"


def test_nothing_about_a_push_is_in_a_manifest(found: list[RenderedObject]) -> None:
    for one in found:
        for word in ("generation", "revision", "epoch", "plan"):
            assert word not in canonical(one.manifest).lower()


def test_bytes_follow_from_the_spec_alone(found: list[RenderedObject]) -> None:
    for one in found:
        assert one.body == canonical(one.manifest)


def test_the_same_world_renders_the_same_bytes() -> None:
    for (world, edited), (again, _) in zip(worlds(20), worlds(20), strict=True):
        assert [one.body for one in objects(world, edited)] == [
            one.body for one in objects(again, edited)
        ]


def test_what_a_picker_needs_is_there_before_it(found: list[RenderedObject]) -> None:
    phase = {(one.ref.kind, one.ref.name): one.phase for one in found}
    (binding,) = of_kind(found, "RoleBinding")
    role = ("Role", binding["roleRef"]["name"])

    assert phase[role] < phase["RoleBinding", binding["metadata"]["name"]]
    assert max(phase.values()) == Phase.ROUTE


def test_an_autoscaler_owns_the_number_of_replicas() -> None:
    for world, edited in SPECS:
        engine = of_kind(objects(world, edited), "Deployment")[0]
        (model,) = [spec for _, spec in world.models()]
        ranged = model.placements[0].range is not None
        assert ("replicas" not in engine["spec"]) == ranged


@pytest.mark.parametrize(
    ("weights", "adapter", "is_given"),
    [
        ("hf://Qwen/Qwen3-32B", "s3://models/lora", True),
        ("pvc://model-cache/qwen3", "hf://acme/lora", True),
        ("pvc://model-cache/qwen3", "pvc://model-cache/lora", False),
    ],
)
def test_whatever_comes_from_the_hub_is_fetched_with_the_token(
    weights: str, adapter: str, is_given: bool
) -> None:
    chance = random.Random(1)
    pool, model = pool_document(chance, 0), model_document(chance, 0)
    model |= {"weights": weights, "adapters": [{"name": "bot", "uri": adapter}]}

    world = world_of(pool=pool, model=model, route=route_document(chance, 0))

    engine = of_kind(objects(*world), "Deployment")[0]
    (container,) = engine["spec"]["template"]["spec"]["containers"]
    assert ("HF_TOKEN" in {one["name"] for one in container["env"]}) == is_given


@pytest.mark.parametrize("weights", ["hf://Qwen/Qwen3-8B", "oci://models.example.com/qwen:1"])
def test_what_the_hub_sends_is_kept_where_the_engine_can_write(weights: str) -> None:
    chance = random.Random(1)
    pool, model = pool_document(chance, 0), model_document(chance, 0)
    model |= {"weights": weights, "adapters": [{"name": "bot", "uri": "hf://acme/bot"}]}

    world = world_of(pool=pool, model=model, route=route_document(chance, 0))

    pod = of_kind(objects(*world), "Deployment")[0]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (cache,) = [one["value"] for one in container["env"] if one["name"] == "HF_HOME"]
    images = {one["name"] for one in pod["volumes"] if "image" in one}
    read_only = [one["mountPath"] for one in container["volumeMounts"] if one["name"] in images]
    assert not any(cache.startswith(path) for path in read_only)


def test_another_configuration_is_another_configmap() -> None:
    chance = random.Random(1)
    pool, model = pool_document(chance, 0), model_document(chance, 0)
    route = route_document(chance, 0)
    model["picker"] = {"plugins": [{"type": "queue-scorer", "weight": 1}]}
    other = {**model, "picker": {"plugins": [{"type": "queue-scorer", "weight": 2}]}}

    one = of_kind(objects(*world_of(pool=pool, model=model, route=route)), "ConfigMap")[0]
    two = of_kind(objects(*world_of(pool=pool, model=other, route=route)), "ConfigMap")[0]

    assert one["metadata"]["name"] != two["metadata"]["name"]
    config = yaml.safe_load(one["data"]["plugins.yaml"])
    assert config["apiVersion"] == "inference.networking.x-k8s.io/v1alpha1"
    assert config["schedulingProfiles"][0]["plugins"] == [
        {"pluginRef": "queue-scorer", "weight": 1}
    ]


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [
        ({"type": "no-hit-lru-scorer"}, "has no plugin no-hit-lru-scorer"),
        ({"type": "queue-scorer", "parameters": {"depth": 1}}, "takes no parameter depth"),
        ({"type": "max-score-picker", "weight": 1}, "does not score"),
    ],
)
def test_a_picker_that_could_not_start_is_refused_at_its_path(
    plugin: dict[str, Any], reason: str
) -> None:
    chance = random.Random(1)
    pool, model = pool_document(chance, 0), model_document(chance, 0)
    model["picker"] = {"plugins": [{"type": "queue-scorer"}, plugin]}
    world, edited = world_of(pool=pool, model=model, route=route_document(chance, 0))

    with pytest.raises(Invalid, match=reason) as refusal:
        objects(world, edited)

    assert list(refusal.value.fields) == ["picker.plugins.1"]


def test_monitors_come_only_where_they_are_served() -> None:
    chance = random.Random(1)
    documents = {
        "pool": pool_document(chance, 0),
        "model": model_document(chance, 0),
        "route": route_document(chance, 0),
    }

    with_monitors = objects(*world_of(**documents))
    without = objects(*world_of(**documents, served=frozenset()))

    assert of_kind(with_monitors, "PodMonitor")
    assert not of_kind(without, "PodMonitor")
    assert not of_kind(without, "ServiceMonitor")


def test_kueue_labels_come_only_where_kueue_is_served_and_a_queue_is_named() -> None:
    chance = random.Random(1)
    kueue = frozenset({("kueue.x-k8s.io/v1beta2", "LocalQueue")})
    pool = {**pool_document(chance, 0), "queue": "h100"}
    documents = {"model": model_document(chance, 0), "route": route_document(chance, 0)}

    labelled = of_kind(objects(*world_of(pool=pool, **documents, served=kueue)), "Deployment")[0]
    plain = of_kind(objects(*world_of(pool=pool, **documents, served=frozenset())), "Deployment")

    assert labelled["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "h100"
    assert "kueue.x-k8s.io/queue-name" not in plain[0]["metadata"]["labels"]


@pytest.mark.parametrize("kind", ["hardware-pool", "served-model", "route"])
def test_every_generated_document_survives_its_spec(kind: str) -> None:
    for world, _ in SPECS:
        for entry in world.entries.values():
            if entry.kind == kind:
                assert parse(kind, document_of(entry.spec)) == entry.spec


def test_more_devices_than_a_node_has_are_refused() -> None:
    chance = random.Random(1)
    pool = {**pool_document(chance, 0), "devices_per_node": 1}
    model = {**model_document(chance, 0), "parallelism": {"tensor": 2}}
    world, edited = world_of(pool=pool, model=model, route=route_document(chance, 0))

    with pytest.raises(Invalid, match="needs 2 devices and a node of pool pool-0 has 1"):
        objects(world, edited)
