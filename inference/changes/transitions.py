"""Moving a change from one state to the next: a conditional UPDATE, its version and its audit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from inference import events, outbox
from inference.accounts.models import Token, User
from inference.audit.recording import record
from inference.changes.models import ChangeRequest, Edit
from inference.errors import Conflict
from inference.messages import changes as messages

State = ChangeRequest.State

_NEXT: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.DRAFT, State.PLANNING, State.CANCELLED, State.EXPIRED}),
    State.PLANNING: frozenset(
        {State.PLANNING, State.IN_REVIEW, State.APPROVED, State.DRAFT, State.CANCELLED}
        | {State.EXPIRED}
    ),
    State.IN_REVIEW: frozenset(
        {State.DRAFT, State.PLANNING, State.IN_REVIEW, State.APPROVED, State.REJECTED}
        | {State.CHANGES_REQUESTED, State.CANCELLED, State.EXPIRED}
    ),
    State.CHANGES_REQUESTED: frozenset({State.DRAFT, State.CANCELLED, State.EXPIRED}),
    State.APPROVED: frozenset(
        {State.APPLYING, State.PLANNING, State.IN_REVIEW, State.DRAFT, State.CANCELLED}
        | {State.EXPIRED}
    ),
    State.APPLYING: frozenset({State.VERIFYING, State.PARTIAL, State.FAILED, State.SUCCEEDED}),
    State.VERIFYING: frozenset({State.SUCCEEDED, State.PARTIAL, State.FAILED}),
    State.PARTIAL: frozenset({State.APPLYING}),
    State.FAILED: frozenset({State.APPLYING}),
}
"""Where each state leads. States that are not named lead nowhere."""


def move(
    change: ChangeRequest,
    to: str,
    *,
    verb: str,
    at: datetime,
    by: User | None = None,
    token: Token | None = None,
    **fields: Any,
) -> ChangeRequest:
    """The change in its new state. Must run in a transaction.

    Raises Conflict when somebody else was quicker: of two moves from one version, one is made.
    """
    if to not in _NEXT.get(change.state, frozenset()):
        raise Conflict(messages.NOT_IN_REVIEW, state=change.state)
    moved = ChangeRequest.objects.filter(
        pk=change.pk, state=change.state, version=change.version
    ).update(state=to, version=F("version") + 1, **fields)
    now = ChangeRequest.objects.select_related("team", "author", "plan", "revision").get(
        pk=change.pk
    )
    if not moved:
        raise Conflict(messages.CHANGE_MOVED_ON, was=change.version, now=now.version)
    record(
        verb=verb,
        subject_kind="change-request",
        subject_id=change.pk,
        subject_name=change.title,
        by=by,
        token=token,
        at=at,
        team=now.team,
        before={"state": change.state},
        after={"state": to, "plan": now.plan.hash if now.plan else ""},
    )
    events.announce(*_edited(now))
    return now


def _edited(change: ChangeRequest) -> list[str]:
    """Notices of the definitions that it edits: their pages show which change is open."""
    edits = Edit.objects.filter(revision=change.revision_id)
    kinds = edits.values_list("definition_kind", "definition_id")
    return [f"{kind}:{identity}" for kind, identity in kinds]


def mark_stale(definitions: Iterable[UUID], *, but: ChangeRequest, at: datetime) -> int:
    """Have every other open change on these definitions planned anew. Returns how many there are.

    A change that was decided keeps its decisions if the new plan has the same hash.
    """
    touched = (
        ChangeRequest.objects.filter(
            state__in=[State.IN_REVIEW, State.APPROVED],
            revision__edits__definition_id__in=list(definitions),
        )
        .exclude(pk=but.pk)
        .distinct()
        .order_by("pk")  # in one order, so that two who mark the same ones do not deadlock
    )
    for change in touched:
        move(change, State.PLANNING, verb="became stale", at=at, stale=True, approved_at=None)
        outbox.post("changes.plan", change.pk)
    return len(touched)
