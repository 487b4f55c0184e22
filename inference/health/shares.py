"""How many answers it takes until each member of a route has been shown to serve. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import comb
from uuid import UUID

TIMES = 3
"""Answers of each member. A gateway that may fail open passes by a picker that takes no calls, now
and then: one answer is luck."""
MISSED = 0.05
"""How likely so many requests may have brought a member that serves fewer than that."""
MOST = 300
"""Requests that one push has a route asked in a row: a share of one in fifty is met."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Requests in a row of which none failed, and how many of them each member has answered.
    `is_told`: each answer said which member gave it."""

    asked: int = 0
    answered: Mapping[UUID, int] = field(default_factory=dict[UUID, int])
    is_told: bool = True

    def plus(self, member: UUID | None) -> "Shown":
        """After one more answer; None where nothing says who gave it."""
        own = dict(self.answered)
        if member is not None:
            own[member] = own.get(member, 0) + 1
        return Shown(self.asked + 1, own, self.is_told and member is not None)

    def lacks(self, weights: Mapping[UUID, int]) -> set[UUID]:
        """Members that may not serve yet. Where answers tell who gave them, each has to come; else,
        and for a share that is too small to be waited for, their number decides."""
        unseen = {one for one in weights if self.answered.get(one, 0) < TIMES}
        if not unseen:
            return set()
        needed = enough(weights, unseen)
        is_counted = not self.is_told or needed == MOST
        return set() if is_counted and self.asked >= needed else unseen


def enough(weights: Mapping[UUID, int], members: Collection[UUID]) -> int:
    """Requests after which each of these members has most likely had its `TIMES`."""
    share = min(weights[one] for one in members) / sum(weights.values())
    counts = range(TIMES, MOST)
    return next((count for count in counts if _fewer(count, share) <= MISSED), MOST)


def _fewer(count: int, share: float) -> float:
    """How likely it is that of so many requests fewer than `TIMES` are a share's."""
    return sum(comb(count, n) * share**n * (1 - share) ** (count - n) for n in range(TIMES))
