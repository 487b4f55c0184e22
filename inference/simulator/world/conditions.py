"""Conditions of a status: their shape, and the time that moves only with their word. Pure."""

from collections.abc import Iterable

from inference.simulator.errors import Object


def condition(
    kind: str,
    status: bool | str,
    reason: str = "",
    message: str = "",
    *,
    now: str,
    before: Iterable[Object] = (),
    generation: int | None = None,
) -> Object:
    """`before` are the conditions as they stand: where the status is the same, so is its time."""
    word = status if isinstance(status, str) else str(status)
    old = find(before, kind)
    same = old is not None and old["status"] == word
    made: Object = {"type": kind, "status": word}
    if generation is not None:
        made["observedGeneration"] = generation
    made["lastTransitionTime"] = old["lastTransitionTime"] if same and old else now
    if reason:
        made["reason"] = reason
    if message:
        made["message"] = message
    return made


def find(conditions: Iterable[Object], kind: str) -> Object | None:
    return next((one for one in conditions if one["type"] == kind), None)


def is_true(conditions: Iterable[Object], kind: str) -> bool:
    found = find(conditions, kind)
    return found is not None and found["status"] == "True"


def of(obj: Object) -> list[Object]:
    return list((obj.get("status") or {}).get("conditions") or ())
