"""An engine's command line, read as `vllm serve` reads it, and refused as it refuses. Pure."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.simulator.world.engines.flags import (
    AMOUNT,
    CHOICES,
    FLAGS,
    HUMAN,
    JSON,
    MANY,
    SHORT,
    SWITCH,
    WHOLE,
)

USAGE, BAD_USAGE, FAILED = "usage: vllm serve [model_tag] [options]", 2, 1
_UNITS = {
    "k": 10**3, "K": 2**10, "m": 10**6, "M": 2**20, "g": 10**9, "G": 2**30, "t": 10**12, "T": 2**40,
}  # fmt: skip
_HUMAN = re.compile(r"(\d+(?:\.\d+)?)([kKmMgGtT]?)")


class NotStarted(Exception):
    """The engine ends before it serves; `text` is the last it says."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Settings:
    """What an engine made of its arguments."""

    model: str
    names: tuple[str, ...]
    port: int = 8000
    max_num_seqs: int = 256
    max_model_len: int = 32768
    max_num_batched_tokens: int = 8192
    tensor: int = 1
    pipeline: int = 1
    data: int = 1
    block_size: int = 16
    memory_utilization: float = 0.9
    cache_dtype: str = "auto"
    caches_prefixes: bool = True
    adapters: tuple[str, ...] = ()
    max_loras: int = 0
    api_keys: tuple[str, ...] = ()


def settings_of(words: Sequence[str], environment: Mapping[str, str], devices: int) -> Settings:
    """`devices` is how many accelerators the container has, 0 where it asks for none.

    Raises NotStarted with what the engine would log.
    """
    found = parse(words)
    _check(found, devices)
    model = found.get("model", ["Qwen/Qwen3-0.6B"])[0]
    whole = {name: _whole(name, values[0]) for name, values in found.items() if _is_whole(name)}
    key = environment.get("VLLM_API_KEY", "")
    return Settings(
        model=model,
        names=tuple(found.get("served-model-name") or [model]),
        port=whole.get("port", 8000),
        max_num_seqs=whole.get("max-num-seqs", 256),
        max_model_len=max(whole.get("max-model-len", 32768), 1),
        max_num_batched_tokens=whole.get("max-num-batched-tokens", 8192),
        tensor=whole.get("tensor-parallel-size", 1),
        pipeline=whole.get("pipeline-parallel-size", 1),
        data=whole.get("data-parallel-size", 1),
        block_size=whole.get("block-size", 16),
        memory_utilization=float(found.get("gpu-memory-utilization", ["0.9"])[0]),
        cache_dtype=found.get("kv-cache-dtype", ["auto"])[0],
        caches_prefixes="no-enable-prefix-caching" not in found,
        adapters=tuple(_adapter(text) for text in found.get("lora-modules", ())),
        max_loras=whole.get("max-loras", 1) if "enable-lora" in found else 0,
        api_keys=tuple(found.get("api-key") or ([key] if key else ())),
    )


def parse(words: Sequence[str]) -> dict[str, list[str]]:
    """The values of each flag; the word after `serve` is the model. Raises NotStarted."""
    found: dict[str, list[str]] = {}
    unknown: list[str] = []
    rest = _after_serve(words)
    while rest:
        word = rest.pop(0)
        if not _is_flag(word):
            taken = "model" in found
            if taken:
                unknown.append(word)
            else:
                found["model"] = [word]
            continue
        name, value = _split(word)
        takes = _takes(name)
        if takes is None:
            unknown.append(word)
            while rest and not _is_flag(rest[0]):
                unknown.append(rest.pop(0))
            continue
        if takes != MANY:
            found.pop(name, None)
        found.setdefault(name, []).extend(_values(name, takes, value, rest))
    if unknown:
        raise _usage(f"unrecognized arguments: {' '.join(unknown)}")
    return found


def _after_serve(words: Sequence[str]) -> list[str]:
    rest = list(words)
    if rest and rest[0].rsplit("/", 1)[-1] in {"sh", "bash"}:
        rest = shlex.split(rest[-1].replace("\\\n", " "))
    if "serve" in rest[:4]:
        rest = rest[rest.index("serve") + 1 :]
    elif "vllm.entrypoints.openai.api_server" in rest[:4]:
        rest = rest[rest.index("vllm.entrypoints.openai.api_server") + 1 :]
    return rest


def _is_flag(word: str) -> bool:
    return word.startswith("-") and not re.fullmatch(r"-\d+(\.\d+)?", word)


def _split(word: str) -> tuple[str, str | None]:
    head, separator, value = word.partition("=")
    if head in SHORT:
        return SHORT[head], value if separator else None
    if head.startswith("-O") and head[2:]:
        return "optimization-level", head[2:]
    if not head.startswith("--"):
        return head, None
    name = head.removeprefix("--").replace("_", "-")
    return name, value if separator else None


