"""What should run, as frozen values: the document of each definition. Pure.

Numbers are whole: prices are decimal text, shares are percent, times are in the unit of the name.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator, model_validator

from inference.definitions.engine_words import Adapter, Arguments, Variable, check_reachable
from inference.definitions.fields import (
    Count,
    Image,
    Label,
    LabelKey,
    LabelValue,
    Name,
    Part,
    Path,
    Price,
    ServedName,
    Subdomain,
    Tag,
    Text,
    Weights,
    check_extended,
    check_unique,
    fault,
)
from inference.messages import definitions as messages


class Accelerator(Part):
    vendor: Literal["nvidia", "amd", "intel", "google", "aws", "cpu"]
    product: Text
    memory_mib: Count


class Toleration(Part):
    key: LabelKey | Literal[""] = ""
    operator: Literal["Exists", "Equal"] = "Exists"
    value: LabelValue = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute", ""] = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> "Toleration":
        if self.operator == "Exists" and self.value:
            raise fault(messages.TOLERATION_VALUE)
        if self.operator == "Equal" and not self.key:
            raise fault(messages.TOLERATION_KEY)
        return self


class Rdma(Part):
    resource: LabelKey
    per_pod: Annotated[int, Field(ge=1, le=64)] = 1


class HardwarePoolSpec(Part):
    """Nodes of one kind in one cluster. `memory_gib_per_device` is of the host, not the device."""

    cluster: Name
    accelerator: Accelerator
    allocation: Literal["device-plugin", "mig", "dra"] = "device-plugin"
    resource: LabelKey
    devices_per_node: Annotated[int, Field(ge=1, le=64)]
    cpu_per_device: Annotated[int, Field(ge=1, le=512)] = 8
    memory_gib_per_device: Annotated[int, Field(ge=1, le=4096)] = 64
    shm_gib: Annotated[int, Field(ge=1, le=1024)] = 20
    node_selector: dict[LabelKey, LabelValue] = Field(default={}, max_length=50)
    tolerations: tuple[Toleration, ...] = Field(default=(), max_length=20, strict=False)
    runtime_class: Subdomain | Literal[""] = ""
    priority_class: Subdomain | Literal[""] = ""
    rdma: Rdma | None = None
    queue: Label | Literal[""] = ""
    quota_devices: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    images: dict[Literal["vllm", "sglang", "trtllm"], Image] = {}
    price_per_device_hour: Price = "0"
    teams: tuple[Name, ...] = Field(default=(), max_length=200, strict=False)

    @field_validator("resource")
    @classmethod
    def _is_a_device(cls, value: str, info: ValidationInfo) -> str:
        accelerator = info.data.get("accelerator")
        if accelerator is None or accelerator.vendor != "cpu":
            check_extended(value)
        return value

    @field_validator("rdma")
    @classmethod
    def _is_another_device(cls, value: Rdma | None, info: ValidationInfo) -> Rdma | None:
        if value:
            check_extended(value.resource)
            check_unique(
                [info.data.get("resource", ""), value.resource], messages.NAME_TWICE, "name"
            )
        return value

    @field_validator("teams")
    @classmethod
    def _teams_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        check_unique(list(value), messages.NAME_TWICE, "name")
        return value


class Parallelism(Part):
    tensor: Annotated[int, Field(ge=1, le=64)] = 1
    pipeline: Annotated[int, Field(ge=1, le=64)] = 1
    data: Annotated[int, Field(ge=1, le=8)] = 1
    expert: bool = False

    @property
    def devices(self) -> int:
        """Accelerators that one replica holds."""
        return self.tensor * self.pipeline * self.data


class Plugin(Part):
    """One plugin of the endpoint picker; a weight where it scores."""

    type: Annotated[str, Field(max_length=80, pattern=r"^[a-z][-a-z0-9]*$")]
    name: Annotated[str, Field(max_length=80, pattern=r"^([a-z][-a-z0-9]*)?$")] = ""
    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    parameters: dict[Annotated[str, Field(max_length=80)], int | Text | bool] = Field(
        default={}, max_length=30
    )


LOAD_AWARE = (
    Plugin(type="queue-scorer", weight=2),
    Plugin(type="kv-cache-utilization-scorer", weight=2),
    Plugin(type="prefix-cache-scorer", weight=3),
)
"""Scores by queue, cache use and prefix: what llm-d calls its load-aware default."""


class Picker(Part):
    plugins: tuple[Plugin, ...] = Field(
        default=LOAD_AWARE, min_length=1, max_length=30, strict=False
    )
    failure_mode: Literal["FailOpen", "FailClose"] = "FailOpen"
    image: Image | Literal[""] = ""


class Objectives(Part):
    """Availability is in hundredths of a percent: 9990 is 99.9 %."""

    ttft_ms: Annotated[int, Field(ge=1, le=600_000)] | None = None
    tpot_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    availability: Annotated[int, Field(ge=1, le=10_000)] | None = None


class Range(Part):
    least: Annotated[int, Field(ge=0, le=1000)]
    most: Annotated[int, Field(ge=1, le=1000)]

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if self.least > self.most:
            raise fault(messages.RANGE_ORDER)
        return self


class Overrides(Part):
    """What differs on this placement's hardware; empty fields follow the model."""

    parallelism: Parallelism | None = None
    context_length: Count | None = None
    memory_percent: Annotated[int, Field(ge=10, le=99)] | None = None
    image: Image | Literal[""] = ""
    arguments: Arguments = ()


