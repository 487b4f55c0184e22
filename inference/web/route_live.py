"""What is live about routes: a route with who answers behind it, and the rows of a list."""

from collections.abc import Collection, Iterable
from functools import partial
from uuid import UUID

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.definitions.documents import ROUTE, SERVED_MODEL
from inference.definitions.models import Route
from inference.live import Feed, topic
from inference.web.definitions import teams_to_change
from inference.web.placements import again_of as placements_again
from inference.web.route_standing import again_of, members_of, page_of, rows_of, teams_behind
from inference.web.streams import (
    GONE,
    Live,
    audience_of,
    live,
    observed,
    rendered,
    rendered_rows,
    rows_feed,
)

ROWS = "route-rows"
PARTS = {
    "answer": "definitions/answer.html",
    "trio": "definitions/trio.html",
    "drift": "definitions/drift.html",
    "signals": "routes/signals.html",
    "flow": "routes/flow.html",
    "numbers": "routes/numbers.html",
    "ladder": "definitions/ladder.html",
    "definition": "definitions/fields.html",
    "history": "definitions/past.html",
}


def live_of(route: Route) -> Live:
    return live(f"{ROUTE}:{route.pk}", parts=PARTS)


@topic(ROUTE)
def route(user: User, key: str) -> Feed | None:
    found = Route.objects.live().visible_to(teams_of(user)).filter(pk=key).first()
    if found is None:
        return None
    also = partial(_notices_of_page, found.pk)
    teams = teams_to_change(user, teams_behind(found))
    return Feed(also(), partial(_parts, found.pk, teams), audience_of(teams), also=also)


@topic(ROWS)
def route_rows(user: User, key: str) -> Feed | None:
    return rows_feed(key, Route.objects.visible_to(teams_of(user)), notices, _rows)


def _notices_of_page(identity: UUID) -> frozenset[str]:
    return notices([identity]) | {f"numbers:{identity}"}


def notices(routes: Iterable[UUID]) -> frozenset[str]:
    """About these routes, their gateways, their last tokens, and whom they lead to."""
    found = set()
    rows = Route.objects.live().filter(pk__in=list(routes)).select_related("gateway")
    for row in rows:
        cluster, gateway = row.gateway.cluster_id, row.gateway
        found |= {f"{ROUTE}:{row.pk}", f"reading:{row.pk}"}
        found.add(observed(cluster, row.namespace, row.object_name))
        found.add(observed(cluster, gateway.namespace, "Gateway"))
    for member in members_of([row.pk for row in rows]):
        one = member.placement
        found.add(f"{SERVED_MODEL}:{one.served_model_id}")
        found.add(observed(one.cluster_id, one.namespace, one.object_name))
    return frozenset(found)


def _parts(identity: UUID, teams: frozenset[UUID]) -> dict[str, str]:
    rows = Route.objects.live().select_related("team", "gateway__cluster")
    found = rows.filter(pk=identity).first()
    if found is None:
        return rendered(GONE, {})
    page = page_of(found, teams)
    return rendered(PARTS, page, again_of([page]), placements_again(page["placements"]))


def _rows(ids: Collection[UUID]) -> dict[str, str]:
    routes = Route.objects.filter(pk__in=ids).select_related("team", "gateway__cluster")
    rows = rows_of(list(routes))
    return rendered_rows("routes/row.html", {one["route"].pk: one for one in rows}, again_of(rows))
