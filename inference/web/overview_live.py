"""What is live on the overview: the same for all of one sight; what waits for a reader is told."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.definitions.models import HardwarePool, Placement, Route
from inference.definitions.models.definitions import DefinitionQuerySet
from inference.health.assessment import Serving
from inference.live import Feed, topic
from inference.messages import observation as messages
from inference.observation import freshness
from inference.observation.ladder import Blind
from inference.web.badges import MEANS, Badge
from inference.web.capacities import AGAIN, reasons_of
from inference.web.change_answers import WORDS
from inference.web.change_lists import in_scope
from inference.web.cluster_live import badge_of
from inference.web.counts import ANSWERS, answering
from inference.web.frame import Scope
from inference.web.hardware_pool_live import of_clusters
from inference.web.hardware_pool_live import rows_of as pool_rows
from inference.web.lists import MOST, named
from inference.web.overview_drifts import drifts_of
from inference.web.placements import standing_of
from inference.web.route_live import notices
from inference.web.route_standing import again_of
from inference.web.route_standing import rows_of as route_rows
from inference.web.sight import Sight
from inference.web.streams import Live, live, observed, rendered

Rows = TypeVar("Rows", bound=QuerySet[Any])
State = ChangeRequest.State
OVERVIEW, INBOX = "overview", "inbox"
EVERY = 1.0
"""Seconds: all that the reader may see flows into this page."""
FEW = 3
"""So many of a kind that is seldom in trouble are named."""
ROUTES, CLUSTERS = 200, 500
MARKS = 24
"""So many routes have a mark each; of more, those that do not answer are named."""
RUNNING = (State.APPROVED, State.APPLYING, State.VERIFYING)
DONE = (State.SUCCEEDED, State.PARTIAL, State.FAILED, State.REJECTED)
PARTS = {
    "answer": "overview/answer.html",
    "marks": "overview/marks.html",
    "answering": "overview/answering.html",
    "under-way": "overview/under_way.html",
    "clusters": "overview/clusters.html",
    "faults": "overview/faults.html",
    "running": "overview/running.html",
    "pools": "overview/pools.html",
    "recent": "overview/recent.html",
}


def live_of(scope: Scope) -> Live:
    given = {key: value for key, value in vars(scope).items() if value}
    return live(f"{OVERVIEW}:{urlencode(given)}", f"{INBOX}:mine", parts=PARTS)


@topic(OVERVIEW)
def overview(user: User, key: str) -> Feed | None:
    sight, given = Sight.of(user), dict(parse_qsl(key))
    scope = Scope(*(given.get(name, "")[:40] for name in ("team", "environment", "cluster")))
    also = partial(_notices, sight, scope)
    show = partial(_parts, sight, scope)
    return Feed(also(), show, sight.audience, also=also, every=EVERY)


@topic(INBOX)
def inbox(user: User, key: str) -> Feed | None:
    """Something about some change: whether it waits for the reader, the page asks for itself."""
    del user
    return Feed({"change-request"}, tells=True) if key == "mine" else None


def shared_of(sight: Sight, scope: Scope) -> dict[str, Any]:
    """As many queries for one route as for two hundred. What is left out is counted."""
    known, pools, changes = _routes(sight, scope), _pools(sight, scope), changes_of(sight, scope)
    routes, every = route_rows(list(known[:ROUTES])), known.count()
    bad = [row for row in routes if row["serving"].look in {"is-bad", "is-warn"}]
    running = changes.filter(state__in=RUNNING)
    clusters = _clusters(sight, scope)
    silent = [one for one in clusters if one["badge"].look != "is-ok"]
    shown = pool_rows(list(pools[:MOST]), sight)
    placed = _placements(sight, scope)
    failing = failing_of(standing_of(_first(placed)), routes)
    said = [MEANS[row["serving"].word] for row in routes]
    return {
        "answer": answering(said, is_all=every <= ROUTES, failing=len(failing)),
        "failing": named(failing, FEW),
        "unlooked": max(0, placed.count() - ROUTES),
        "routes": routes,
        "every": every,
        "tally": _tally(routes) if len(routes) > MARKS else [],
        "bad": named(bad),
        "connected": len(clusters),
        "silent": named(silent, FEW),
        "drifts": drifts_of(sight, scope),
        "running": [change_of(one) for one in _running(running)],
        "running_total": running.count(),
        "recent": [change_of(one) for one in changes.filter(state__in=DONE).order_by("-pk")[:6]],
        "pools": shown,
        "pools_total": pools.count(),
        "uncounted": reasons_of(shown),
        "total": len(routes),
        "serving": sum(one in ANSWERS for one in said),
        "unseen": said.count(Serving.UNKNOWN),
    }


def changes_of(sight: Sight, scope: Scope) -> QuerySet[ChangeRequest]:
    return in_scope(sight.changes.select_related("team", "author"), vars(scope))


def change_of(change: ChangeRequest) -> dict[str, Any]:
    return {"change": change, "word": WORDS[State(change.state)]}


def _tally(routes: Sequence[Any]) -> list[tuple[Badge, int]]:
    """How many there are of each word, the most first."""
    first = {row["serving"].word: row["serving"] for row in routes}
    counts = Counter(row["serving"].word for row in routes)
    return [(first[word], count) for word, count in counts.most_common()]


def _notices(sight: Sight, scope: Scope) -> frozenset[str]:
    routes = _routes(sight, scope)[:ROUTES].values_list("pk", flat=True)
    found = {f"cluster:{one['cluster'].pk}" for one in _clusters(sight, scope)}
    granted = sight.grants.values_list("cluster_id", "namespace")
    found |= {observed(*one) for one in granted}
    found |= of_clusters({one.cluster_id for one in _pools(sight, scope)[:MOST]})
    every = {"change-request", "delivery", "route", "served-model", "hardware-pool"}
    return notices(routes) | found | every


def _parts(sight: Sight, scope: Scope) -> dict[str, str]:
    page = shared_of(sight, scope)
    again = AGAIN if page["pools"] else None
    return rendered(PARTS, page, again_of(page["routes"]), again)


def _routes(sight: Sight, scope: Scope) -> QuerySet[Route]:
    rows = Route.objects.live().visible_to(sight.teams).select_related("team", "gateway__cluster")
    return _within(rows, scope, "gateway__cluster", team="team").order_by("name", "pk")


def _placements(sight: Sight, scope: Scope) -> DefinitionQuerySet[Placement]:
    rows = Placement.objects.live().filter(served_model__team__in=sight.ids)
    rows = _within(rows, scope, "cluster", team="served_model__team")
    return rows.order_by("served_model__name", "pk")


def _within(rows: Rows, scope: Scope, cluster: str, team: str) -> Rows:
    """Those in scope; `cluster` and `team` are the ways to these."""
    ways = {
        f"{cluster}__name": scope.cluster,
        f"{cluster}__environment": scope.environment,
        f"{team}__name": scope.team,
    }
    return rows.filter(**{way: wanted for way, wanted in ways.items() if wanted})


def _first(placed: DefinitionQuerySet[Placement]) -> DefinitionQuerySet[Placement]:
    return Placement.objects.filter(pk__in=placed.values("pk")[:ROUTES])


def failing_of(
    placements: Sequence[dict[str, Any]], routes: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Those that fail and of which no route tells that does not answer either. Pure."""
    told: set[UUID] = set()
    answering_ones: dict[UUID, list[str]] = {}
    for row in routes:
        behind = [member.placement_id for member in row["members"]]
        if row["serving"].look in {"is-bad", "is-warn"}:
            told.update(behind)
        for one in behind:
            answering_ones.setdefault(one, []).append(str(row["route"]))
    return [
        one | {"routes": ", ".join(answering_ones.get(one["row"].pk, []))}
        for one in placements
        if one["word"] == Serving.NOT_SERVING and one["row"].pk not in told
    ]


