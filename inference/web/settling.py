"""Settling drift by a change: what other hands have set is taken back or kept, never at once.

Drafts a change like every form; a plan then says what is taken by force, and somebody decides.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from inference.changes import actions
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest
from inference.definitions.models.definitions import Definition
from inference.delivery import drift
from inference.errors import Conflict, Invalid, NotAllowed, Refusal
from inference.messages import delivery as messages
from inference.web.definitions import may_edit
from inference.web.drafting import Noun
from inference.web.drifts import Hand, hands_of
from inference.web.form_faults import elsewhere, errors_of
from inference.web.frame import show
from inference.web.htmx import ConsoleRequest, go

LEAVE, TAKE, KEEP = "leave", "take", "keep"
PREFIX = "hand."


@dataclass(frozen=True)
class Settled:
    """What is chosen for one hand."""

    hand: Hand
    choice: str


def settle(request: ConsoleRequest, noun: Noun, row: Definition) -> HttpResponse:
    hands = hands_of(drift.of_definitions([row.pk]))
    if request.method != "POST":
        return _page(request, noun, row, chosen(hands, request.GET))
    sent = chosen(hands, request.POST)
    try:
        change = _draft(request, noun, row, sent)
    except Refusal as refusal:
        return _page(request, noun, row, sent, refusal)
    return go(request, "web:change-request-detail", change.pk)


def chosen(hands: Sequence[Hand], given: Mapping[str, str]) -> list[Settled]:
    """One for each hand, from a form or from the link that named one; else it is left. Pure."""
    made = []
    for hand in hands:
        choice = given.get(PREFIX + hand.key, LEAVE)
        if choice not in {TAKE, KEEP} or (choice == KEEP and hand.keep is None):
            choice = LEAVE
        made.append(Settled(hand, choice))
    return made


def kept(document: Mapping[str, Any], settled: Sequence[Settled]) -> dict[str, Any]:
    """The document, with what is kept written where the definition says it. Pure."""
    made = deepcopy(dict(document))
    values = {str(one.hand.placement): one.hand.keep for one in settled if one.choice == KEEP}
    for placement in made.get("placements", []):
        if placement.get("id") in values:
            placement["replicas"] = values[placement["id"]]
    return made


def title_of(row: Definition, settled: Sequence[Settled]) -> str:
    """What a change is called that nobody has named. Pure."""
    if len(settled) != 1:
        return f"Settle what other hands changed of {row.name}: {len(settled)} fields"
    ((hand, choice),) = ((one.hand, one.choice) for one in settled)
    if choice == KEEP:
        return f"Keep {hand.field} of {row.name} at {hand.live}"
    if hand.is_gone:
        return f"Make {hand.object} of {row.name} anew"
    by = f" from {hand.manager}" if hand.manager else ""
    return f"Take {hand.field or 'a field'} of {row.name} back{by}"


@transaction.atomic
def _draft(
    request: ConsoleRequest, noun: Noun, row: Definition, settled: Sequence[Settled]
) -> ChangeRequest:
    """Draft it, and submit it where that button was pressed; or nothing of both."""
    sent, now = request.POST, timezone.now()
    known = {PREFIX + one.hand.key for one in settled}
    if any(name.startswith(PREFIX) and name not in known for name in sent):
        raise Conflict(messages.DRIFT_MOVED_ON)
    wanted = [one for one in settled if one.choice != LEAVE]
    if not wanted:
        raise Invalid(messages.NOTHING_CHOSEN)
    proposal = Proposal(
        verb="update",
        kind=noun.kind,
        name=row.name,
        title=row.title,
        id=row.pk,
        generation=row.generation,
        document=kept(row.document, wanted),
        takes=[one.hand.take for one in wanted if one.choice == TAKE and one.hand.take],
    )
    change = actions.draft(
        team=row.team,
        title=sent.get("change_title", "").strip()[:200] or title_of(row, wanted)[:200],
        reason=sent.get("reason", "").strip()[:4000],
        edits=[proposal],
        by=request.user,
        at=now,
    )
    if sent.get("then") == "submit":
        change = actions.submit(change=change, version=change.version, by=request.user, at=now)
    return change


def _page(
    request: ConsoleRequest,
    noun: Noun,
    row: Definition,
    settled: Sequence[Settled],
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = {
        "noun": noun,
        "row": row,
        "settled": settled,
        "sent": request.POST,
        "elsewhere": elsewhere(errors_of(refusal), []),
        "refusal": refusal,
        "may": may_edit(row, request.user),
    }
    status = 200
    if refusal is not None:
        status = 403 if isinstance(refusal, NotAllowed) else 422
        status = 409 if isinstance(refusal, Conflict) else status
    return show(request, "definitions/settle.html", context, active=noun.active, status=status)
