"""Routes: the list, a route with who answers behind it and its last real token, and its forms."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.definitions.documents import ROUTE
from inference.definitions.models import Route
from inference.web import drafting, settling, trying
from inference.web.definition_fields import Parts, of_route
from inference.web.definitions import (
    clusters_of,
    find,
    listed,
    may_draft,
    models_of,
    pools_of,
    teams_to_change,
)
from inference.web.frame import Scope, show
from inference.web.htmx import ConsoleRequest
from inference.web.list_news import Listing, enter
from inference.web.route_live import ROWS, live_of
from inference.web.route_standing import page_of, rows_of, teams_behind
from inference.web.sessions import signed_in
from inference.web.streams import live_list

ACTIVE = "route-list"


class RouteNoun:
    kind = ROUTE
    word = "route"
    group = "Routes"
    active = ACTIVE

    def questions(self, user: User) -> Parts:
        return of_route(
            clusters_of(user), models_of(user, "Nobody further"), pools_of(user, "Choose one")
        )

    def blank(self) -> dict[str, Any]:
        return {"timeout_seconds": 300}


NOUN = RouteNoun()


@require_safe
@signed_in
def route_list(request: ConsoleRequest) -> HttpResponse:
    rows = Route.objects.live().visible_to(teams_of(request.user))
    sheet, news = listed(request, LISTING, rows.select_related("gateway__cluster"))
    context = {
        "sheet": sheet,
        "rows": rows_of(sheet.rows),
        "live": live_list(ROWS, sheet.rows, news),
        "may_draft": may_draft(request.user),
    }
    return show(request, "routes/list.html", context, active=ACTIVE, part="list")


def _in_scope(queryset: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    if scope.cluster:
        queryset = queryset.filter(gateway__cluster__name=scope.cluster)
    if scope.environment:
        queryset = queryset.filter(gateway__cluster__environment=scope.environment)
    return queryset


LISTING = enter(Listing(ROUTE, "route", Route, _in_scope))


@require_safe
@signed_in
def route_detail(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    route = find(Route, request.user, team, name, "gateway__cluster")
    teams = teams_to_change(request.user, teams_behind(route))
    context = page_of(route, teams) | {
        "may_edit": route.team_id in teams,
        "live": live_of(route),
        "trying": trying.panel(route, request.user),
    }
    return show(request, "routes/detail.html", context, active=ACTIVE, part="content")


@require_http_methods(["GET", "POST"])
@signed_in
def route_new(request: ConsoleRequest) -> HttpResponse:
    return drafting.new(request, NOUN)


@require_http_methods(["GET", "POST"])
@signed_in
def route_edit(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return drafting.edit(request, NOUN, find(Route, request.user, team, name))


@require_http_methods(["GET", "POST"])
@signed_in
def route_delete(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return drafting.delete(request, NOUN, find(Route, request.user, team, name))


@require_http_methods(["GET", "POST"])
@signed_in
def route_drift(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    return settling.settle(request, NOUN, find(Route, request.user, team, name))
