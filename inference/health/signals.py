"""What is asked of engines and pickers: each signal, and its names by engine and version. Pure.

A signal that no name answers is unknown, never zero. An expression is PromQL with two holes: by
which labels it is grouped, and which series it is about.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

PLACEMENT, NAMESPACE, POD = "waybill_placement", "namespace", "pod"
"""As operators of Prometheus write down what our monitors ask them to."""
WINDOW = "1m"
"""Of rates. Our monitors ask for a scrape every 15 s or oftener: four samples."""
OURS = f'{PLACEMENT}!=""'


class Unit(StrEnum):
    REQUESTS = "requests"
    ENDPOINTS = "endpoints"
    SHARE = "share"  # 1 is all of it
    SECONDS = "seconds"
    REQUESTS_PER_SECOND = "requests/s"
    TOKENS_PER_SECOND = "tokens/s"
    TIME = "time"  # seconds since 1970


class Merge(StrEnum):
    """What several backends come to: together, or the one that fares worst."""

    SUM = "sum"
    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, slots=True)
class Known:
    """How one generation calls a signal. `needs`: series that have to be there for it to answer;
    `name` is what people call it."""

    name: str
    needs: tuple[str, ...]
    template: str
    since: str

    def expression(self, by: Iterable[str], of: str) -> str:
        return self.template.replace("$by", ", ".join(by)).replace("$of", of)


@dataclass(frozen=True, slots=True)
class Signal:
    """`known` has the newest generation first. `by_replica`: it is also asked of each pod."""

    key: str
    title: str
    unit: Unit
    merge: Merge
    known: tuple[Known, ...]
    by_replica: bool = False
    of_picker: bool = False

    def answered_by(self, series: Collection[str]) -> Known | None:
        """The newest generation all of whose series are there."""
        return next((one for one in self.known if set(one.needs) <= set(series)), None)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.known)


def _gauge(deed: str, name: str, since: str) -> Known:
    return Known(name, (name,), f"{deed} by ($by) ({name}{{$of}})", since)


def _rate(name: str, more: str = "") -> str:
    return f"sum by ($by) (rate({name}{{$of{more}}}[{WINDOW}]))"


def _counter(name: str, since: str) -> Known:
    return Known(name, (name,), _rate(name), since)


def _ratio(part: str, whole: str, since: str) -> Known:
    return Known(part, (part, whole), f"{_rate(part)} / {_rate(whole)}", since)


def _quantile(share: float, name: str, since: str) -> Known:
    buckets = f"sum by (le, $by) (rate({name}_bucket{{$of}}[{WINDOW}]))"
    return Known(name, (f"{name}_count",), f"histogram_quantile({share}, {buckets})", since)


def _errors(name: str, total: str, since: str) -> Known:
    """A picker has no counter of errors before the first one: none means none, if it counts."""
    counted = f"({_rate(name)} or {_rate(total)} * 0)"
    return Known(name, (total,), f"{counted} / {_rate(total)}", since)


def _ended_in_error(name: str, since: str) -> Known:
    """Older releases do not tell errors apart: then nothing matches, and it stays unknown."""
    whole = _rate(name)
    part = _rate(name, ',finished_reason="error"')
    return Known(name, (name,), f"{part} / {whole}", since)


def _latency(key: str, title: str, share: float, *names: tuple[str, str], each: bool) -> Signal:
    known = tuple(_quantile(share, name, since) for name, since in names)
    return Signal(key, title, Unit.SECONDS, Merge.MAX, known, by_replica=each)


_FIRST = ("vllm:time_to_first_token_seconds", "vLLM 0.6")
_BETWEEN = (
    ("vllm:inter_token_latency_seconds", "vLLM 0.10.2"),
    ("vllm:time_per_output_token_seconds", "vLLM 0.6"),
)

ENGINE: tuple[Signal, ...] = (
    Signal(
        "requests-running",
        "Running",
        Unit.REQUESTS,
        Merge.SUM,
        (_gauge("sum", "vllm:num_requests_running", "vLLM 0.6"),),
        by_replica=True,
    ),
    Signal(
        "requests-waiting",
        "Waiting",
        Unit.REQUESTS,
        Merge.SUM,
        (_gauge("sum", "vllm:num_requests_waiting", "vLLM 0.6"),),
        by_replica=True,
    ),
    Signal(
        "kv-cache-use",
        "KV cache used",
        Unit.SHARE,
        Merge.MAX,
        (
            _gauge("max", "vllm:kv_cache_usage_perc", "vLLM 0.9.2"),
            _gauge("max", "vllm:gpu_cache_usage_perc", "vLLM 0.6"),
        ),
        by_replica=True,
    ),
    _latency("ttft-p50", "First token, median", 0.5, _FIRST, each=False),
    _latency("ttft-p95", "First token, p95", 0.95, _FIRST, each=True),
    _latency("itl-p50", "Between tokens, median", 0.5, *_BETWEEN, each=False),
    _latency("itl-p95", "Between tokens, p95", 0.95, *_BETWEEN, each=False),
    Signal(
        "request-rate",
        "Requests ended",
        Unit.REQUESTS_PER_SECOND,
        Merge.SUM,
        (_counter("vllm:request_success_total", "vLLM 0.6"),),
    ),
    Signal(
        "error-share",
        "Ended in an error",
        Unit.SHARE,
        Merge.MAX,
        (_ended_in_error("vllm:request_success_total", "vLLM 0.6"),),
    ),
    Signal(
        "prompt-token-rate",
        "Prompt tokens",
        Unit.TOKENS_PER_SECOND,
        Merge.SUM,
        (_counter("vllm:prompt_tokens_total", "vLLM 0.6"),),
    ),
    Signal(
        "generation-token-rate",
        "Generated tokens",
        Unit.TOKENS_PER_SECOND,
        Merge.SUM,
        (_counter("vllm:generation_tokens_total", "vLLM 0.6"),),
        by_replica=True,
    ),
    Signal(
        "prefix-hit-share",
        "Prefix cache hits",
        Unit.SHARE,
        Merge.MIN,
        (
            _ratio("vllm:prefix_cache_hits_total", "vllm:prefix_cache_queries_total", "vLLM 0.9.2"),
            _ratio(
                "vllm:gpu_prefix_cache_hits_total",
                "vllm:gpu_prefix_cache_queries_total",
                "vLLM 0.8.5",
            ),
            _gauge("min", "vllm:gpu_prefix_cache_hit_rate", "vLLM 0.6"),
        ),
    ),
    Signal(
        "last-scrape",
        "Last scrape",
        Unit.TIME,
        Merge.MIN,
        (
            Known(
                "vllm:num_requests_running",
                ("vllm:num_requests_running",),
                "min by ($by) (timestamp(vllm:num_requests_running{$of}))",
                "vLLM 0.6",
            ),
        ),
        by_replica=True,
    ),
)

PICKER: tuple[Signal, ...] = (
    Signal(
        "picker-request-rate",
        "Requests picked for",
        Unit.REQUESTS_PER_SECOND,
        Merge.SUM,
        (
            _counter("llm_d_epp_request_total", "llm-d, August 2026"),
            _counter("inference_objective_request_total", "inference extension 1.5"),
            _counter("inference_model_request_total", "inference extension 0.5"),
        ),
        of_picker=True,
    ),
    Signal(
        "picker-error-share",
        "Failed at the picker",
        Unit.SHARE,
        Merge.MAX,
        (
            _errors("llm_d_epp_request_error_total", "llm_d_epp_request_total", "llm-d"),
            _errors(
                "inference_objective_request_error_total",
                "inference_objective_request_total",
                "inference extension 1.5",
            ),
            _errors(
                "inference_model_request_error_total",
                "inference_model_request_total",
                "inference extension 0.5",
            ),
        ),
        of_picker=True,
    ),
    Signal(
        "picker-duration-p95",
        "Whole request, p95",
        Unit.SECONDS,
        Merge.MAX,
        (
            _quantile(0.95, "llm_d_epp_request_duration_seconds", "llm-d"),
            _quantile(
                0.95, "inference_objective_request_duration_seconds", "inference extension 1.5"
            ),
            _quantile(0.95, "inference_model_request_duration_seconds", "inference extension 0.5"),
        ),
        of_picker=True,
    ),
    Signal(
        "picker-endpoints",
        "Endpoints ready",
        Unit.ENDPOINTS,
        Merge.SUM,
        (
            _gauge("max", "llm_d_epp_ready_endpoints", "llm-d"),
            _gauge("max", "inference_pool_ready_pods", "inference extension 0.3"),
        ),
        of_picker=True,
    ),
    Signal(
        "picker-queue",
        "Mean queue",
        Unit.REQUESTS,
        Merge.MAX,
        (
            _gauge("max", "llm_d_epp_average_queue_size", "llm-d"),
            _gauge("max", "inference_pool_average_queue_size", "inference extension 0.3"),
        ),
        of_picker=True,
    ),
)

SIGNALS: dict[str, Signal] = {one.key: one for one in (*ENGINE, *PICKER)}


def series() -> tuple[str, ...]:
    """Every series that any generation needs, in one order."""
    needed = {name for one in SIGNALS.values() for known in one.known for name in known.needs}
    return tuple(sorted(needed))


def discovery() -> str:
    """Which of them are there, and how many of each, by placement."""
    names = "|".join(series())
    return f'count by (__name__, {NAMESPACE}, {PLACEMENT}) ({{__name__=~"{names}",{OURS}}})'
