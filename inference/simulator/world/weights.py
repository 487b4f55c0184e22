"""Choosing among weighted targets so that any short run of requests keeps the shares. Pure."""

from collections.abc import Sequence


class Turns:
    """The smooth weighted round: with 9 and 1, every tenth request goes to the second.

    Weights may change at any time; a target of weight 0 is never chosen.
    """

    def __init__(self, start: float = 0.0) -> None:
        """`start`, between 0 and 1, is where in the round the first request finds it."""
        self._start = start
        self._credits: dict[str, float] = {}

    def choose(self, targets: Sequence[tuple[str, int]]) -> str | None:
        total = sum(weight for _, weight in targets)
        if total <= 0:
            return None
        alive = {name: weight for name, weight in targets if weight > 0}
        if self._credits.keys() != alive.keys():
            self._credits = {
                name: self._start * weight * (index + 1) / len(alive)
                for index, (name, weight) in enumerate(alive.items())
            }
        for name, weight in alive.items():
            self._credits[name] += weight
        best = max(alive, key=lambda name: self._credits[name])
        self._credits[best] -= total
        return best
