"""Whether what a plan was made from is still so, as far as anybody sees it."""

from inference.changes.models import ChangeRequest, PlanStep
from inference.definitions.models import Placement
from inference.delivery import drift, gate
from inference.observation.freshness import views
from inference.observation.ladder import Blind
from inference.web.badges import Badge
from inference.web.streams import observed

State = ChangeRequest.State
WAITING = (State.PLANNING, State.IN_REVIEW)
"""While it still matters; the gate asks again before a push starts."""


def live_state_of(change: ChangeRequest) -> Badge | None:
    """None where nobody is to decide on it. Seven queries."""
    if change.plan_id is None or change.state not in WAITING:
        return None
    if change.stale:
        return _moved("Another change has started since; this one is planned anew.")
    asked = gate.ask(change)
    if any(one.seen_uid not in {None, one.step.uid} for one in asked):
        return _moved("An object is not the one that was planned for: have it planned anew.")
    if _is_touched(change, [one.step for one in asked]):
        return _moved("Other hands have changed an object since: have it planned anew.")
    blind = _blind([one.step for one in asked])
    if blind:
        since = change.planned_at.isoformat(timespec="seconds") if change.planned_at else ""
        line = f"Read at {since}. {blind.sentence}"
        return Badge("is-off", "stale", "not seen now", line, is_stale=True)
    return Badge("is-ok", "ok", "as planned")


def seen_of(change: ChangeRequest) -> set[str]:
    """The notices of what `live_state_of` looks at."""
    if change.plan_id is None or change.state not in WAITING:
        return set()
    steps = PlanStep.objects.filter(plan=change.plan_id)
    rows = list(steps.values_list("cluster", "namespace", "name", "placement_id"))
    placed = Placement.objects.in_bulk({one for _, _, _, one in rows if one})
    found = {observed(cluster, where, name) for cluster, where, name, _ in rows}
    return found | {
        observed(cluster, where, placed[one].object_name)
        for cluster, where, _, one in rows
        if one in placed
    }


def _moved(line: str) -> Badge:
    return Badge("is-warn", "stale", "has moved", line)


def _is_touched(change: ChangeRequest, steps: list[PlanStep]) -> bool:
    """By others, in fields of ours, when the plan was there already."""
    places = {(one.kind, one.namespace, one.name) for one in steps}
    return any(
        taken.at is not None and change.planned_at is not None and taken.at > change.planned_at
        for one in drift.of_definitions({step.definition_id for step in steps})
        if (one.kind, one.namespace, one.name) in places
        for taken in one.fields
    )


def _blind(steps: list[PlanStep]) -> Blind | None:
    seen = views((one.cluster_id, one.namespace) for one in steps)
    for step in steps:
        for reason in seen[step.cluster_id, step.namespace].blind_to(step.kind).values():
            return reason
    return None
