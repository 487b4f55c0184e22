"""What a picker of release 1.5 says on /metrics. Pure."""

from inference.simulator.world.exposition import Family, Labels, Page

_MODEL = ("model_name", "target_model_name")
_POOL = ("name",)
_LATENCY = (
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30,
    45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600,
)  # fmt: skip
_PER_TOKEN = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_QUICK = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
_IN = (
    1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32778, 65536, 131072, 262144,
    524288, 1048576,
)  # fmt: skip
_OUT = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
_RATIO = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def _objective(
    name: str, kind: str, says: str, *labels: str, buckets: tuple[float, ...] = ()
) -> Family:
    return Family(f"inference_objective_{name}", kind, f"[ALPHA] {says}", labels, (), buckets)


def _pool(name: str, says: str, *labels: str) -> Family:
    return Family(f"inference_pool_{name}", "gauge", f"[ALPHA] {says}", labels or _POOL)


def _extension(
    name: str, kind: str, says: str, *labels: str, buckets: tuple[float, ...] = ()
) -> Family:
    return Family(f"inference_extension_{name}", kind, f"[ALPHA] {says}", labels, (), buckets)


FAMILIES: tuple[Family, ...] = (
    _objective("request_total", "counter", "Requests.", *_MODEL, "priority"),
    _objective("request_error_total", "counter", "Requests that failed.", *_MODEL, "error_code"),
    _objective("running_requests", "gauge", "Requests under way.", "model_name"),
    _objective("request_duration_seconds", "histogram", "Whole time of a request.", *_MODEL,
               buckets=_LATENCY),
    _objective("request_ttft_seconds", "histogram", "Time to the first token.", *_MODEL,
               buckets=_LATENCY),
    _objective("normalized_time_per_output_token_seconds", "histogram",
               "Whole time for each token of the answer.", *_MODEL, buckets=_PER_TOKEN),
    _objective("input_tokens", "histogram", "Tokens of a prompt.", *_MODEL, buckets=_IN),
    _objective("output_tokens", "histogram", "Tokens of an answer.", *_MODEL, buckets=_OUT),
    _pool("average_kv_cache_utilization", "Mean use of the KV cache."),
    _pool("average_queue_size", "Mean number of waiting requests."),
    _pool("average_running_requests", "Mean number of running requests."),
    _pool("ready_pods", "Endpoints that may be picked."),
    _pool("per_pod_queue_size", "Waiting requests of one pod.", "name", "model_server_pod"),
    _extension("info", "gauge", "The build; always 1.", "commit", "build_ref"),
    _extension("scheduler_attempts_total", "counter", "Attempts to pick an endpoint.", "status",
               "target_model_name", "pod_name", "namespace", "port"),
    _extension("scheduler_e2e_duration_seconds", "histogram", "Time to pick.", buckets=_QUICK),
    _extension("prefix_indexer_size", "gauge", "Blocks in the index of prefixes."),
    _extension("prefix_indexer_hit_ratio", "histogram", "Known part of a prompt.", buckets=_RATIO),
    _extension("flow_control_pool_saturation", "gauge", "How full the pool is.", "inference_pool"),
)  # fmt: skip


def new_page(version: str) -> Page:
    page = Page(FAMILIES)
    page.set("inference_extension_info", (("commit", ""), ("build_ref", version)), 1)
    return page


def of_model(model: str) -> Labels:
    return (("model_name", model), ("target_model_name", model))
