"""How a measure is told: `name ratio target pass|fail`, and what it rests on behind a `#`."""

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measure. `target` is the largest ratio that passes; `notes` name figures and units."""

    name: str
    ratio: float
    target: float
    notes: str = ""

    @property
    def passed(self) -> bool:
        return self.ratio <= self.target

    def __str__(self) -> str:
        verdict = "pass" if self.passed else "fail"
        text = f"{self.name} {self.ratio:.3f} {self.target:.3f} {verdict}"
        return f"{text}  # {self.notes}" if self.notes else text


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds of one call; CPU is of this process and of its ended children."""

    wall: float
    cpu: float


def cost(call: Callable[[], object], elsewhere: Callable[[], float] = lambda: 0.0) -> Cost:
    spent = elsewhere() + _cpu()  # looking elsewhere costs us, and no part of the call
    started = time.perf_counter()
    call()
    took = time.perf_counter() - started
    return Cost(took, _cpu() + elsewhere() - spent)


def paired(
    ours: Callable[[], object], peers: Callable[[], object], *, runs: int = 5
) -> tuple[Cost, Cost, float, float]:
    """Medians of both, and the median ratios of wall and CPU, pair by pair after one warm-up.

    Pairs, because the machine's speed drifts; each pair sees the same drift.
    """
    return prepared_pairs(lambda: ours, lambda: peers, runs=runs)


def prepared_pairs(
    ours: Callable[[], Callable[[], object]],
    peers: Callable[[], Callable[[], object]],
    *,
    runs: int = 5,
    elsewhere: Callable[[], float] = lambda: 0.0,
) -> tuple[Cost, Cost, float, float]:
    """As `paired`, where each call has to be made ready first, which is not counted.

    `elsewhere` tells the CPU seconds that a server has spent on our behalf so far.
    """
    ours()()
    peers()()
    pairs = [(cost(ours(), elsewhere), cost(peers())) for _ in range(runs)]
    median = statistics.median
    return (
        Cost(median(a.wall for a, _ in pairs), median(a.cpu for a, _ in pairs)),
        Cost(median(b.wall for _, b in pairs), median(b.cpu for _, b in pairs)),
        median(a.wall / b.wall for a, b in pairs),
        median(a.cpu / b.cpu for a, b in pairs if b.cpu),
    )


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
