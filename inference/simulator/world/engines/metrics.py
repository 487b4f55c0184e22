"""What a vLLM says on /metrics: each family with the release that brought it. Pure."""

from collections.abc import Iterable

from inference.simulator.world.engines.load import Finished
from inference.simulator.world.exposition import Family, Labels, Page

NEWEST = (0, 33, 0)
_OLDEST = (0, 11, 2)
_LATENCY = (
    0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0, 240.0,
    480.0, 960.0, 1920.0, 7680.0,
)  # fmt: skip
_FIRST_TOKEN = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    20.0, 40.0, 80.0, 160.0, 640.0, 2560.0,
)  # fmt: skip
_BETWEEN = (
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0,
    40.0, 80.0,
)  # fmt: skip
_TOKENS = (
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0, 20000.0,
    50000.0, 100000.0,
)  # fmt: skip
_STEP = (1.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0, 16384.0)
_FEW = (1.0, 2.0, 5.0, 10.0, 20.0)
_BASE = ("model_name", "engine")


def _gauge(name: str, says: str, *labels: str, since: tuple[int, ...] = _OLDEST) -> Family:
    return Family(f"vllm:{name}", "gauge", says, (*_BASE, *labels), since)


def _counter(name: str, says: str, *labels: str, since: tuple[int, ...] = _OLDEST) -> Family:
    return Family(f"vllm:{name}_total", "counter", says, (*_BASE, *labels), since)


def _histogram(
    name: str, says: str, buckets: tuple[float, ...], since: tuple[int, ...] = _OLDEST
) -> Family:
    return Family(f"vllm:{name}", "histogram", says, _BASE, since, buckets)


FAMILIES: tuple[Family, ...] = (
    _gauge("num_requests_running", "Requests in the running batch."),
    _gauge("num_requests_waiting", "Requests that wait for their turn."),
    _gauge(
        "num_requests_waiting_by_reason", "Waiting requests by cause.", "reason", since=(0, 20, 2)
    ),
    _gauge("engine_sleep_state", "Whether the engine is awake or asleep.", "sleep_state"),
    _gauge("kv_cache_usage_perc", "Used part of the KV cache; 1 is all of it."),
    _counter("corrupted_requests", "Requests whose logits were not numbers."),
    _counter("prefix_cache_queries", "Tokens looked up in the prefix cache."),
    _counter("prefix_cache_hits", "Tokens found in the prefix cache."),
    _counter("num_preemptions", "Requests put back because the cache was full."),
    _counter("prompt_tokens", "Prompt tokens processed."),
    _counter(
        "prompt_tokens_by_source", "Prompt tokens by where they came from.", "source",
        since=(0, 17, 1),
    ),
    _counter("generation_tokens", "Tokens generated."),
    _counter("request_success", "Requests that have ended, by how.", "finished_reason"),
    _histogram("request_prompt_tokens", "Prompt tokens of a request.", _TOKENS),
    _histogram("request_generation_tokens", "Generated tokens of a request.", _TOKENS),
    _histogram("iteration_tokens_total", "Tokens of one engine step.", _STEP),
    _histogram("request_max_num_generation_tokens", "The most it may generate.", _TOKENS),
    _histogram("request_params_n", "The parameter n of a request.", _FEW),
    _histogram("request_params_max_tokens", "The parameter max_tokens of a request.", _TOKENS),
    _histogram("time_to_first_token_seconds", "From arrival to the first token.", _FIRST_TOKEN),
    _histogram("inter_token_latency_seconds", "Between two tokens of a request.", _BETWEEN),
    _histogram(
        "request_time_per_output_token_seconds", "Mean time per token of a request.", _BETWEEN
    ),
    _histogram("e2e_request_latency_seconds", "From arrival to the last token.", _LATENCY),
    _histogram("request_queue_time_seconds", "Time spent waiting.", _LATENCY),
    _histogram("request_inference_time_seconds", "Time spent running.", _LATENCY),
    _histogram("request_prefill_time_seconds", "Time spent on the prompt.", _LATENCY),
    _histogram("request_decode_time_seconds", "Time spent on the answer.", _LATENCY),
    _histogram(
        "request_prefill_kv_computed_tokens", "Prompt tokens not found in a cache.", _TOKENS,
        since=(0, 13, 0),
    ),
    Family(
        "vllm:cache_config_info",
        "gauge",
        "How the cache is set up; always 1.",
        ("block_size", "cache_dtype", "enable_prefix_caching", "engine", "gpu_memory_utilization",
         "num_gpu_blocks"),
        _OLDEST,
    ),
    Family(
        "vllm:lora_requests_info",
        "gauge",
        "Adapters in use; the value is a time.",
        ("max_lora", "waiting_lora_adapters", "running_lora_adapters"),
        _OLDEST,
    ),
)  # fmt: skip

