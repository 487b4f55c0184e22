"""Moving a change from one state to the next: a conditional UPDATE, its version and its audit."""

from collections.abc import Iterable
from copy import copy
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import (
    BigAutoField,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
)

from inference import events, outbox
from inference.accounts.models import Token, User
from inference.audit.recording import record
from inference.changes.models import ChangeRequest, Edit, PlanStep
from inference.compiled import Select, Slot, Update
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


@cache
def _moving(names: tuple[str, ...]) -> Update:
    """The conditional UPDATE that sets these fields beside the state."""
    pk, was, seen = (
        Slot("pk", BigAutoField()),
        Slot("was", CharField()),
        Slot("seen", IntegerField()),
    )
    fields: dict[str, Any] = {
        name: Slot(name, getattr(ChangeRequest, name).field) for name in names
    }
    return Update(
        lambda: ChangeRequest.objects.filter(pk=pk, state=was, version=seen),
        state=Slot("to", CharField()),
        version=F("version") + 1,
        **fields,
    )


def move(
    change: ChangeRequest,
    to: str,
    *,
    verb: str,
    at: datetime,
    by: User | None = None,
    token: Token | None = None,
    edited: Iterable[str] | None = None,
    **fields: Any,
) -> ChangeRequest:
    """The change in its new state, without asking for it again. Must run in a transaction.

    `edited`: notices of the definitions that it edits, from who knows them already.
    Raises Conflict when somebody else was quicker: of two moves from one version, one is made.
    """
    if to not in _NEXT.get(change.state, frozenset()):
        raise Conflict(messages.NOT_IN_REVIEW, state=change.state)
    known = {"pk": change.pk, "was": change.state, "seen": change.version, "to": to}
    if not _moving(tuple(fields)).update(**known, **fields):
        now = ChangeRequest.objects.get(pk=change.pk)
        raise Conflict(messages.CHANGE_MOVED_ON, was=change.version, now=now.version)
    moved = copy(change)
    moved.state, moved.version = to, change.version + 1
    for name, value in fields.items():
        setattr(moved, name, value)
    events.announce(notice_of(change), *(_edited(change) if edited is None else edited))
    record(
        verb=verb,
        subject_kind="change-request",
        subject_id=change.pk,
        subject_name=change.title,
        by=by,
        token=token,
        at=at,
        team=moved.team,
        before={"state": change.state},
        after={"state": to, "plan": moved.plan.hash if moved.plan else ""},
    )
    return moved


def notice_of(change: ChangeRequest) -> str:
    """What is announced when it moves; as what is audited of it."""
    return f"change-request:{change.pk}"


_EDITED = Select(
    lambda: Edit.objects.filter(revision=Slot("revision", BigAutoField())).values_list(
        "definition_kind", "definition_id"
    )
)


def _edited(change: ChangeRequest) -> list[str]:
    """Notices of the definitions that it edits: their pages show which change is open."""
    rows = _EDITED.rows(revision=change.revision_id)
    return [f"{kind}:{identity}" for kind, identity in rows]


def waiting() -> QuerySet[ChangeRequest]:
    """Changes that wait for a decision or for their start, or are being planned just now: what
    their planning has looked at may be of yesterday when it is written down."""
    return ChangeRequest.objects.filter(state__in=[State.PLANNING, State.IN_REVIEW, State.APPROVED])


def waiting_with(about: Q, *others: Q) -> QuerySet[ChangeRequest]:
    """Those of them that edit a definition which `about` names by its `definition_id`, or do
    something to its objects; and `others`."""
    found = Q(Exists(Edit.objects.filter(about, revision=OuterRef("revision"))))
    found |= Q(Exists(PlanStep.objects.filter(about, plan=OuterRef("plan"))))
    for other in others:
        found |= other
    return (
        waiting()
        .filter(found)
        .select_related("team", "plan")
        .order_by("pk")  # in one order, so that two who mark the same ones do not deadlock
    )


def mark_stale(changes: Iterable[ChangeRequest], *, at: datetime) -> int:
    """Have these changes planned anew. Returns how many there are.

    A change that was decided keeps its decisions if the new plan has the same hash.
    """
    count = 0
    for count, change in enumerate(changes, start=1):  # noqa: B007  (the count is the answer)
        move(change, State.PLANNING, verb="became stale", at=at, stale=True, approved_at=None)
        outbox.post("changes.plan", change.pk)
    return count