def _pools(sight: Sight, scope: Scope) -> QuerySet[HardwarePool]:
    rows = HardwarePool.objects.live().visible_to(sight.teams).select_related("team", "cluster")
    return _within(rows, scope, "cluster", team="team").order_by("cluster__name", "name")


def _clusters(sight: Sight, scope: Scope) -> list[dict[str, Any]]:
    rows = sight.clusters.order_by("name")
    if scope.cluster:
        rows = rows.filter(name=scope.cluster)
    if scope.environment:
        rows = rows.filter(environment=scope.environment)
    found = list(rows[:CLUSTERS])
    unseen = _unseen(sight)
    return [{"cluster": one, "badge": _badge(one, unseen.get(one.pk))} for one in found]


def _badge(cluster: Cluster, blind: Blind | None) -> Badge:
    """A cluster that answers, and that nobody observes, is one to look at."""
    badge = badge_of(cluster)
    if blind is None or badge.look != "is-ok":
        return badge
    return Badge("is-off", "unknown", "Not observed", blind.sentence, is_stale=True)


def _unseen(sight: Sight) -> dict[UUID, Blind]:
    """Clusters of which some namespace cannot be seen now, and why. Two queries."""
    seen = freshness.views(sight.grants.values_list("cluster_id", "namespace"))
    never = Blind(messages.NEVER_OBSERVED)
    found: dict[UUID, Blind] = {}
    for (cluster, _), view in sorted(seen.items()):
        if not view.watched or view.blind:
            found.setdefault(cluster, next(iter(view.blind.values()), never))
    return found


def _running(changes: QuerySet[ChangeRequest]) -> list[ChangeRequest]:
    counted = Count("pushes__outcomes", distinct=True)
    done = Count(
        "pushes__outcomes",
        distinct=True,
        filter=Q(pushes__outcomes__outcome__in=("created", "updated", "unchanged", "deleted")),
    )
    rows = changes.annotate(objects_count=counted, done_count=done)
    return list(rows.order_by("-pk")[:MOST])
