"""The ladder that everything climbs, and what is said of a rung. Pure.

Accepted, scheduled, weights loaded, engine ready, registered at the picker, routable, first token.
The last is not seen by watching: only a request tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from inference.messages import Message
from inference.messages import observation as messages
from inference.observation.brevity import no_room
from inference.observation.summaries import Summary


class Rung(IntEnum):
    """Each stands on all before it."""

    NOTHING = 0
    ACCEPTED = 1
    SCHEDULED = 2
    WEIGHTS_LOADED = 3
    ENGINE_READY = 4
    REGISTERED = 5
    ROUTABLE = 6
    FIRST_TOKEN = 7

    @property
    def label(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Readiness:
    """The rung that was reached, and why it is not the next one.

    `is_moving` where time alone may bring the rest; otherwise somebody has to do something.
    """

    rung: Rung
    is_ready: bool
    message: Message
    params: dict[str, Any] = field(default_factory=dict)
    is_known: bool = True
    is_moving: bool = False

    @property
    def sentence(self) -> str:
        return self.message.text(**self.params)

    @property
    def brief(self) -> str:
        """For an answer: as short as what decides can be said."""
        if self.message is not messages.UNSCHEDULABLE:
            return self.sentence
        return no_room(str(self.params.get("reason", ""))) or self.sentence

    def advice(self, namespace: str) -> str:
        """What to do about it."""
        return self.message.advice(**{"namespace": namespace, **self.params})


@dataclass(frozen=True, slots=True)
class Blind:
    """Why nothing can be said about a kind: nobody watches it now."""

    message: Message
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self.message.text(**self.params)


BlindTo = Mapping[str, Blind]
"""By kind; what is absent is seen."""


def stopped(rung: Rung, message: Message, **params: Any) -> Readiness:
    """It stays there until somebody does something."""
    return Readiness(rung, False, message, params)


def moving(rung: Rung, message: Message, **params: Any) -> Readiness:
    """It is on its way."""
    return Readiness(rung, False, message, params, is_moving=True)


def unknown(blind: Blind, rung: Rung = Rung.NOTHING) -> Readiness:
    return Readiness(rung, False, blind.message, blind.params, is_known=False)


def unreadable(name: str, rung: Rung = Rung.NOTHING) -> Readiness:
    return unknown(Blind(messages.UNREADABLE, {"object": name}), rung)


def condition(summary: Summary, kind: str) -> Summary:
    found: Summary = summary.get("conditions", {}).get(kind, {})
    return found


def is_about(said: Summary, generation: int) -> bool:
    """Whether a condition speaks of this generation or a later one, and not of an older spec."""
    told: int = said.get("generation", 0)
    return told >= generation


def reason_of(said: Summary) -> str:
    """`Reason: message`, of which either may be missing."""
    parts = (said.get("reason", ""), said.get("message", ""))
    return ": ".join(part for part in parts if part)
