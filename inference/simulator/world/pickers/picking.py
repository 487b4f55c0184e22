"""Choosing one endpoint among several: each scorer's opinion, weighted and added. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from inference.simulator.world.pickers.configuration import Configuration


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A ready endpoint as the picker last saw it; `matched` is the part of the prompt it knows."""

    pod: str
    address: str
    port: int
    waiting: float = 0.0
    running: float = 0.0
    cache_share: float = 0.0
    matched: float = 0.0
    in_flight_tokens: int = 0
    adapters: frozenset[str] = frozenset()


def pick(
    configuration: Configuration, endpoints: Sequence[Endpoint], model: str, dice: Random
) -> Endpoint | None:
    """The one with the best score, or by dice as the configuration has it; None of none."""
    if not endpoints:
        return None
    totals = scores(configuration, endpoints, model)
    if configuration.pick == "random-picker":
        return dice.choice(endpoints)
    if configuration.pick == "weighted-random-picker" and sum(totals) > 0:
        return dice.choices(endpoints, totals)[0]
    best = max(totals)
    return dice.choice([one for one, total in zip(endpoints, totals, strict=True) if total == best])


def scores(configuration: Configuration, endpoints: Sequence[Endpoint], model: str) -> list[float]:
    """Each scorer gives between 0 and 1; one that is not known here gives nothing."""
    opinions: Mapping[str, list[float]] = {
        "queue-scorer": _less_is_better([one.waiting for one in endpoints]),
        "running-requests-size-scorer": _less_is_better([one.running for one in endpoints]),
        "kv-cache-utilization-scorer": [1 - one.cache_share for one in endpoints],
        "prefix-cache-scorer": [one.matched for one in endpoints],
        "lora-affinity-scorer": [1.0 if model in one.adapters else 0.8 for one in endpoints],
        "token-load-scorer": _less_is_better([one.in_flight_tokens for one in endpoints]),
    }
    totals = [0.0] * len(endpoints)
    for kind, weight in configuration.scorers:
        for place, score in enumerate(opinions.get(kind, ())):
            totals[place] += weight * score
    return totals


def _less_is_better(values: Sequence[float]) -> list[float]:
    """1 for the least and 0 for the most; all 1 where there is no difference."""
    least, most = min(values), max(values)
    if least == most:
        return [1.0] * len(values)
    return [(most - value) / (most - least) for value in values]
