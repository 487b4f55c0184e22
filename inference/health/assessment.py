"""One word for a route, and the reason: from readiness and the last probe. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from inference.messages import Message
from inference.messages import health as messages
from inference.observation.assessment import Readiness

RECENT = timedelta(minutes=2)
"""A token that came longer ago says nothing about now."""


class Serving(StrEnum):
    """Does it answer?"""

    SERVING = "serving"
    DEGRADED = "degraded"
    NOT_SERVING = "not-serving"
    STARTING = "starting"
    ASLEEP = "asleep"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Probe:
    """The last probe of a route: when, and milliseconds to its token or why there was none."""

    at: datetime
    milliseconds: int | None
    message: Message | None = None
    params: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    word: Serving
    message: Message
    params: dict[str, Any]

    @property
    def sentence(self) -> str:
        return self.message.text(**self.params)


def assess_route(readiness: Readiness, probe: Probe | None, now: datetime) -> Verdict:
    """A recent token outweighs what controllers say; without one, the ladder speaks."""
    if probe and probe.milliseconds is not None and now - probe.at <= RECENT:
        is_contradicted = readiness.is_known and not readiness.is_ready
        word = Serving.DEGRADED if is_contradicted else Serving.SERVING
        return Verdict(word, messages.ANSWERED, {"milliseconds": probe.milliseconds})
    if not readiness.is_known:
        return Verdict(Serving.UNKNOWN, readiness.message, readiness.params)
    if not readiness.is_ready:
        word = Serving.STARTING if readiness.is_moving else Serving.NOT_SERVING
        return Verdict(word, readiness.message, readiness.params)
    if probe is None or now - probe.at > RECENT:
        return Verdict(Serving.UNKNOWN, messages.NOT_PROBED, {})
    message = probe.message or messages.NOT_A_COMPLETION
    return Verdict(Serving.NOT_SERVING, message, probe.params or {})
