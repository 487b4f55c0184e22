"""What people may say to an engine themselves: arguments, variables, adapters. Pure."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from inference.definitions.fields import (
    Part,
    ServedName,
    Text,
    Weights,
    check_no_secret,
    claim_of,
    fault,
)
from inference.messages import definitions as messages

SET_BY_WAYBILL = {
    "--served-model-name": "served_names",
    "--port": "nothing: it is 8000",
    "--host": "nothing: it is every address of the pod",
    "--tensor-parallel-size": "parallelism.tensor",
    "--pipeline-parallel-size": "parallelism.pipeline",
    "--data-parallel-size": "parallelism.data",
    "--max-model-len": "context_length",
    "--max-num-seqs": "max_sequences",
    "--max-num-batched-tokens": "max_batched_tokens",
    "--gpu-memory-utilization": "memory_percent",
    "--quantization": "quantization",
    "--kv-cache-dtype": "kv_cache_dtype",
    "--block-size": "block_size",
    "--enable-lora": "adapters",
    "--lora-modules": "adapters",
    "--api-key": "nothing: the gateway decides who may ask",
}
"""Engine arguments that follow from fields, and which field."""
VARIABLES_OF_WAYBILL = frozenset({"POD_IP", "HF_HOME", "HF_TOKEN"})
"""Variables that rendering sets: a server takes each name once."""


class Adapter(Part):
    name: ServedName
    uri: Weights


class Variable(Part):
    name: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    value: Text

    @model_validator(mode="after")
    def _is_free(self) -> "Variable":
        check_no_secret(self.name, self.value)
        if self.name in VARIABLES_OF_WAYBILL:
            raise fault(messages.VARIABLE_IS_OURS, name=self.name)
        return self


def _free(value: tuple[str, ...]) -> tuple[str, ...]:
    for argument in value:
        flag, _, literal = argument.partition("=")
        if not flag.startswith("--"):
            raise fault(messages.ARGUMENT_FORM, given=argument[:60])
        flag = flag.replace("_", "-")
        if flag in SET_BY_WAYBILL:
            raise fault(messages.ARGUMENT_IS_OURS, argument=flag, field=SET_BY_WAYBILL[flag])
        check_no_secret(flag, literal)
    return value


Arguments = Annotated[tuple[Text, ...], Field(max_length=100, strict=False), AfterValidator(_free)]


def check_reachable(adapters: Iterable[Adapter], weights: str) -> None:
    """Raises where an adapter lies in a volume: the pod mounts that of the weights alone."""
    for one in adapters:
        is_mounted = claim_of(one.uri) == claim_of(weights)
        if one.uri.startswith("oci://") or not (is_mounted or claim_of(one.uri) is None):
            raise fault(messages.ADAPTER_NOT_MOUNTED, name=one.name)
