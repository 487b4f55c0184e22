"""Worlds whose manifests stand beside the tests, read by people and compared byte for byte."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from inference.definitions.world import World
from tests.rendering.generator import CLUSTER, world_of

Golden = tuple[World, frozenset[UUID]]

POOL: dict[str, Any] = {
    "cluster": CLUSTER,
    "accelerator": {"vendor": "nvidia", "product": "H100 NVL", "memory_mib": 95830},
    "resource": "nvidia.com/gpu",
    "devices_per_node": 8,
    "node_selector": {"nvidia.com/gpu.product": "NVIDIA-H100-NVL"},
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
}
GATEWAY = {"cluster": CLUSTER, "namespace": "gateway-system", "name": "llm"}


def model(number: int, **more: Any) -> dict[str, Any]:
    placement = {"id": str(UUID(int=1_000_000 + number)), "pool": f"pool-{number}"}
    size = more.pop("size", {"replicas": 2})
    return {
        "weights": "hf://Qwen/Qwen3-32B",
        "served_names": ["qwen3-32b"],
        "parallelism": {"tensor": 2},
        "context_length": 32768,
        "placements": [{**placement, **size}],
        **more,
    }


def route(number: int, *members: tuple[int, int], **more: Any) -> dict[str, Any]:
    return {
        "gateway": GATEWAY,
        "hostname": "chat.example.com",
        "members": [
            {"model": f"model-{member}", "pool": f"pool-{member}", "weight": weight}
            for member, weight in members or [(number, 1)]
        ],
        **more,
    }


def plain() -> Golden:
    """As little as a definition may say."""
    return world_of(pool=POOL, model=model(901), route=route(901), number=901)


def everything() -> Golden:
    """Each field that a definition may say."""
    pool = POOL | {
        "cpu_per_device": 8,
        "memory_gib_per_device": 64,
        "shm_gib": 20,
        "rdma": {"resource": "rdma/ib", "per_pod": 1},
        "images": {"vllm": "docker.io/vllm/vllm-openai:v0.26.0"},
    }
    served = model(
        902,
        weights="pvc://model-cache/qwen3",
        served_names=["qwen3-32b", "chat"],
        engine_version="0.26.0",
        max_sequences=64,
        memory_percent=92,
        quantization="fp8",
        kv_cache_dtype="fp8",
        block_size=64,
        adapters=[{"name": "support-bot", "uri": "hf://acme/qwen3-support"}],
        arguments=["--enable-prefix-caching"],
        environment=[{"name": "LOG", "value": "debug"}],
        picker={
            "plugins": [
                {"type": "queue-scorer", "weight": 2},
                {"type": "prefix-cache-scorer", "weight": 3, "parameters": {"blockSizeTokens": 64}},
                {"type": "max-score-picker", "parameters": {"maxNumOfEndpoints": 1}},
            ],
            "failure_mode": "FailClose",
        },
        size={"range": {"least": 1, "most": 4}, "ready_within_minutes": 30},
    )
    public = route(902, path_prefix="/team", timeout_seconds=300)
    return world_of(pool=pool, model=served, route=public, number=902)


def canary() -> Golden:
    """One hostname before two models that share their served name: 95 to 5."""
    stable, edited = world_of(
        pool=POOL, model=model(903), route=route(903, (903, 95), (904, 5)), number=903
    )
    beside, _ = world_of(
        pool=POOL, model=model(904, engine_version="0.26.0"), route=route(904), number=904
    )
    models = {
        key: entry for key, entry in beside.entries.items() if not entry.name.startswith("route")
    }
    return replace(stable, entries={**stable.entries, **models}), edited | models.keys()


GOLDENS = {"plain": plain, "everything": everything, "canary": canary}
