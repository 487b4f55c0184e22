"""The flags of `vllm serve`: their names, and what each takes. Pure."""

WHOLE, AMOUNT, TEXT, SWITCH, JSON, MANY = "int", "float", "str", "switch", "json", "many"

_NAMES: dict[str, str] = {
    WHOLE: """
        api-server-count cp-kv-cache-interleave-size data-parallel-rank data-parallel-rpc-port
        data-parallel-size data-parallel-size-local data-parallel-start-rank dbo-decode-token-
        threshold dbo-prefill-token-threshold dcp-kv-cache-interleave-size decode-context-
        parallel-size h11-max-header-count h11-max-incomplete-event-size kv-cache-memory-bytes
        long-prefill-token-threshold mamba-block-size master-port max-cpu-loras max-cudagraph-
        capture-size max-log-len max-logprobs max-long-partial-prefills max-lora-rank max-loras
        max-model-len max-num-batched-tokens max-num-partial-prefills max-num-seqs max-parallel-
        loading-workers mm-shm-cache-max-object-size-mb nnodes node-rank num-gpu-blocks-override
        optimization-level pipeline-parallel-size port prefill-context-parallel-size seed ssl-
        cert-reqs stream-interval tensor-parallel-size ubatch-size block-size
    """,
    AMOUNT: """
        cpu-offload-gb gpu-memory-utilization kv-cache-metrics-sample kv-offloading-size mm-
        processor-cache-gb swap-space video-pruning-rate
    """,
    SWITCH: """
        aggregate-engine-logging allow-credentials async-scheduling calculate-kv-scales cudagraph-
        metrics data-parallel-external-lb data-parallel-hybrid-lb disable-cascade-attn disable-
        chunked-mm-input disable-custom-all-reduce disable-fastapi-docs disable-frontend-
        multiprocessing disable-hybrid-kv-cache-manager disable-log-stats disable-nccl-for-dp-
        synchronization disable-sliding-window disable-uvicorn-access-log enable-auto-tool-choice
        enable-chunked-prefill enable-dbo enable-eplb enable-expert-parallel enable-force-include-
        usage enable-layerwise-nvtx-tracing enable-log-outputs enable-log-requests enable-logging-
        iteration-details enable-lora enable-mfu-metrics enable-mm-embeds enable-offline-docs
        enable-prefix-caching enable-prompt-embeds enable-prompt-tokens-details enable-request-id-
        headers enable-server-load-tracking enable-sleep-mode enable-ssl-refresh enable-tokenizer-
        info-endpoint enable-tower-connector-lora enforce-eager exclude-tools-when-tool-choice-
        none fully-sharded-loras headless interleave-mm-strings kv-cache-metrics kv-sharing-fast-
        prefill log-error-stack mm-encoder-only return-tokens-as-token-ids skip-mm-profiling skip-
        tokenizer-init trust-remote-code trust-request-chat-template use-tqdm-on-load
    """,
    JSON: """
        additional-config attention-config compilation-config default-chat-template-kwargs
        default-mm-loras ec-transfer-config eplb-config hf-overrides kernel-config kv-events-
        config kv-transfer-config limit-mm-per-prompt media-io-kwargs mm-processor-kwargs model-
        loader-extra-config override-generation-config pooler-config profiler-config speculative-
        config structured-outputs-config
    """,
    MANY: """
        allowed-headers allowed-media-domains allowed-methods allowed-origins api-key collect-
        detailed-traces cudagraph-capture-sizes ignore-patterns logits-processors lora-modules
        middleware served-model-name
    """,
    TEXT: """
        all2all-backend allowed-local-media-path attention-backend chat-template chat-template-
        content-format code-revision config config-format convert data-parallel-address data-
        parallel-backend disable-access-log-for-endpoints distributed-executor-backend download-
        dir dtype expert-placement-strategy generation-config hf-config-path hf-token host io-
        processor-plugin kv-cache-dtype kv-offloading-backend load-format log-config-file logits-
        processor-pattern logprobs-mode lora-dtype mamba-cache-dtype mamba-cache-mode mamba-ssm-
        cache-dtype master-addr mm-encoder-attn-backend mm-encoder-tp-mode mm-processor-cache-type
        model model-impl otlp-traces-endpoint prefix-caching-hash-algo pt-load-map-location
        quantization reasoning-parser response-role revision root-path runner safetensors-load-
        strategy scheduler-cls scheduling-policy show-hidden-metrics-for-version ssl-ca-certs ssl-
        certfile ssl-keyfile task tokenizer tokenizer-mode tokenizer-revision tool-call-parser
        tool-parser-plugin tool-server uds uvicorn-log-level worker-cls worker-extension-cls
    """,
}

FLAGS: dict[str, str] = {name: takes for takes, names in _NAMES.items() for name in names.split()}

SHORT = {
    "-asc": "api-server-count",
    "-cc": "compilation-config",
    "-dcp": "decode-context-parallel-size",
    "-dp": "data-parallel-size",
    "-dpa": "data-parallel-address",
    "-dpb": "data-parallel-backend",
    "-dpe": "data-parallel-external-lb",
    "-dph": "data-parallel-hybrid-lb",
    "-dpl": "data-parallel-size-local",
    "-dpn": "data-parallel-rank",
    "-dpp": "data-parallel-rpc-port",
    "-dpr": "data-parallel-start-rank",
    "-ep": "enable-expert-parallel",
    "-O": "optimization-level",
    "-pcp": "prefill-context-parallel-size",
    "-pp": "pipeline-parallel-size",
    "-q": "quantization",
    "-tp": "tensor-parallel-size",
}

CHOICES: dict[str, tuple[str, ...]] = {
    "dtype": ("auto", "bfloat16", "float", "float16", "float32", "half"),
    "kv-cache-dtype": (
        "auto",
        "bfloat16",
        "float16",
        "fp8",
        "fp8_ds_mla",
        "fp8_e4m3",
        "fp8_e5m2",
        "fp8_inc",
    ),
    "scheduling-policy": ("fcfs", "priority"),
    "uvicorn-log-level": ("critical", "debug", "error", "info", "trace", "warning"),
}

HUMAN = frozenset({"max-model-len", "max-num-batched-tokens", "kv-cache-memory-bytes"})
"""They take 32k and 1.5M as well."""
