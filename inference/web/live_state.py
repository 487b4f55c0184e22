"""Whether what a plan was made from is still so, as far as anybody sees it."""

from inference.changes.models import ChangeRequest, PlanStep
from inference.definitions.models import Placement
from inference.delivery import gate
from inference.observation.freshness import views
from inference.observation.ladder import Blind
from inference.web.badges import Badge
from inference.web.streams import observed

State = ChangeRequest.State
WAITING = (State.PLANNING, State.IN_REVIEW)
"""While it still matters; the gate asks again before a push starts."""


def live_state_of(change: ChangeRequest) -> Badge | None:
    """None where nobody is to decide on it. Two queries. It says what the gate would say."""
    if change.plan_id is None or change.state not in WAITING:
        return None
    if change.stale:
        is_planned = change.state == State.PLANNING
        then = "It is planned anew." if is_planned else "Have it planned anew."
        return _moved(f"What it was made from is not so any more. {then}")
    asked = gate.ask(change)
    if any(map(gate.has_moved, asked)):
        return _moved("An object is not as it was planned for. Have it planned anew.")
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


def _blind(steps: list[PlanStep]) -> Blind | None:
    seen = views((one.cluster_id, one.namespace) for one in steps)
    for step in steps:
        for reason in seen[step.cluster_id, step.namespace].blind_to(step.kind).values():
            return reason
    return None
