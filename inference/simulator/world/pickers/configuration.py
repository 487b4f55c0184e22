"""An EndpointPickerConfig, read and refused as a picker of release 1.5 does. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

API_VERSION = "inference.networking.x-k8s.io/v1alpha1"
SCORERS = frozenset({
    "kv-cache-utilization-scorer", "latency-scorer", "lora-affinity-scorer",
    "predicted-latency-scorer", "prefix-cache-scorer", "queue-scorer",
    "running-requests-size-scorer", "token-load-scorer",
})  # fmt: skip
PICKS = frozenset({"max-score-picker", "random-picker", "weighted-random-picker"})
_OTHERS = frozenset({
    "approx-prefix-cache-producer", "concurrency-detector", "core-metrics-extractor",
    "destination-endpoint-served-verifier", "edf-ordering-policy", "endpoint-notification-source",
    "fcfs-ordering-policy", "global-strict-fairness-policy", "header-based-testing-filter",
    "inflight-load-producer", "k8s-notification-source", "latency-slo-admitter",
    "metrics-data-source", "openai-parser", "passthrough-parser", "predicted-latency-producer",
    "prefix-cache-affinity-filter", "request-attribute-reporter", "round-robin-fairness-policy",
    "single-profile-handler", "slo-deadline-ordering-policy", "slo-headroom-tier-filter",
    "static-usage-limit-policy", "utilization-detector", "vllmgrpc-parser",
})  # fmt: skip
PLUGINS = SCORERS | PICKS | _OTHERS
GATES = frozenset({"dataLayer", "enableLegacyMetrics", "flowControl"})  # fmt: skip
_FIELDS = frozenset({
    "apiVersion", "kind", "featureGates", "plugins", "schedulingProfiles", "saturationDetector",
    "data", "dataLayer", "flowControl", "parser",
})  # fmt: skip


class BadConfiguration(Exception):
    """The picker ends at once; the text is what it logs as the error."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """How to score and to choose; weights are of the first profile."""

    scorers: tuple[tuple[str, float], ...] = ()
    pick: str = "max-score-picker"
    gates: frozenset[str] = frozenset()


DEFAULT = Configuration(
    scorers=(
        ("queue-scorer", 2.0),
        ("kv-cache-utilization-scorer", 2.0),
        ("prefix-cache-scorer", 3.0),
    )
)
"""What a picker does that is given no configuration."""


def configuration_of(text: str) -> Configuration:
    """Raises BadConfiguration."""
    given = _decoded(text)
    gates = list(given.get("featureGates") or ())
    for gate in gates:
        if gate not in GATES:
            why = f"feature gate '{gate}' is unknown or unregistered"
            raise BadConfiguration(
                f"failed to parse config - feature gate validation failed: {why}"
            )
    names = _instantiated(given.get("plugins") or ())
    profiles = given.get("schedulingProfiles") or ()
    _check_profiles(profiles, names)
    scorers, pick = _built(profiles, names)
    return Configuration(scorers, pick, frozenset(gates))


def _decoded(text: str) -> Mapping[str, Any]:
    head = "failed to parse config - failed to decode configuration JSON/YAML: "
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError as error:
        first = str(error).splitlines()[0]
        raise BadConfiguration(f"{head}couldn't get version/kind; {first}") from None
    if not isinstance(given, dict):
        raise BadConfiguration(f"{head}couldn't get version/kind; json parse error")
    version, kind = given.get("apiVersion", ""), given.get("kind", "")
    if (version, kind) != (API_VERSION, "EndpointPickerConfig"):
        what = f'no kind "{kind}" is registered for version "{version}"'
        raise BadConfiguration(f'{head}{what} in scheme "pkg/runtime/scheme.go:111"')
    unknown = sorted(given.keys() - _FIELDS)
    if unknown:
        listed = ", ".join(f'unknown field "{name}"' for name in unknown)
        raise BadConfiguration(f"{head}strict decoding error: {listed}")
    return given


def _instantiated(plugins: Sequence[Any]) -> dict[str, str]:
    """The type of each plugin by its name."""
    head = "failed to load the configuration - plugin instantiation failed: "
    names: dict[str, str] = {}
    for plugin in plugins:
        kind = plugin.get("type") or ""
        name = plugin.get("name") or kind
        if not kind:
            raise BadConfiguration(f"{head}plugin '{name}' is missing a type")
        if name in names:
            raise BadConfiguration(f"{head}duplicate plugin name '{name}'")
        if kind not in PLUGINS:
            raise BadConfiguration(f"{head}plugin type '{kind}' is not registered")
        names[name] = kind
    return names


def _check_profiles(profiles: Sequence[Any], names: Mapping[str, str]) -> None:
    head = (
        "failed to load the configuration - configuration validation failed: "
        "scheduling profile validation failed: "
    )
    seen: set[str] = set()
    for number, profile in enumerate(profiles):
        name = profile.get("name") or ""
        if not name:
            raise BadConfiguration(f"{head}schedulingProfiles[{number}] is missing a name")
        if name in seen:
            raise BadConfiguration(
                f"{head}schedulingProfiles[{number}] has duplicate name '{name}'"
            )
        seen.add(name)
        for place, plugin in enumerate(profile.get("plugins") or ()):
            where, reference = f"schedulingProfiles[{name}]", plugin.get("pluginRef") or ""
            if not reference:
                raise BadConfiguration(f"{head}{where}.plugins[{place}] is missing a 'pluginRef'")
            if reference not in names:
                raise BadConfiguration(f"{head}{where} references undefined plugin '{reference}'")


def _built(
    profiles: Sequence[Any], names: Mapping[str, str]
) -> tuple[tuple[tuple[str, float], ...], str]:
    head = "failed to load the configuration - scheduler config build failed: "
    if len(profiles) > 1:
        text = "SingleProfileHandler cannot support multiple scheduling profiles"
        raise BadConfiguration(f"{head}{text}")
    if not profiles:
        return tuple((kind, 1.0) for kind in names.values() if kind in SCORERS), _pick(names)
    scorers: list[tuple[str, float]] = []
    pick = ""
    for plugin in profiles[0].get("plugins") or ():
        reference = plugin["pluginRef"]
        kind = names[reference]
        if kind in SCORERS:
            weight = plugin.get("weight")
            scorers.append((kind, 1.0 if weight is None else float(weight)))
        elif kind in PICKS:
            if pick:
                raise BadConfiguration(
                    _second_pick(head, profiles[0]["name"], reference, names, pick)
                )
            pick = reference
    return tuple(scorers), names[pick] if pick else "max-score-picker"


def _second_pick(head: str, profile: str, name: str, names: Mapping[str, str], first: str) -> str:
    adding = f"failed to add plugin '{name}' to profile '{profile}'"
    setting = f"failed to set '{name}/{names[name]}' as picker"
    already = f"already have a registered picker plugin '{first}/{names[first]}'"
    return f"{head}{adding}: {setting}, {already}"


def _pick(names: Mapping[str, str]) -> str:
    return next((kind for kind in names.values() if kind in PICKS), "max-score-picker")
