"""Routes: the list, a route with who answers behind it and its last real token, and its forms."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.definitions.documents import ROUTE
from inference.definitions.models import Route
from inference.definitions.models.routes import RouteMember
from inference.health.assessment import Probe, assess_route
from inference.health.tasks import SIGNAL
from inference.messages import find as find_message
from inference.observation import readiness
from inference.observation.models import Reading
from inference.observation.readiness import GatewayPlace, Subject
from inference.web import badges, drafting, trying
from inference.web.definition_fields import Parts, of_route
from inference.web.definitions import (
    change_of,
    clusters_of,
    find,
    listed,
    models_of,
    page_of,
    pools_of,
)
from inference.web.frame import Scope, scope_of, show
from inference.web.htmx import ConsoleRequest, signed_in
from inference.web.served_models import placements_of

ACTIVE = "route-list"


class RouteNoun:
    kind = ROUTE
    word = "route"
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
    scope = scope_of(request)
    rows = Route.objects.live().visible_to(teams_of(request.user))
    sheet = listed(request, rows.select_related("gateway__cluster"), scope, _in_scope)
    context = {"sheet": sheet, "rows": rows_of(sheet.rows)}
    return show(request, "routes/list.html", context, active=ACTIVE, part="list")


def _in_scope(queryset: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    if scope.cluster:
        queryset = queryset.filter(gateway__cluster__name=scope.cluster)
    if scope.environment:
        queryset = queryset.filter(gateway__cluster__environment=scope.environment)
    return queryset


def rows_of(routes: Sequence[Route]) -> list[dict[str, Any]]:
    """With verdict, sync, members and change. Nine queries at any length."""
    ids = [route.pk for route in routes]
    verdicts, synced, changing = verdicts_of(routes), badges.syncs(ids), badges.changes(ids)
    members: dict[UUID, list[RouteMember]] = defaultdict(list)
    for member in members_of(ids):
        members[member.route_id].append(member)
    return [
        {
            "route": route,
            "serving": verdicts[route.pk][0],
            "reading": verdicts[route.pk][1],
            "sync": synced[route.pk],
            "members": members[route.pk],
            "change": change_of(changing.get(route.pk, [])),
        }
        for route in routes
    ]


def members_of(routes: Iterable[UUID]) -> QuerySet[RouteMember]:
    rows = RouteMember.objects.filter(route__in=list(routes))
    return rows.select_related(
        "placement__served_model__team", "placement__pool__team", "placement__cluster"
    ).order_by("-weight", "placement__served_model__name")


Verdicts = dict[UUID, tuple[badges.Badge, Reading | None]]


def verdicts_of(routes: Sequence[Route]) -> Verdicts:
    """One word for each route, and the last probe that it rests on. Five queries."""
    standing = readiness.routes(
        (
            Subject(row.pk, row.gateway.cluster_id, row.namespace, row.object_name),
            GatewayPlace(row.gateway.namespace, row.gateway.name, row.gateway.listener),
        )
        for row in routes
    )
    probes, now = _probes([row.pk for row in routes]), timezone.now()
    found: Verdicts = {}
    for row in routes:
        reading = probes.get(row.pk)
        verdict = assess_route(standing[row.pk], _probe(reading), now)
        found[row.pk] = (badges.serving(verdict.word, verdict.sentence), reading)
    return found


def _probes(routes: list[UUID]) -> dict[UUID, Reading]:
    """The newest probe of each, however long their histories are: two queries."""
    mine = Reading.objects.filter(subject_id=OuterRef("pk"), signal=SIGNAL)
    newest = Subquery(mine.order_by("-at", "-pk").values("pk")[:1])
    ids = Route.objects.filter(pk__in=routes).annotate(newest=newest).values_list("newest")
    return {row.subject_id: row for row in Reading.objects.filter(pk__in=[pk for (pk,) in ids])}


def _probe(reading: Reading | None) -> Probe | None:
    if reading is None:
        return None
    message = find_message(reading.code) if reading.code else None
    return Probe(reading.at, reading.value, message, reading.params)


@require_safe
@signed_in
def route_detail(request: ConsoleRequest, team: str, name: str) -> HttpResponse:
    route = find(Route, request.user, team, name, "gateway__cluster")
    members = list(members_of([route.pk]))
    total = sum(member.weight for member in members) or 1
    placed = placements_of({member.placement.served_model_id for member in members})
    standing = {one["row"].pk: one for found in placed.values() for one in found}
    badge, reading = verdicts_of([route])[route.pk]
    context = page_of(route, ROUTE, request.user) | {
        "serving": badge,
        "reading": reading,
        "trying": trying.panel(route, request.user),
        "members": [
            {
                "member": member,
                "share": round(100 * member.weight / total),
                "placement": standing.get(member.placement_id),
            }
            for member in members
        ],
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
