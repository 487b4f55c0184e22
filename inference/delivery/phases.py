"""What may be sent now, what has to wait, and what cannot be sent any more. Pure.

A phase begins for a definition when everything of its earlier phases was accepted, there and in
the definitions that it stands on: a model stands on its pools, a route on its models. Deletions
come last, and only when nothing before them is missing: nothing is taken away from under a route.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from inference.rendering.objects import Phase

FIRST_DELETION = 10
StandsOn = Mapping[UUID, Collection[UUID]]
"""Which definitions each stands on."""


class Standing(Enum):
    OPEN = "open"
    DONE = "done"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a push. One that `is_due` may be sent as far as its own backoff goes."""

    id: int
    definition_id: UUID
    phase: int
    standing: Standing
    is_due: bool = True

    @property
    def is_deletion(self) -> bool:
        return self.phase >= FIRST_DELETION


@dataclass(frozen=True, slots=True)
class Turn:
    """`blocked` maps an object to the one that stopped it; `route_waits` when only readiness of
    placements is missing."""

    phase: int
    send: tuple[int, ...] = ()
    blocked: Mapping[int, int] = field(default_factory=dict)
    is_settled: bool = False
    route_waits: bool = False


def turn(items: Collection[Item], stands_on: StandsOn, unready: Collection[UUID]) -> Turn:
    """The next turn of a push. `unready`: definitions of which a placement is not ready yet."""
    blocked = _blocked(items, stands_on)
    left = [item for item in items if item.standing is Standing.OPEN and item.id not in blocked]
    if not left:
        phase = max((item.phase for item in items), default=0)
        return Turn(phase, blocked=blocked, is_settled=True)
    earliest = _lowest((item.definition_id, item.phase) for item in left)
    first = [item for item in left if _earliest_before(item, earliest, stands_on) >= item.phase]
    waiting = [item for item in first if _waits(item, stands_on, unready)]
    due = [item for item in first if item.is_due and item not in waiting]
    if due:
        phase = min(item.phase for item in due)
        return Turn(phase, tuple(item.id for item in due if item.phase == phase), blocked)
    phase = Phase.WAIT if waiting else min(item.phase for item in first)
    return Turn(phase, blocked=blocked, route_waits=bool(waiting))


def _blocked(items: Iterable[Item], stands_on: StandsOn) -> dict[int, int]:
    """Open objects that come after one that is stuck, or after another that is blocked."""
    found: dict[int, int] = {}
    stops: dict[UUID, tuple[int, int]] = {}
    for item in sorted(items, key=lambda one: (one.phase, one.id)):
        if item.standing is Standing.OPEN:
            before = [stops[one] for one in _matter(item, stops, stands_on)]
            earlier = [(phase, stop) for phase, stop in before if phase < item.phase]
            if not earlier:
                continue
            found[item.id] = min(earlier)[1]
            stops.setdefault(item.definition_id, (item.phase, found[item.id]))
        elif item.standing is Standing.STUCK:
            stops.setdefault(item.definition_id, (item.phase, item.id))
    return found


def _lowest(phases: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for definition, phase in phases:
        found[definition] = min(phase, found.get(definition, phase))
    return found


def _earliest_before(item: Item, earliest: Mapping[UUID, int], stands_on: StandsOn) -> int:
    found = (earliest[one] for one in _matter(item, earliest, stands_on))
    return min(found, default=item.phase)


def _matter(item: Item, known: Collection[UUID], stands_on: StandsOn) -> Iterable[UUID]:
    """Those of the known definitions whose earlier phases come before `item`."""
    if item.is_deletion:
        return known
    below = (item.definition_id, *stands_on.get(item.definition_id, ()))
    return [one for one in below if one in known]


def _waits(item: Item, stands_on: StandsOn, unready: Collection[UUID]) -> bool:
    below = stands_on.get(item.definition_id, ())
    return item.phase == Phase.ROUTE and any(definition in unready for definition in below)
