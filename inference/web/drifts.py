"""What other hands have changed, in sentences: who, which field, since when, and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inference.delivery.drift import Drift, Taken
from inference.messages import delivery as messages

KNOWN_AS = {"spec.replicas": "replicas"}
"""Fields that people call by another name than their path."""


@dataclass(frozen=True)
class Hand:
    """One field that somebody else has set, or one object that is gone."""

    object: str
    field: str
    manager: str
    pushed: str
    live: str
    at: datetime | None
    sentence: str
    advice: str


def hands_of(found: Iterable[Drift]) -> list[Hand]:
    """In the order of the objects; what is gone speaks for all of its fields."""
    made = []
    for one in found:
        if one.gone_at is not None:
            made.append(_gone(one, one.gone_at))
        else:
            made += [_hand(one, taken) for taken in one.fields]
    return made


def line_of(hands: Sequence[Hand]) -> str:
    """What the first says, and how many there are besides."""
    if not hands:
        return ""
    more = len(hands) - 1
    return hands[0].sentence + (f" And {more} more." if more else "")


def advice_of(hands: Iterable[Hand]) -> list[str]:
    """What to do about them: each advice once."""
    return list(dict.fromkeys(one.advice for one in hands))


def _hand(drift: Drift, taken: Taken) -> Hand:
    field = KNOWN_AS.get(taken.path, taken.path)
    params = {
        "manager": f"`{taken.manager}`",
        "field": f"{field} of {drift.object}",
        "live": taken.live or "another value",
        "pushed": taken.pushed or "another value",
    }
    return Hand(
        drift.object,
        field,
        taken.manager,
        taken.pushed,
        taken.live,
        taken.at,
        taken.message.text(**params),
        taken.message.advice(**params),
    )


def _gone(drift: Drift, at: datetime) -> Hand:
    message = messages.OBJECT_GONE
    params = {"object": drift.object}
    return Hand(
        drift.object,
        "",
        "",
        "there",
        "deleted",
        at,
        message.text(**params),
        message.advice(**params),
    )
