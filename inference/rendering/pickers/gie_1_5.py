"""The endpoint picker of the Gateway API inference extension, release 1.5.

Plugins and parameters are those that its runner registers; test doubles are left out, and so are
plugins that need a latency predictor beside the picker, which is not rendered.
"""

from inference.rendering.pickers.generation import Generation

_NONE: frozenset[str] = frozenset()
_PREFIX = frozenset(
    {
        "autoTune",
        "blockSize",
        "blockSizeTokens",
        "lruCapacityPerServer",
        "maxPrefixBlocksToMatch",
        "maxPrefixTokensToMatch",
    }
)
_PICK = frozenset({"maxNumOfEndpoints"})

GIE_1_5 = Generation(
    name="1.5 of the inference extension",
    image="registry.k8s.io/gateway-api-inference-extension/epp:v1.5.0",
    api_version="inference.networking.x-k8s.io/v1alpha1",
    plugins={
        "approx-prefix-cache-producer": _PREFIX,
        "inflight-load-producer": _NONE,
        "kv-cache-utilization-scorer": _NONE,
        "lora-affinity-scorer": _NONE,
        "max-score-picker": _PICK,
        "prefix-cache-scorer": _PREFIX,
        "queue-scorer": _NONE,
        "random-picker": _PICK,
        "running-requests-size-scorer": _NONE,
        "single-profile-handler": _NONE,
        "token-load-scorer": frozenset({"queueThresholdTokens"}),
        "weighted-random-picker": _PICK,
    },
    scorers=frozenset(
        {
            "kv-cache-utilization-scorer",
            "lora-affinity-scorer",
            "prefix-cache-scorer",
            "queue-scorer",
            "running-requests-size-scorer",
            "token-load-scorer",
        }
    ),
    objective_groups=("inference.networking.x-k8s.io",),
)