_PROCESS = (
    Family("process_start_time_seconds", "gauge", "When the process started, in Unix time."),
)


def version_of(tag: str) -> tuple[int, ...]:
    """The release in an image's tag; the newest known where there is none."""
    numbers = tag.removeprefix("v").partition("-")[0].split(".")
    if not all(part.isdigit() for part in numbers):
        return NEWEST
    return tuple(int(part) for part in numbers)


def families_of(version: tuple[int, ...]) -> tuple[Family, ...]:
    """Those of one release; an older one than the oldest known is taken for that."""
    at = max(version, _OLDEST)
    return tuple(family for family in FAMILIES if family.since <= at)


class EngineMetrics:
    """The page of one engine; `model` is the first name that it serves."""

    def __init__(self, version: tuple[int, ...], model: str, started: float) -> None:
        self.page = Page((*_PROCESS, *families_of(version)), created=started)
        self._model = model
        self._base = self.labels()
        self._begin(started)

    def labels(self, *more: tuple[str, str]) -> Labels:
        return (("engine", "0"), ("model_name", self._model), *more)

    def set(self, name: str, value: float, *more: tuple[str, str]) -> None:
        self.page.set(f"vllm:{name}", self.labels(*more), value)

    def add(self, name: str, amount: float, *more: tuple[str, str]) -> None:
        self.page.add(f"vllm:{name}_total", self.labels(*more), amount)

    def take(self, ended: Iterable[Finished], longest: int) -> None:
        """Count finished requests in; `longest` is the most that any of them may generate."""
        for one in ended:
            self._take(one, longest)

    def _take(self, one: Finished, longest: int) -> None:
        computed = one.prompt - one.cached
        self.add("prompt_tokens", one.prompt)
        self.add("generation_tokens", one.output)
        self.add("prefix_cache_queries", one.prompt)
        self.add("prefix_cache_hits", one.cached)
        self.add("prompt_tokens_by_source", computed, ("source", "local_compute"))
        self.add("prompt_tokens_by_source", one.cached, ("source", "local_cache_hit"))
        reason = "error" if one.is_error else "length" if one.output >= longest else "stop"
        self.add("request_success", 1, ("finished_reason", reason))
        seen: dict[str, float] = {
            "request_prompt_tokens": one.prompt,
            "request_generation_tokens": one.output,
            "request_max_num_generation_tokens": one.output,
            "request_params_n": 1,
            "request_params_max_tokens": longest,
            "time_to_first_token_seconds": one.first_token,
            "e2e_request_latency_seconds": one.total,
            "request_queue_time_seconds": one.queue,
            "request_inference_time_seconds": one.inference,
            "request_prefill_time_seconds": one.prefill,
            "request_decode_time_seconds": one.decode,
            "request_prefill_kv_computed_tokens": computed,
            "request_time_per_output_token_seconds": one.step,
        }
        for name, value in seen.items():
            self.page.observe(f"vllm:{name}", self._base, value)
        between = max(0, one.output - 1)
        self.page.observe("vllm:inter_token_latency_seconds", self._base, one.step, between)
        self.page.observe("vllm:iteration_tokens_total", self._base, computed + 1)
        self.page.observe("vllm:iteration_tokens_total", self._base, 1, between)

    def _begin(self, started: float) -> None:
        """A counter without labels of its own stands there from the start."""
        self.page.set("process_start_time_seconds", (), started)
        for family in self.page.families.values():
            if family.labels != _BASE:
                continue
            if family.kind == "histogram":
                self.page.histogram(family.name, self._base)
            else:
                self.page.set(family.name, self._base, 0)
        for reason in ("stop", "length", "abort", "error", "repetition"):
            self.add("request_success", 0, ("finished_reason", reason))
        for source in ("local_compute", "local_cache_hit", "external_kv_transfer"):
            self.add("prompt_tokens_by_source", 0, ("source", source))
        for state, awake in (("awake", 1), ("weights_offloaded", 0), ("discard_all", 0)):
            self.set("engine_sleep_state", awake, ("sleep_state", state))
