"""The three badges of a definition, never merged: Serving, Sync, Change; each with its reason."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from inference.changes.models import ChangeRequest, Edit
from inference.delivery import sync
from inference.health.assessment import Serving
from inference.observation.ladder import Blind, Readiness
from inference.web import counts
from inference.web.change_answers import WORDS

OPEN = (
    ChangeRequest.State.PLANNING,
    ChangeRequest.State.IN_REVIEW,
    ChangeRequest.State.CHANGES_REQUESTED,
    ChangeRequest.State.APPROVED,
    ChangeRequest.State.APPLYING,
    ChangeRequest.State.VERIFYING,
    ChangeRequest.State.PARTIAL,
    ChangeRequest.State.FAILED,
)


@dataclass(frozen=True)
class Badge:
    """`line` is the reason; a stale one is hatched, and `since` says when it was last seen."""

    look: str
    icon: str
    word: str
    line: str = ""
    is_stale: bool = False
    since: str = ""


SERVING = {
    Serving.SERVING: ("is-ok", "ok", "Serving"),
    Serving.DEGRADED: ("is-warn", "warn", "Degraded"),
    Serving.NOT_SERVING: ("is-bad", "bad", "Not serving"),
    Serving.STARTING: ("is-busy", "progress", "Starting"),
    Serving.ASLEEP: ("is-off", "pause", "Asleep"),
    Serving.UNKNOWN: ("is-off", "unknown", "Unknown"),
}
NOWHERE = Badge("is-off", "none", "Not placed", "It is placed nowhere.")
"""What is placed on no pool does not sleep: a change has to place it first."""
MEANS = {text: word for word, (_, _, text) in SERVING.items()}
WORST_FIRST = (
    Serving.NOT_SERVING,
    Serving.DEGRADED,
    Serving.UNKNOWN,
    Serving.STARTING,
    Serving.SERVING,
    Serving.ASLEEP,
)
SYNC = {
    "in-sync": ("is-ok", "sync", "In sync"),
    "drift": ("is-warn", "drift", "Drift"),
    "contended": ("is-bad", "drift", "Contended"),
    "pushing": ("is-busy", "progress", "Pushing"),
    "not-pushed": ("is-off", "none", "Not pushed"),
}


WRONG = {
    "pending": ("is not pushed yet", "are not pushed yet"),
    "drifted": ("differs from what was pushed", "differ from what was pushed"),
    "gone": ("is gone", "are gone"),
}
"""What is said of one object that is so, and of several."""


def serving(word: Serving, line: str) -> Badge:
    look, icon, text = SERVING[word]
    return Badge(look, icon, text, line, word == Serving.UNKNOWN)


def word_of(readiness: Readiness, wanted: int | None) -> Serving:
    """How a placement stands by the ladder alone: whether it answers, its routes tell."""
    if wanted == 0:
        return Serving.ASLEEP
    if not readiness.is_known:
        return Serving.UNKNOWN
    if readiness.is_ready:
        return Serving.SERVING
    return Serving.STARTING if readiness.is_moving else Serving.NOT_SERVING


def syncs(ids: Iterable[UUID]) -> dict[UUID, Badge]:
    """Three queries."""
    wanted = list(ids)
    found = sync.of_definitions(wanted)
    blind = sync.unseen(wanted)
    return {one: sync_of(found.get(one, sync.NOTHING), blind.get(one)) for one in wanted}


def sync_of(row: dict[str, Any], blind: Blind | None = None) -> Badge:
    """As it was last seen, where nobody sees it now."""
    look, icon, word = SYNC[row["state"]]
    total = row["objects"]
    parts = [
        counts.affected(row[name], total, "object", *said)
        for name, said in WRONG.items()
        if row[name]
    ]
    if row["state"] == "in-sync":
        parts = [
            "1 object as it was pushed" if total == 1 else f"{total} objects as they were pushed"
        ]
    line = "; ".join(parts) or "no object was pushed for it"
    if blind is not None:
        return Badge("is-off", icon, word, line, is_stale=True, since=blind.sentence)
    return Badge(look, icon, word, line)


def changes(
    ids: Iterable[UUID], seen: QuerySet[ChangeRequest] | None = None
) -> dict[UUID, list[ChangeRequest]]:
    """Open changes by definition, newest first: all, or those of `seen`. One query."""
    found: dict[UUID, list[ChangeRequest]] = defaultdict(list)
    rows = Edit.objects.filter(
        definition_id__in=set(ids),
        revision__change__state__in=OPEN,
        revision=F("revision__change__revision"),
    ).select_related("revision__change")
    if seen is not None:
        rows = rows.filter(revision__change__in=seen)
    for row in rows.order_by("-revision__change"):
        found[row.definition_id].append(row.revision.change)
    return found


def change_badge(change: ChangeRequest) -> Badge:
    look, icon, word = WORDS[ChangeRequest.State(change.state)]
    return Badge(look, icon, word, change.title)
