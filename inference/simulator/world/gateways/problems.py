"""Why something is not so, as the Gateway API words it: a reason of its list, and a message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inference.simulator.errors import Object
from inference.simulator.world import conditions

GATEWAY, INFERENCE = "gateway.networking.k8s.io", "inference.networking.k8s.io"


@dataclass(frozen=True, slots=True)
class Problem:
    """`stands`: the condition is true all the same, with this reason."""

    reason: str
    message: str = ""
    stands: bool = False


def said(
    problems: Mapping[str, Problem | None], before: Iterable[Object], generation: int, now: str
) -> list[Object]:
    """One condition for each entry: true where there is no problem, its kind being the reason."""
    found = list(before)
    made = []
    for kind, problem in problems.items():
        word = conditions.condition(
            kind,
            problem is None or problem.stands,
            problem.reason if problem else kind,
            now=now,
            before=found,
            generation=generation,
        )
        made.append({**word, "message": problem.message if problem else ""})
    return made
