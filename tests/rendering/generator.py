"""Specs of many shapes: a seeded generator for real servers, the same ones at every run."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from inference.definitions.documents import parse
from inference.definitions.specs import HardwarePoolSpec, RouteSpec, ServedModelSpec
from inference.definitions.world import ClusterFact, Entry, GatewayFact, GrantFact, World

CLUSTER, TEAM, NAMESPACE = "east", "chat", "llm-chat"
MONITORS = frozenset(
    {
        ("monitoring.coreos.com/v1", "PodMonitor"),
        ("monitoring.coreos.com/v1", "ServiceMonitor"),
    }
)
PLUGINS = [
    {"type": "queue-scorer", "weight": 2},
    {"type": "kv-cache-utilization-scorer", "weight": 2},
    {"type": "prefix-cache-scorer", "weight": 3, "parameters": {"blockSizeTokens": 64}},
    {"type": "running-requests-size-scorer", "weight": 1},
    {"type": "lora-affinity-scorer", "weight": 1},
    {"type": "max-score-picker", "parameters": {"maxNumOfEndpoints": 1}},
]


def worlds(count: int, seed: int = 7) -> Iterator[tuple[World, frozenset[UUID]]]:
    """`count` worlds of one pool, one model and one route, and what was edited in each."""
    chance = random.Random(seed)
    for number in range(count):
        yield world_of(
            pool=pool_document(chance, number),
            model=model_document(chance, number),
            route=route_document(chance, number),
            number=number,
        )


def world_of(
    *,
    pool: dict[str, Any],
    model: dict[str, Any],
    route: dict[str, Any],
    number: int = 0,
    served: frozenset[tuple[str, str]] = MONITORS,
) -> tuple[World, frozenset[UUID]]:
    ids = [UUID(int=number * 10 + place + 1) for place in range(3)]
    specs = (
        ("hardware-pool", f"pool-{number}", parse("hardware-pool", pool)),
        ("served-model", f"model-{number}", parse("served-model", model)),
        ("route", f"route-{number}", parse("route", route)),
    )
    entries = {
        identity: Entry(identity, kind, TEAM, name, "", 1, spec)
        for identity, (kind, name, spec) in zip(ids, specs, strict=True)
    }
    assert isinstance(specs[0][2], HardwarePoolSpec)
    assert isinstance(specs[1][2], ServedModelSpec)
    assert isinstance(specs[2][2], RouteSpec)
    cluster = ClusterFact(UUID(int=1), CLUSTER, "prod", "active", "identity", served)
    return World(
        clusters={CLUSTER: cluster},
        gateways=(GatewayFact(UUID(int=2), CLUSTER, "gateway-system", "llm", "http"),),
        grants={(CLUSTER, TEAM): GrantFact(NAMESPACE, "pull", "hf")},
        entries=entries,
    ), frozenset(ids)


def pool_document(chance: random.Random, number: int) -> dict[str, Any]:
    tolerations = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    return {
        "cluster": CLUSTER,
        "accelerator": {"vendor": "nvidia", "product": "H100 NVL", "memory_mib": 95830},
        "resource": "nvidia.com/gpu",
        "devices_per_node": 8,
        "cpu_per_device": chance.randint(1, 16),
        "memory_gib_per_device": chance.choice([16, 64, 128]),
        "shm_gib": chance.choice([1, 20]),
        "node_selector": chance.choice([{}, {"nvidia.com/gpu.product": "NVIDIA-H100-NVL"}]),
        "tolerations": chance.choice([[], tolerations]),
        "runtime_class": "",
        "rdma": chance.choice([None, {"resource": "rdma/ib", "per_pod": 1}]),
        "images": chance.choice([{}, {"vllm": f"docker.io/vllm/vllm-openai:v0.{number}.0"}]),
    }


def model_document(chance: random.Random, number: int) -> dict[str, Any]:
    tensor = chance.choice([1, 2, 4, 8])
    size: dict[str, Any] = chance.choice(
        [{"replicas": chance.randint(0, 4)}, {"range": {"least": 1, "most": 4}}]
    )
    weights = ["hf://Qwen/Qwen3-32B", "s3://models/qwen", "oci://models.example.com/qwen:1"]
    return {
        "weights": chance.choice([*weights, "pvc://model-cache/qwen3"]),
        "served_names": [f"model-{number}", f"alias/{number}"][: chance.randint(1, 2)],
        "engine_version": chance.choice(["", "0.26.0", "v0.30.0"]),
        "parallelism": {"tensor": tensor, "expert": chance.random() < 0.2},
        "context_length": chance.choice([None, 4096, 131072]),
        "max_sequences": chance.choice([None, 64]),
        "memory_percent": chance.randint(10, 99),
        "quantization": chance.choice(["", "fp8"]),
        "kv_cache_dtype": chance.choice(["", "fp8"]),
        "block_size": chance.choice([None, 16, 64]),
        "adapters": chance.choice([[], [{"name": "bot", "uri": "hf://acme/lora"}]]),
        "arguments": chance.choice([[], ["--enable-prefix-caching"]]),
        "environment": chance.choice([[], [{"name": "LOG", "value": "debug: 'yes' # no"}]]),
        "picker": {
            "plugins": chance.sample(PLUGINS, chance.randint(1, len(PLUGINS))),
            "failure_mode": chance.choice(["FailOpen", "FailClose"]),
        },
        "placements": [
            {
                "id": str(UUID(int=1_000_000 + number)),
                "pool": f"pool-{number}",
                "ready_within_minutes": chance.randint(1, 120),
                **size,
            }
        ],
    }


def route_document(chance: random.Random, number: int) -> dict[str, Any]:
    member = {"model": f"model-{number}", "pool": f"pool-{number}", "weight": 1}
    return {
        "gateway": {"cluster": CLUSTER, "namespace": "gateway-system", "name": "llm"},
        "hostname": f"host-{number}.example.com",
        "path_prefix": chance.choice(["", "/v2/chat"]),
        "public_names": [f"public-{number}"],
        "members": [{**member, "weight": chance.randint(1, 100)}],
        "timeout_seconds": chance.randint(1, 3600),
    }
