"""How routes stand: one word from readiness and the last real token, and who answers behind it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from inference.definitions.documents import ROUTE
from inference.definitions.models import Placement, Route
from inference.definitions.models.routes import RouteMember
from inference.delivery import drift
from inference.health.assessment import RECENT, Probe, assess_route
from inference.health.tasks import SIGNAL
from inference.messages import find as find_message
from inference.observation import readiness
from inference.observation.models import Reading
from inference.observation.readiness import GatewayPlace, Subject
from inference.web import badges
from inference.web.definitions import change_of, standing_of
from inference.web.drifts import advice_of, hands_of, line_of, pages_of
from inference.web.numbers import Numbers, numbers_of, table_of
from inference.web.placements import TITLES
from inference.web.placements import standing_of as placements_of


def page_of(route: Route, teams: Collection[UUID]) -> dict[str, Any]:
    """All that the page shows, the same for all who may change definitions of these teams."""
    members = list(members_of([route.pk]))
    total = sum(member.weight for member in members) or 1
    ids = [member.placement_id for member in members]
    placed = placements_of(Placement.objects.filter(pk__in=ids))
    standing = {one["row"].pk: one for one in placed}
    badge, reading = verdicts_of([route])[route.pk]
    cluster = route.gateway.cluster
    told = numbers_of((one, cluster) for one in (route.pk, *ids))
    context = standing_of(route, ROUTE, teams)
    behind = drift.of_placements(ids)
    hands = [*context["hands"], *hands_of(behind, pages_of(behind, teams))]
    return context | {
        "serving": badge,
        "reading": reading,
        "numbers": told[route.pk],
        "numbers_table": table_of(_columns(members, told[route.pk], told)),
        "numbers_width": len(ids) + 2,
        "hands": hands,
        "advice": advice_of(hands),
        "drifted": line_of(hands),
        "placements": placed,
        "rung_titles": TITLES,
        "members": [
            {
                "member": member,
                "share": round(100 * member.weight / total),
                "placement": standing.get(member.placement_id),
            }
            for member in members
        ],
    }


def _columns(
    members: Sequence[RouteMember], whole: Numbers, told: Mapping[UUID, Numbers]
) -> list[tuple[str, Numbers]]:
    parts = [(one.placement.served_model.name, told[one.placement_id]) for one in members]
    return [("Route", whole), *parts]


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


def teams_behind(route: Route) -> set[UUID]:
    """Whose definitions its page tells of. One query."""
    members = RouteMember.objects.filter(route=route)
    return {route.team_id, *members.values_list("placement__served_model__team", flat=True)}


def again_of(rows: Iterable[dict[str, Any]]) -> float | None:
    """Seconds after which the oldest of the tokens that count says nothing any more."""
    now = timezone.now()
    left = [RECENT - (now - row["reading"].at) for row in rows if row["reading"]]
    return min((one.total_seconds() + 1 for one in left if one > timedelta()), default=None)


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
    milliseconds = None if reading.value is None else round(reading.value)
    return Probe(reading.at, milliseconds, message, reading.params)
