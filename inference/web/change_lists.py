"""Changes in rows: what is read of each, the saved views of the inbox, and what narrows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from inference.accounts.models import User
from inference.changes.models import ChangeRequest, Edit, PlanCheck, PlanStep, PlanTouch
from inference.changes.visibility import needs, visible
from inference.web.change_answers import WORDS

State = ChangeRequest.State
RUNNING = (State.APPROVED, State.APPLYING, State.VERIFYING)
DONE = (*ChangeRequest.FINAL, State.PARTIAL, State.FAILED)


def for_page(rows: QuerySet[ChangeRequest], *further: str) -> QuerySet[ChangeRequest]:
    """With all that pages show of them. What a plan was hashed from is no part of that: of
    thousands of objects it is megabytes."""
    return rows.select_related("team", "author", "revision", "plan", *further).defer(
        "plan__contents"
    )


def views_of(user: User) -> dict[str, tuple[str, Q]]:
    """Saved views of the inbox, each with its title."""
    return {
        "needs-me": ("Needs me", needs(user)),
        "mine": ("Mine", Q(author=user)),
        "open": ("Open", ~Q(state__in=DONE)),
        "running": ("Running", Q(state__in=RUNNING)),
        "done": ("Done", Q(state__in=DONE)),
        "all": ("All", Q()),
    }


def narrowed(user: User, given: Mapping[str, str]) -> QuerySet[ChangeRequest]:
    """All that the reader sees, by what was typed and by the scope of the address."""
    rows = in_scope(visible(user), given)
    return rows.filter(matching(given["q"])) if given.get("q") else rows


def in_scope(
    queryset: QuerySet[ChangeRequest], given: Mapping[str, str]
) -> QuerySet[ChangeRequest]:
    """Of a team, and where their plans reach: without a plan nobody knows where that is."""
    if given.get("team"):
        queryset = queryset.filter(team__name=given["team"])
    if given.get("environment"):
        touches = PlanTouch.objects.filter(environment=given["environment"]).values("plan")
        queryset = queryset.filter(plan__in=touches)
    if given.get("cluster"):
        steps = PlanStep.objects.filter(cluster__name=given["cluster"]).values("plan")
        queryset = queryset.filter(plan__in=steps)
    return queryset


def matching(wanted: str) -> Q:
    number = wanted.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 18:  # noqa: PLR2004  (a bigint's)
        return Q(pk=int(number)) | Q(title__icontains=wanted)
    return Q(title__icontains=wanted) | Q(author__username__icontains=wanted)


def rows_of(changes: Sequence[ChangeRequest]) -> list[dict[str, Any]]:
    """With what they edit and how they were judged. Two queries."""
    revisions = {change.revision_id for change in changes}
    edits: dict[int, list[str]] = {}
    values = Edit.objects.filter(revision__in=revisions).order_by("ordinal")
    for revision, name in values.values_list("revision_id", "name"):
        edits.setdefault(revision, []).append(name)
    plans = {change.plan_id for change in changes}
    red = set(
        PlanCheck.objects.filter(plan__in=plans, state=PlanCheck.State.RED).values_list(
            "plan_id", flat=True
        )
    )
    return [
        {
            "change": change,
            "word": WORDS[State(change.state)],
            "names": ", ".join(edits.get(change.revision_id or 0, [])[:3]),
            "is_red": change.plan_id in red and change.state == State.IN_REVIEW,
        }
        for change in changes
    ]
