"""What the fields of definitions are called on pages. One table, for forms and for diffs. Pure."""

from typing import Any

from inference.web.tags import price

LABELS = {
    "title": "Title",
    "weights": "Weights",
    "served_names": "Served names",
    "engine": "Engine",
    "engine_version": "Engine version",
    "topology": "Topology",
    "parallelism.tensor": "Tensor parallel",
    "parallelism.pipeline": "Pipeline parallel",
    "parallelism.data": "Data parallel",
    "parallelism.expert": "Expert parallel",
    "context_length": "Context, in tokens",
    "max_sequences": "Sequences per replica, at most",
    "max_batched_tokens": "Tokens per batch, at most",
    "memory_percent": "Share of device memory, in %",
    "quantization": "Quantisation",
    "kv_cache_dtype": "KV cache type",
    "block_size": "KV block size",
    "arguments": "Further engine arguments",
    "backend": "Backend",
    "pool": "Pool",
    "replicas": "Replicas",
    "range.least": "Replicas, at least",
    "range.most": "Replicas, at most",
    "ready_within_minutes": "Ready within, in minutes",
    "image": "Engine image",
    "picker.failure_mode": "When the picker fails",
    "picker.image": "Picker image",
    "objectives.ttft_ms": "First token within, in ms",
    "objectives.tpot_ms": "Each further token within, in ms",
    "objectives.availability": "Availability, in hundredths of a percent",
    "cluster": "Cluster",
    "accelerator.vendor": "Vendor",
    "accelerator.product": "Accelerator",
    "accelerator.memory_mib": "Memory per device, in MiB",
    "allocation": "Allocation",
    "resource": "Resource name",
    "devices_per_node": "Devices per node",
    "cpu_per_device": "CPU per device",
    "memory_gib_per_device": "Host memory per device, in GiB",
    "shm_gib": "Shared memory, in GiB",
    "runtime_class": "Runtime class",
    "priority_class": "Priority class",
    "queue": "Queue",
    "quota_devices": "Quota, in devices",
    "price_per_device_hour": "Price per device-hour",
    "teams": "Granted to teams",
    "gateway.cluster": "Gateway's cluster",
    "gateway.namespace": "Gateway's namespace",
    "gateway.name": "Gateway",
    "hostname": "Hostname",
    "path_prefix": "Path prefix",
    "public_names": "Public names",
    "timeout_seconds": "Timeout, in seconds",
    "priority": "Priority",
    "weight": "Weight",
}
UNITS = {
    "ms": "ms",
    "%": "%",
    "MiB": "MiB",
    "GiB": "GiB",
    "seconds": "s",
    "minutes": "min",
    "tokens": "tokens",
    "devices": "devices",
}
"""What forms ask for in words stands behind the number when it is read."""
BY_KEY = {
    "node_selector": "Node selector",
    "images": "Image",
    "adapters": "Adapter",
    "environment": "Environment",
}
"""Maps whose keys are names of somebody else's, with dots of their own."""
HUNDREDTHS = ", in hundredths of a percent"
KINDS = {
    "hardware-pool": "Hardware pool",
    "served-model": "Served model",
    "route": "Route",
}


def label(path: str) -> str:
    """The words for a path; one that has none is spelt out."""
    bare = path.removeprefix("overrides.")
    found = LABELS.get(bare) or _spelt(bare)
    return f"{found}, on this pool" if bare != path else found


def titled(path: str) -> str:
    """The words for a path where its value is read: the unit stands behind that."""
    text, place = label(path), ", on this pool"
    ending = place if text.endswith(place) else ""
    bare = text.removesuffix(place).removesuffix(HUNDREDTHS)
    title, _, unit = bare.rpartition(", in ")
    return f"{title if unit in UNITS else bare}{ending}"


def measured(path: str, value: Any) -> str:
    """A value as a person reads it, with its unit."""
    if path == "price_per_device_hour":
        return price(value) or "none"
    text, named = words(value), label(path).removesuffix(", on this pool")
    if not isinstance(value, int) or isinstance(value, bool):
        return text
    if named.endswith(HUNDREDTHS):
        return f"{value / 100:.4g} %"
    unit = UNITS.get(named.rpartition(", in ")[2], "")
    return f"{text} {unit}".rstrip()


def words(value: Any) -> str:
    """A value as a person reads it."""
    if value is None or value in ("", []):
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(words(one) for one in value)
    if isinstance(value, dict):
        return _of_object(value)
    return str(value)


def _of_object(value: dict[str, Any]) -> str:
    """What says its own kind begins with it, as a plugin does; a toleration as kubectl tells it."""
    told = {key: one for key, one in value.items() if one not in (None, "", [], {})}
    if {"operator", "effect"} <= set(told):
        key, operator, effect = told.pop("key", "every key"), told["operator"], told["effect"]
        own = f"={told['value']}" if "value" in told else ""
        return f"{key}{own}:{effect}" + (" where it exists" if operator == "Exists" else "")
    first = [words(told.pop("type"))] if "type" in told else []
    return " ".join([*first, *(f"{key} {words(one)}" for key, one in told.items())])


def _spelt(path: str) -> str:
    known, _, key = path.partition(".")
    if key and known in BY_KEY:
        return f"{BY_KEY[known]} {key}"
    text = path.replace("_", " ").replace(".", ", ")
    return text[:1].upper() + text[1:]
