"""The engine's container: image, arguments, environment, volumes, resources. Pure.

Flags are those of `vllm serve`; the ports, probes and labels are llm-d's.
"""

import json
import re
from typing import Any

from inference.definitions.fields import claim_of
from inference.errors import Invalid
from inference.manifests import Manifest
from inference.messages import rendering as messages
from inference.names import ENGINE
from inference.rendering.objects import PlacementContext

PORT = 8000
MODELS = "/models"
HOME = "/tmp"  # noqa: S108  (a path in the container)
STARTUP_PERIOD = 10
DEFAULT_VERSION = "v0.26.0"
_IMAGES = {
    "nvidia": "docker.io/vllm/vllm-openai",
    "cpu": "docker.io/vllm/vllm-openai-cpu",
    "google": "docker.io/vllm/vllm-tpu",
}
TOKEN_KEY = "HF_TOKEN"  # noqa: S105  (the name of a variable, not a secret)


def image(context: PlacementContext) -> str:
    """The placement's own, the pool's, or upstream's. Raises Invalid where there is none."""
    engine = context.model.engine
    chosen = context.placement.overrides.image or context.pool.images.get(engine, "")
    if chosen:
        return chosen
    vendor = context.pool.accelerator.vendor
    if vendor not in _IMAGES:
        raise Invalid(messages.IMAGE_UNKNOWN, engine=engine, vendor=vendor, pool=context.pool_name)
    version = context.model.engine_version or DEFAULT_VERSION
    return f"{_IMAGES[vendor]}:{version if version.startswith('v') else f'v{version}'}"


def container(context: PlacementContext) -> Manifest:
    """The one container of a replica."""
    budget = context.placement.ready_within_minutes * 60
    return {
        "name": ENGINE,
        "image": image(context),
        "command": ["vllm", "serve"],
        "args": arguments(context),
        "env": _environment(context),
        "ports": [{"name": "modelserver", "containerPort": PORT, "protocol": "TCP"}],
        "startupProbe": {
            **_get("/v1/models"),
            "periodSeconds": STARTUP_PERIOD,
            "failureThreshold": max(1, budget // STARTUP_PERIOD),
        },
        "readinessProbe": {
            **_get("/v1/models"),
            "periodSeconds": 5,
            "timeoutSeconds": 2,
            "failureThreshold": 3,
        },
        "livenessProbe": {
            **_get("/health"),
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 3,
        },
        "resources": _resources(context),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            {"name": "models", "mountPath": MODELS},
            {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108  (a path in the container)
        ],
    }


def arguments(context: PlacementContext) -> list[str]:
    """In the order in which a person would write them; the weights come first."""
    model, overrides = context.model, context.placement.overrides
    shape = context.parallelism
    memory = overrides.memory_percent or model.memory_percent
    options: dict[str, Any] = {
        "--tensor-parallel-size": shape.tensor,
        "--pipeline-parallel-size": shape.pipeline if shape.pipeline > 1 else None,
        "--data-parallel-size": shape.data if shape.data > 1 else None,
        "--max-model-len": overrides.context_length or model.context_length,
        "--max-num-seqs": model.max_sequences,
        "--max-num-batched-tokens": model.max_batched_tokens,
        "--gpu-memory-utilization": f"0.{memory:02d}",
        "--quantization": model.quantization,
        "--kv-cache-dtype": model.kv_cache_dtype,
        "--block-size": model.block_size,
        "--max-loras": len(model.adapters) or None,
    }
    flags = [f"{flag}={value}" for flag, value in options.items() if value]
    return [
        _weights(model.weights),
        "--served-model-name",
        *model.served_names,
        f"--port={PORT}",
        *flags,
        *(["--enable-expert-parallel"] if shape.expert else []),
        *_adapters(context),
        *model.arguments,
        *overrides.arguments,
    ]


def volumes(context: PlacementContext) -> list[Manifest]:
    scheme, _, rest = context.model.weights.partition("://")
    claim = claim_of(context.model.weights)
    models: Manifest = {"name": "models", "emptyDir": {}}
    if claim:
        models = {"name": "models", "persistentVolumeClaim": {"claimName": claim}}
    elif scheme == "oci":
        models = {"name": "models", "image": {"reference": rest, "pullPolicy": "IfNotPresent"}}
    shm = {"medium": "Memory", "sizeLimit": f"{context.pool.shm_gib}Gi"}
    return [models, {"name": "shm", "emptyDir": shm}]


def label_value(text: str) -> str:
    """The nearest label value: other characters become dashes, at most 63."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", text)[:63].strip("-._")


def _weights(uri: str) -> str:
    """What the engine is given: a model's id, or where the volume is mounted."""
    scheme, _, rest = uri.partition("://")
    if scheme == "hf":
        return rest
    if scheme == "s3":
        return uri
    path = rest.partition("/")[2] if scheme == "pvc" else ""
    return f"{MODELS}/{path}".rstrip("/")


def _adapters(context: PlacementContext) -> list[str]:
    if not context.model.adapters:
        return []
    modules = [
        json.dumps({"name": one.name, "path": _weights(one.uri)}, separators=(",", ":"))
        for one in context.model.adapters
    ]
    return ["--enable-lora", "--lora-modules", *modules]


def _environment(context: PlacementContext) -> list[Manifest]:
    made: list[Manifest] = [
        {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "HF_HOME", "value": _cache(context.model.weights)},
    ]
    fetched = (context.model.weights, *(one.uri for one in context.model.adapters))
    if context.token_secret and any(uri.startswith("hf://") for uri in fetched):
        reference = {"name": context.token_secret, "key": TOKEN_KEY}
        made.append({"name": TOKEN_KEY, "valueFrom": {"secretKeyRef": reference}})
    return [*made, *({"name": one.name, "value": one.value} for one in context.model.environment)]


def _cache(weights: str) -> str:
    """Where files of the hub go: an image is mounted read-only, and adapters may be fetched."""
    return f"{HOME}/huggingface" if weights.startswith("oci://") else MODELS


def _resources(context: PlacementContext) -> Manifest:
    """Requests of CPU are not limited: an idle core helps a tokenizer and harms nobody."""
    pool, devices = context.pool, context.parallelism.devices
    if devices > pool.devices_per_node:
        raise Invalid(
            messages.DEVICES_PER_NODE,
            devices=devices,
            pool=context.pool_name,
            per_node=pool.devices_per_node,
        )
    counted = {"memory": f"{pool.memory_gib_per_device * devices}Gi"}
    if pool.accelerator.vendor != "cpu":
        counted[pool.resource] = str(devices)
    if pool.rdma:
        counted[pool.rdma.resource] = str(pool.rdma.per_pod)
    cpu = {"cpu": str(pool.cpu_per_device * devices)}
    return {"requests": {**cpu, **counted}, "limits": dict(counted)}


def _get(path: str) -> Manifest:
    return {"httpGet": {"path": path, "port": "modelserver"}}
