"""What the forms of definitions ask, in which order, and the help that stands at each field."""

from collections.abc import Sequence

from django.conf import settings

from inference.web.definition_forms import Question, Rows

Choices = tuple[tuple[str, str], ...]
Parts = list[tuple[str, Sequence[Question]] | Rows]


def choices(*values: str, empty: str = "") -> Choices:
    given = tuple((value, value) for value in values)
    return (("", empty), *given) if empty else given


def of_served_model(pools: Choices) -> Parts:
    return [
        (
            "The model",
            [
                Question("weights", help="hf://org/name, oci://…, s3://… or pvc://claim/path"),
                Question("served_names", "lines", help="One a line; routes rely on the first one."),
                Question("engine", "choice", choices("vllm", "sglang", "trtllm")),
                Question(
                    "engine_version",
                    help="Of upstream's image; one that the pool names goes before it.",
                    optional=True,
                ),
                Question("parallelism.tensor", "number", help="Accelerators that share a layer."),
                Question("context_length", "number", optional=True, help="Empty: as the weights."),
                Question("max_sequences", "number", optional=True, help="Empty: the engine's own."),
                Question("memory_percent", "number", help="Of each device, for weights and cache."),
                Question(
                    "quantization", optional=True, help="As the engine calls it, such as fp8."
                ),
                Question("arguments", "lines", optional=True, help="One a line, as --name=value."),
            ],
        ),
        Rows(
            "placements",
            "Placements",
            (
                Question("pool", "choice", pools),
                Question("replicas", "number", help="0 puts it to sleep."),
                Question("ready_within_minutes", "number", optional=True, help="Empty: 60."),
            ),
        ),
        (
            "Objectives",
            [
                Question("objectives.ttft_ms", "number", optional=True, help="Empty: none."),
                Question("objectives.tpot_ms", "number", optional=True, help="Empty: none."),
            ],
        ),
    ]


def of_hardware_pool(clusters: Choices) -> Parts:
    vendors = choices("nvidia", "amd", "intel", "google", "aws", "cpu")
    return [
        (
            "The nodes",
            [
                Question("cluster", "choice", clusters),
                Question("accelerator.vendor", "choice", vendors),
                Question("accelerator.product", help="As people call it: H100 NVL, MI300X."),
                Question("accelerator.memory_mib", "number"),
                Question("allocation", "choice", choices("device-plugin", "mig", "dra")),
                Question("resource", help="What pods ask for, such as nvidia.com/gpu."),
                Question("devices_per_node", "number"),
                Question("cpu_per_device", "number"),
                Question("memory_gib_per_device", "number"),
            ],
        ),
        (
            "Who, and for how much",
            [
                Question("teams", "lines", optional=True, help="One a line; its own team always."),
                Question(
                    "price_per_device_hour", help=f"In {settings.CURRENCY}, such as 2.40; 0: none."
                ),
                Question("quota_devices", "number", help="0: no quota."),
                Question("queue", optional=True, help="Of Kueue, where the cluster has it."),
            ],
        ),
    ]


def of_route(clusters: Choices, models: Choices, pools: Choices) -> Parts:
    return [
        (
            "The public face",
            [
                Question("hostname", help="What clients ask for; one route owns it at a gateway."),
                Question("path_prefix", optional=True, help="Such as /chat; empty: all paths."),
                Question("public_names", "lines", optional=True, help="One a line."),
                Question("gateway.cluster", "choice", clusters),
                Question("gateway.namespace"),
                Question("gateway.name", help="As platform has registered it, under Settings."),
                Question("timeout_seconds", "number"),
            ],
        ),
        Rows(
            "members",
            "Who answers",
            (
                Question("model", "choice", models),
                Question("pool", "choice", pools),
                Question("weight", "number", help="Its share beside the others; 0: none."),
            ),
        ),
    ]
