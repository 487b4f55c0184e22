"""Served models: the list with its three badges, a model with its placements, and its forms."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.definitions.documents import SERVED_MODEL
from inference.definitions.models import Placement, ServedModel
from inference.web import drafting, settling
from inference.web.definition_fields import Parts, of_served_model
from inference.web.definitions import find, listed, may_draft, pools_of, teams_to_change
from inference.web.frame import Scope, show
from inference.web.htmx import ConsoleRequest
from inference.web.list_news import Listing, enter
from inference.web.served_model_live import (
    ROWS,
    live_of,
    page_of,
    rest_of,
    rows_of,
)
from inference.web.sessions import signed_in
from inference.web.streams import live_list

ACTIVE = "served-model-list"


class ServedModelNoun:
    kind = SERVED_MODEL
    word = "served model"
    group = "Models"
    active = ACTIVE

    def questions(self, user: User) -> Parts:
        return of_served_model(pools_of(user, "No further placement"))

    def blank(self) -> dict[str, Any]:
        return {"engine": "vllm", "memory_percent": 92, "parallelism": {"tensor": 1}}


NOUN = ServedModelNoun()


@require_safe
@signed_in
def served_model_list(request: ConsoleRequest) -> HttpResponse:
    rows = ServedModel.objects.live().visible_to(teams_of(request.user))
    sheet, news = listed(request, LISTING, rows)
    shown = rows_of(sheet.rows)
    context = {
        "sheet": sheet,
        "rows": shown,
        "rest": rest_of(shown),
        "live": live_list(ROWS, sheet.rows, news),
        "may_draft": may_draft(request.user),
    }
    return show(request, "served_models/list.html", context, active=ACTIVE, part="list")


def _in_scope(queryset: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    """Where they are placed; those that are deleted, where they were placed at the end."""
    if not scope.cluster and not scope.environment:
        return queryset
    until_the_end = Q(deleted_at__isnull=True) | Q(deleted_at__gte=F("served_model__deleted_at"))
    placed = Placement.objects.filter(until_the_end)
    if scope.cluster:
        placed = placed.filter(cluster__name=scope.cluster)
    if scope.environment:
        placed = placed.filter(cluster__environment=scope.environment)
    return queryset.filter(pk__in=placed.values("served_model"))


LISTING = enter(Listing(SERVED_MODEL, "model", ServedModel, _in_scope))


@require_safe
@signed_in
def served_model_detail(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    model = find(ServedModel, request.user, team, name)
    teams = teams_to_change(request.user, [model.team_id])
    context = page_of(model, teams) | {
        "may_edit": model.team_id in teams,
        "live": live_of(model),
    }
    return show(request, "served_models/detail.html", context, active=ACTIVE, part="content")


@require_http_methods(["GET", "POST"])
@signed_in
def served_model_new(request: ConsoleRequest) -> HttpResponse:
    return drafting.new(request, NOUN)


@require_http_methods(["GET", "POST"])
@signed_in
def served_model_edit(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return drafting.edit(request, NOUN, find(ServedModel, request.user, team, name))


@require_http_methods(["GET", "POST"])
@signed_in
def served_model_delete(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return drafting.delete(request, NOUN, find(ServedModel, request.user, team, name))


@require_http_methods(["GET", "POST"])
@signed_in
def served_model_drift(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return settling.settle(request, NOUN, find(ServedModel, request.user, team, name))
