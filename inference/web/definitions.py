"""What lists and pages of the three kinds of definition have in common."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from inference.accounts.models import User
from inference.accounts.policies import Right, teams_of
from inference.changes.models import ChangeRequest, Edit
from inference.clusters.visibility import clusters
from inference.definitions.models import HardwarePool, ServedModel
from inference.definitions.models.definitions import Definition
from inference.delivery import drift
from inference.web import badges
from inference.web.change_answers import WORDS
from inference.web.definition_fields import Choices
from inference.web.differences import whole
from inference.web.drifts import advice_of, hands_of, line_of, pages_of
from inference.web.frame import scope_of
from inference.web.htmx import ConsoleRequest
from inference.web.list_news import DRIFTED, Listing, narrowed, topic_of
from inference.web.lists import Sheet, chosen, sheet_of, text

ORDERS = {
    "name": ("name", "team__name"),
    "newest": ("-created_at", "pk"),
    "changed": ("-updated_at", "pk"),
}
PAST = 20


def find(table: Any, user: User, team: str, name: str, *related: str) -> Any:
    """Raises 404 for what the reader may not see."""
    rows = table.objects.live().visible_to(teams_of(user)).select_related("team", *related)
    row = rows.filter(team__name=team, name=name).first()
    if row is None:
        raise Http404
    return row


def listed(request: ConsoleRequest, listing: Listing, queryset: QuerySet[Any]) -> tuple[Sheet, str]:
    """One page of definitions, and the topic that tells what comes and goes meanwhile."""
    narrowing = {**vars(scope_of(request)), "sync": chosen(request, "sync", [*DRIFTED.values()])}
    given = {"q": text(request), **{key: value for key, value in narrowing.items() if value}}
    news = topic_of(listing, request.user, given)
    rows = narrowed(listing, queryset, given).select_related("team")
    return sheet_of(request, rows, filters=given, orders=ORDERS), news


def change_of(changes: Sequence[ChangeRequest]) -> dict[str, Any] | None:
    """The newest open change of a definition, for a list."""
    if not changes:
        return None
    return {"change": changes[0], "word": WORDS[ChangeRequest.State(changes[0].state)]}


def teams_to_change(user: User, teams: Iterable[UUID]) -> frozenset[UUID]:
    """Those of these teams whose definitions the reader may change. One query."""
    rows = teams_of(user, Right.PROPOSE).filter(pk__in=set(teams))
    return frozenset(rows.values_list("pk", flat=True))


def may_draft(user: User) -> bool:
    """Whether there is a team whose definitions the reader may change. One query."""
    return teams_of(user, Right.PROPOSE).exists()


def may_edit(row: Definition, user: User) -> bool:
    return teams_of(user, Right.PROPOSE).filter(pk=row.team_id).exists()


def standing_of(row: Definition, kind: str, teams: Collection[UUID] = ()) -> dict[str, Any]:
    """Badges, drift, fields and history of one definition: the same for all who see it and may
    change definitions of these `teams`."""
    found = drift.of_definitions([row.pk])
    hands = hands_of(found, pages_of(found, teams))
    synced = badges.syncs([row.pk])[row.pk]
    return {
        "row": row,
        "sync": replace(synced, line=line_of(hands)) if hands and not synced.is_stale else synced,
        "hands": hands,
        "advice": advice_of(hands),
        "drifted": line_of(hands),
        "fields": whole(row, kind),
        **history_of(row),
    }


def history_of(row: Definition, seen: QuerySet[ChangeRequest] | None = None) -> dict[str, Any]:
    """The changes of a definition: all, or those of `seen` where readers of other teams have it
    too. Two queries."""
    open_changes = badges.changes([row.pk], seen).get(row.pk, [])
    return {
        "open_changes": [(change, badges.change_badge(change)) for change in open_changes],
        "past": _past(row, seen),
    }


def _past(row: Definition, seen: QuerySet[ChangeRequest] | None) -> list[dict[str, Any]]:
    """Changes that wrote it, newest first."""
    rows = (
        Edit.objects.filter(definition_id=row.pk, revision__change__started_at__isnull=False)
        .exclude(revision__change__state__in=badges.OPEN)
        .select_related("revision__change__author")
    )
    if seen is not None:
        rows = rows.filter(revision__change__in=seen)
    found = []
    for edit in rows.order_by("-revision__change__started_at")[:PAST]:
        change = edit.revision.change
        look = WORDS[ChangeRequest.State(change.state)][0]
        found.append({"change": change, "generation": edit.base_generation + 1, "look": look})
    return found


def clusters_of(user: User, empty: str = "") -> Choices:
    names = clusters(user).order_by("name").values_list("name", "environment")
    given = tuple((name, f"{name}, {environment}") for name, environment in names)
    return (("", empty or "Choose one"), *given)


def pools_of(user: User, empty: str) -> Choices:
    rows = HardwarePool.objects.live().visible_to(teams_of(user)).order_by("name")
    names = dict.fromkeys(rows.values_list("name", flat=True))
    return (("", empty), *((name, name) for name in names))


def models_of(user: User, empty: str) -> Choices:
    rows = ServedModel.objects.live().visible_to(teams_of(user)).order_by("name")
    names = dict.fromkeys(rows.values_list("name", flat=True))
    return (("", empty), *((name, name) for name in names))