class PlacementSpec(Part):
    """A model on a pool. `ready_within_minutes` is how long a push waits for it."""

    id: Annotated[UUID, Field(strict=False)]
    pool: Name
    backend: Literal["auto", "llm-d", "kserve", "lws"] = "auto"
    replicas: Annotated[int, Field(ge=0, le=1000)] | None = None
    range: Range | None = None
    overrides: Overrides = Overrides()
    ready_within_minutes: Annotated[int, Field(ge=1, le=1440)] = 60

    @model_validator(mode="after")
    def _replicas_or_range(self) -> "PlacementSpec":
        if (self.replicas is None) == (self.range is None):
            raise fault(messages.REPLICAS_OR_RANGE)
        return self


class ServedModelSpec(Part):
    """A language model in service. The first served name is the one that routes rely on."""

    weights: Weights
    served_names: tuple[ServedName, ...] = Field(min_length=1, max_length=20, strict=False)
    engine: Literal["vllm", "sglang", "trtllm"] = "vllm"
    engine_version: Tag | Literal[""] = ""
    topology: Literal["aggregated", "disaggregated", "wide-ep"] = "aggregated"
    parallelism: Parallelism = Parallelism()
    context_length: Count | None = None
    max_sequences: Count | None = None
    max_batched_tokens: Count | None = None
    memory_percent: Annotated[int, Field(ge=10, le=99)] = 92
    quantization: Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_.-]*$")] = ""
    kv_cache_dtype: Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_]*$")] = ""
    block_size: Annotated[int, Field(ge=1, le=512)] | None = None
    adapters: tuple[Adapter, ...] = Field(default=(), max_length=100, strict=False)
    arguments: Arguments = ()
    environment: tuple[Variable, ...] = Field(default=(), max_length=100, strict=False)
    picker: Picker = Picker()
    objectives: Objectives = Objectives()
    placements: tuple[PlacementSpec, ...] = Field(default=(), max_length=50, strict=False)

    @field_validator("served_names")
    @classmethod
    def _names_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        check_unique(list(value), messages.NAME_TWICE, "name")
        return value

    @field_validator("adapters")
    @classmethod
    def _adapters_are_there(
        cls, value: tuple[Adapter, ...], info: ValidationInfo
    ) -> tuple[Adapter, ...]:
        check_unique([one.name for one in value], messages.NAME_TWICE, "name")
        check_reachable(value, info.data.get("weights", ""))
        return value

    @field_validator("environment")
    @classmethod
    def _variables_once(cls, value: tuple[Variable, ...]) -> tuple[Variable, ...]:
        check_unique([one.name for one in value], messages.NAME_TWICE, "name")
        return value

    @field_validator("placements")
    @classmethod
    def _pools_once(cls, value: tuple[PlacementSpec, ...]) -> tuple[PlacementSpec, ...]:
        check_unique([one.pool for one in value], messages.POOL_TWICE, "pool")
        check_unique([str(one.id) for one in value], messages.PLACEMENT_ID_TWICE, "id")
        return value


class GatewayReference(Part):
    cluster: Name
    namespace: Label
    name: Subdomain


class RouteMember(Part):
    """A placement, named by its model and pool, and its share of the requests."""

    model: Name
    pool: Name
    weight: Annotated[int, Field(ge=0, le=1_000_000)] = 1


class RouteSpec(Part):
    """The public face. A route owns its hostname at its gateway, or a path prefix below it."""

    gateway: GatewayReference
    hostname: Subdomain
    path_prefix: Path = ""
    public_names: tuple[ServedName, ...] = Field(default=(), max_length=50, strict=False)
    members: tuple[RouteMember, ...] = Field(min_length=1, max_length=16, strict=False)
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 300
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    objectives: Objectives = Objectives()

    @field_validator("public_names")
    @classmethod
    def _names_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        check_unique(list(value), messages.NAME_TWICE, "name")
        return value

    @field_validator("members")
    @classmethod
    def _members_make_sense(cls, value: tuple[RouteMember, ...]) -> tuple[RouteMember, ...]:
        check_unique([f"{one.model} on {one.pool}" for one in value], messages.NAME_TWICE, "name")
        if not any(one.weight for one in value):
            raise fault(messages.WEIGHTS_ALL_ZERO)
        return value


Spec = HardwarePoolSpec | ServedModelSpec | RouteSpec
