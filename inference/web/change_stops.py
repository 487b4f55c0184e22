"""The way of a change as stops, from its draft to the first token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inference.changes.models import ChangeRequest
from inference.delivery.models import Push
from inference.web import counts
from inference.web.change_arrival import Arrival
from inference.web.change_clusters import ClusterPart
from inference.web.deciders import Deciders

State = ChangeRequest.State
REACHED = {
    State.DRAFT: 0,
    State.PLANNING: 1,
    State.IN_REVIEW: 2,
    State.CHANGES_REQUESTED: 2,
    State.APPROVED: 3,
    State.APPLYING: 3,
    State.VERIFYING: 4,
    State.PARTIAL: 3,
    State.FAILED: 3,
    State.SUCCEEDED: 5,
}


@dataclass(frozen=True)
class Stop:
    """`place` is passed, now or todo."""

    name: str
    place: str
    note: str = ""
    at: datetime | None = None


def stops_of(
    change: ChangeRequest,
    deciders: Deciders | None,
    parts: Sequence[ClusterPart],
    arrival: Arrival,
    red: int | None = None,
) -> list[Stop]:
    """Draft, plan, review, push, rollout, first token. One that ended early stays where it stood.

    Where no route leads to what was pushed, nobody can ask for a token: the rollout is the end.
    `red` is the number of the verdict that blocks the review.
    """
    reached = REACHED.get(State(change.state), _ended_at(change))
    token, is_done = arrival.first, change.state == State.SUCCEEDED
    rolled_out_at = change.finished_at if is_done else None
    if is_done and (token or not arrival.tokens):
        reached += 1
    have = f"blocked by verdict {red}" if red else _have(deciders, is_over=change.is_final)
    clusters = counts.plural(len(parts), "cluster") if parts else ""
    revision = f"revision {change.revision.number}" if change.revision else ""
    notes: list[tuple[str, str, datetime | None]] = [
        ("Draft", str(change.author), change.created_at),
        ("Plan", revision, change.planned_at),
        ("Review", have, change.approved_at),
        ("Push", clusters, change.started_at),
        ("Rollout", arrival.replicas or _rolled_out(parts), rolled_out_at),
        ("First token", f"{token.value:.0f} ms", token.at) if token else _no_token(change, arrival),
    ]
    return [
        Stop(name, _place(number, reached), note, when if number <= reached else None)
        for number, (name, note, when) in enumerate(notes)
    ]


def _have(deciders: Deciders | None, *, is_over: bool) -> str:
    if deciders is None:
        return ""
    told = counts.reached(deciders.have, deciders.needed, "approval")
    return told.removesuffix(" yet") if is_over else told


def _rolled_out(parts: Sequence[ClusterPart]) -> str:
    done = [one for one in parts if one.push and one.push.state == Push.State.SUCCEEDED]
    if not any(one.push for one in parts):
        return "observed"
    return counts.reached(len(done), len(parts), "cluster")


def _no_token(change: ChangeRequest, arrival: Arrival) -> tuple[str, str, None]:
    if change.started_at and not arrival.tokens:
        return ("First token", "no route leads there", None)
    return ("First token", "through the gateway", None)


def _place(number: int, reached: int) -> str:
    if number == reached:
        return "now"
    return "passed" if number < reached else "todo"


def _ended_at(change: ChangeRequest) -> int:
    if change.approved_at:
        return 3
    return 2 if change.plan_id else 0
