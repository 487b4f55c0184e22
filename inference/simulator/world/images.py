"""What stands for an image: an engine, a picker, a relay, or something that sleeps. Pure."""

import re
from enum import Enum

_ENGINE = re.compile(r"vllm|sglang|llm-d")
_PICKER = re.compile(r"(^|[-_])epp($|[-_])|endpoint-picker|llm-d-router|inference-scheduler")
_RELAY = re.compile(r"routing-sidecar|disagg-sidecar")
_ASIDE = re.compile(r"sidecar|benchmark|payload-processor")
"""llm-d's own, but neither engine nor picker."""


class Part(Enum):
    ENGINE = "engine"
    PICKER = "picker"
    RELAY = "relay"
    SLEEPER = "sleeper"


def part_of(image: str) -> Part:
    """By the last part of its name."""
    name, _ = name_and_tag(image)
    if _RELAY.search(name):
        return Part.RELAY
    if _ASIDE.search(name):
        return Part.SLEEPER
    if _PICKER.search(name):
        return Part.PICKER
    return Part.ENGINE if _ENGINE.search(name) else Part.SLEEPER


def name_and_tag(image: str) -> tuple[str, str]:
    """`registry/vllm/vllm-openai:v0.26.0@sha256:...` is `vllm-openai` and `v0.26.0`."""
    last = image.partition("@")[0].rsplit("/", 1)[-1]
    name, _, tag = last.partition(":")
    return name, tag or "latest"
