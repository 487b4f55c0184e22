"""The flags of a picker of release 1.5, read and refused as it does. Pure."""

from collections.abc import Mapping, Sequence

_SWITCHES = frozenset({
    "disable-endpoint-subset-filter", "enable-cert-reload", "enable-pprof",
    "ha-enable-leader-election", "health-checking", "metrics-endpoint-auth",
    "model-server-metrics-https-insecure-skip-verify", "secure-serving", "tracing", "zap-devel",
})  # fmt: skip
_VALUES = frozenset({
    "cache-info-metric", "cert-path", "config-file", "config-text", "endpoint-selector",
    "endpoint-target-ports", "grpc-health-port", "grpc-port", "kubeconfig",
    "kv-cache-usage-percentage-metric", "lora-info-metric", "metrics-port",
    "metrics-staleness-threshold", "model-server-metrics-path", "model-server-metrics-port",
    "model-server-metrics-scheme", "pool-group", "pool-name", "pool-namespace",
    "refresh-metrics-interval", "refresh-prometheus-metrics-interval",
    "total-queued-requests-metric", "total-running-requests-metric", "v", "zap-encoder",
    "zap-log-level", "zap-stacktrace-level", "zap-time-encoding",
})  # fmt: skip
_NUMBERS = frozenset({"grpc-health-port", "grpc-port", "metrics-port"})


class BadFlags(Exception):
    """The picker ends with exit code 2; the text is its last line."""


def flags_of(words: Sequence[str]) -> dict[str, str]:
    """Each flag with its value; a switch that is only named is `true`. Raises BadFlags."""
    found: dict[str, str] = {}
    rest = [word for word in words if word]
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            continue
        name, separator, value = word.lstrip("-").partition("=")
        if name not in _SWITCHES | _VALUES:
            raise BadFlags(f"unknown flag: --{name}")
        if not separator:
            if name in _SWITCHES:
                value = "true"
            elif rest:
                value = rest.pop(0)
            else:
                raise BadFlags(f"flag needs an argument: --{name}")
        if name in _NUMBERS and not value.isdigit():
            why = f'strconv.ParseInt: parsing "{value}": invalid syntax'
            raise BadFlags(f'invalid argument "{value}" for "--{name}" flag: {why}')
        found[name] = value
    return found


def is_on(flags: Mapping[str, str], name: str, *, usual: bool) -> bool:
    value = flags.get(name)
    return usual if value is None else value.lower() in {"1", "t", "true"}
