"""Definitions of a demo, as the documents that a person would write."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

Document = dict[str, Any]


def create(kind: str, name: str, title: str, document: Document) -> Document:
    return {"verb": "create", "kind": kind, "name": name, "title": title, "document": document}


def update(kind: str, name: str, title: str, document: Document) -> Document:
    return create(kind, name, title, document) | {"verb": "update"}


def h100(cluster: str) -> Document:
    return {
        "cluster": cluster,
        "accelerator": {"vendor": "nvidia", "product": "H100 NVL", "memory_mib": 95830},
        "resource": "nvidia.com/gpu",
        "devices_per_node": 8,
        "node_selector": {"nvidia.com/gpu.product": "NVIDIA-H100-NVL"},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "price_per_device_hour": "3.20",
    }


def l4(cluster: str) -> Document:
    return {
        "cluster": cluster,
        "accelerator": {"vendor": "nvidia", "product": "L4", "memory_mib": 23034},
        "resource": "nvidia.com/gpu",
        "devices_per_node": 4,
        "node_selector": {"nvidia.com/gpu.product": "NVIDIA-L4"},
        "price_per_device_hour": "0.75",
    }


def mi300x(cluster: str) -> Document:
    return {
        "cluster": cluster,
        "accelerator": {"vendor": "amd", "product": "Instinct MI300X", "memory_mib": 196592},
        "resource": "amd.com/gpu",
        "devices_per_node": 8,
        "node_selector": {"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"},
        "images": {"vllm": "docker.io/vllm/vllm-openai-rocm:v0.26.0"},
        "price_per_device_hour": "2.60",
    }


def model(weights: str, served: str, pool: str, *, replicas: int, **more: Any) -> Document:
    """One placement; its UUID is new, since an edit may name what does not exist yet."""
    placement = {"id": str(uuid.uuid4()), "pool": pool, "replicas": replicas}
    return {
        "weights": weights,
        "served_names": [served],
        "placements": [placement],
        **more,
    }


def route(
    gateway: Mapping[str, str], hostname: str, members: Sequence[tuple[str, str, int]]
) -> Document:
    """`members` are model, pool and weight."""
    names = ("model", "pool", "weight")
    return {
        "gateway": dict(gateway),
        "hostname": hostname,
        "members": [dict(zip(names, one, strict=True)) for one in members],
    }