def _takes(name: str) -> str | None:
    base, dot, _ = name.partition(".")
    if dot:
        return JSON if FLAGS.get(base) == JSON else None
    if name.startswith("no-") and FLAGS.get(name[3:]) == SWITCH:
        return SWITCH
    return FLAGS.get(name)


def _values(name: str, takes: str, value: str | None, rest: list[str]) -> list[str]:
    if takes == SWITCH:
        if value is not None:
            raise _usage(f"argument --{name}: ignored explicit argument {value!r}")
        return []
    given = [value] if value is not None else []
    if takes == MANY:
        while value is None and rest and not _is_flag(rest[0]):
            given.append(rest.pop(0))
    elif value is None and rest and not _is_flag(rest[0]):
        given.append(rest.pop(0))
    if not given:
        wanted = "at least one argument" if takes == MANY else "one argument"
        raise _usage(f"argument --{name}: expected {wanted}")
    _check_value(name, takes, given[0])
    return given


def _check_value(name: str, takes: str, value: str) -> None:
    if takes == WHOLE:
        _whole(name, value)
    elif takes == AMOUNT:
        try:
            float(value)
        except ValueError:
            raise _usage(f"argument --{name}: invalid float value: {value!r}") from None
    elif takes == JSON and "." not in name:
        try:
            json.loads(value)
        except ValueError:
            problem = f"Value {value} cannot be converted to <function loads>."
            raise _usage(f"argument --{name}: {problem}") from None
    elif name in CHOICES and value not in CHOICES[name]:
        offered = ", ".join(CHOICES[name])
        raise _usage(f"argument --{name}: invalid choice: {value!r} (choose from {offered})")


def _is_whole(name: str) -> bool:
    return FLAGS.get(name) == WHOLE


def _whole(name: str, value: str) -> int:
    human = _HUMAN.fullmatch(value) if name in HUMAN else None
    if human:
        return int(float(human[1]) * _UNITS.get(human[2], 1))
    if name == "max-model-len" and value in {"auto", "-1"}:
        return 32768
    try:
        return int(value)
    except ValueError:
        raise _usage(f"argument --{name}: invalid int value: {value!r}") from None


def _usage(problem: str) -> NotStarted:
    return NotStarted(BAD_USAGE, f"{USAGE}\nvllm serve: error: {problem}")


def _check(found: Mapping[str, Sequence[str]], devices: int) -> None:
    """What the engine's own configuration refuses after its arguments were read."""

    def whole(name: str, usual: int) -> int:
        return _whole(name, found[name][0]) if name in found else usual

    memory = float(found.get("gpu-memory-utilization", ["0.9"])[0])
    if not 0 < memory <= 1:
        bound = "less than or equal to 1" if memory > 1 else "greater than 0"
        raise _invalid("CacheConfig", f"gpu_memory_utilization\n  Input should be {bound}")
    for name in ("tensor-parallel-size", "pipeline-parallel-size", "max-num-seqs"):
        if whole(name, 1) < 1:
            text = f"{name.replace('-', '_')}\n  Input should be greater than or equal to 1"
            raise _invalid("SchedulerConfig" if "seqs" in name else "ParallelConfig", text)
    world = whole("tensor-parallel-size", 1) * whole("pipeline-parallel-size", 1)
    if devices and world > devices and whole("nnodes", 1) == 1:
        raise NotStarted(
            FAILED,
            f"ValueError: World size ({world}) is larger than the number of available GPUs "
            f"({devices}) in this node.",
        )
    batch, sequences = whole("max-num-batched-tokens", 8192), whole("max-num-seqs", 256)
    if batch < sequences:
        raise NotStarted(
            FAILED,
            f"ValueError: max_num_batched_tokens ({batch}) must be greater than or equal to "
            f"max_num_seqs ({sequences}).",
        )
    if "enable-auto-tool-choice" in found and "tool-call-parser" not in found:
        text = "TypeError: Error: --enable-auto-tool-choice requires --tool-call-parser"
        raise NotStarted(FAILED, text)


def _invalid(config: str, problem: str) -> NotStarted:
    head = f"pydantic_core._pydantic_core.ValidationError: 1 validation error for {config}"
    return NotStarted(FAILED, f"{head}\n{problem}")


def _adapter(text: str) -> str:
    """The name, from name=path or from JSON. Raises NotStarted."""
    if text.startswith("{"):
        try:
            return str(json.loads(text)["name"])
        except (ValueError, KeyError):
            problem = f"Invalid JSON format for --lora-modules: {text}"
            raise _usage(f"argument --lora-modules: {problem}") from None
    name, separator, _ = text.partition("=")
    if not separator:
        raise _usage(f"argument --lora-modules: Invalid lora-modules format: {text}")
    return name
