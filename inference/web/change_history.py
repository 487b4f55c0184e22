"""What has happened to a change: decisions with what was said, and the steps of the machine."""

from dataclasses import dataclass
from datetime import datetime

from inference.audit.models import AuditEvent
from inference.changes.models import ChangeRequest, Decision

LONGEST = 60
DEEDS = {
    "planned": "made the plan",
    "started": "started the push",
    "applied": "has written every object",
    "succeeded": "saw it arrive",
    "retried": "had the push tried again",
    "became stale": "found that the world had moved",
    "partial": "stopped: a part was not written",
    "failed": "stopped: it failed",
}
"""What the audit says in one word, as a sentence goes on here."""
DECIDED = ("approved", "rejected", "sent back")
"""Told by the decision itself, with its comment."""


@dataclass(frozen=True)
class Event:
    """One mark of the trail."""

    at: datetime
    who: str
    deed: str
    look: str = ""
    comment: str = ""


def history_of(change: ChangeRequest) -> list[Event]:
    """Newest last. Two queries."""
    events = AuditEvent.objects.filter(
        subject_kind="change-request", subject_id=str(change.pk)
    ).exclude(verb__in=DECIDED)
    rows = events.order_by("-at", "-sequence").values_list("at", "actor_name", "verb")
    told = reversed(rows[:LONGEST])  # what was done in one moment stays in its order
    found = [
        Event(at, who or "Waybill", DEEDS.get(verb, verb), _look(verb)) for at, who, verb in told
    ]
    found += [_of(word) for word in _words(change)]
    return sorted(found, key=lambda one: one.at)


def _words(change: ChangeRequest) -> list[Decision]:
    rows = Decision.objects.filter(plan__change=change).select_related("actor")
    return list(rows.order_by("-at")[:LONGEST])


def _of(word: Decision) -> Event:
    verb, look = {
        Decision.Verdict.APPROVE: ("approved", "is-ok"),
        Decision.Verdict.REQUEST_CHANGES: ("asked for changes to", "is-warn"),
        Decision.Verdict.REJECT: ("rejected", "is-bad"),
    }[Decision.Verdict(word.verdict)]
    alone = ", alone: one pair of eyes" if word.one_pair_of_eyes else ""
    deed = f"{verb} plan {word.plan_hash[:4]}{alone}"
    return Event(word.at, str(word.actor), deed, look, word.comment)


def _look(verb: str) -> str:
    if verb == "succeeded":
        return "is-ok"
    if verb in {"failed", "could not be planned"}:
        return "is-bad"
    return "is-warn" if verb in {"became stale", "expired", "partial", "could not start"} else ""
