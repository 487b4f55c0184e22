"""What is live about a pool: what is in use and free of it, what is placed, and its definition.

It may be granted to teams who see no change of it: those that a reader sees are asked for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from inference.accounts.models import User
from inference.clusters.models import Grant
from inference.definitions.documents import HARDWARE_POOL, SERVED_MODEL
from inference.definitions.models import HardwarePool, Placement
from inference.live import Feed, topic
from inference.web import badges
from inference.web.capacities import AGAIN, legend_of, lines_of, reasons_of, shown_of
from inference.web.definitions import change_of, history_of
from inference.web.differences import whole
from inference.web.sight import Sight
from inference.web.streams import (
    GONE,
    Live,
    live,
    observed,
    rendered,
    rendered_rows,
    rows_feed,
)

EVERY = 1.0
"""Seconds: every pod of the cluster may flow into this page."""
NOWHERE = "-"
"""The namespace of what lives in none, in notices."""
ROWS = "hardware-pool-rows"
PARTS = {
    "answer": "hardware_pools/answer.html",
    "cells": "hardware_pools/cells.html",
    "devices": "hardware_pools/devices.html",
    "placed": "hardware_pools/placed.html",
    "definition": "definitions/fields.html",
    "granted": "hardware_pools/granted.html",
    "history": "definitions/past.html",
}


def live_of(pool: HardwarePool) -> Live:
    return live(f"{HARDWARE_POOL}:{pool.pk}", parts=PARTS)


def page_of(pool: HardwarePool, sight: Sight) -> dict[str, Any]:
    """What is shown of it to all who have this sight. Eight queries."""
    rows = list(
        Placement.objects.live()
        .filter(pool=pool, served_model__team__in=sight.ids)
        .select_related("served_model__team")
        .order_by("served_model__name")
    )
    capacity = shown_of([pool])[pool.pk]
    names = {row.object_name: str(row.served_model) for row in rows}
    lines, rest = lines_of(capacity.count, names) if capacity.count else ([], "")
    on_nodes = capacity.count.by_placement if capacity.count else None
    placed = [_placed(row, on_nodes) for row in rows]
    return {
        "row": pool,
        "placed": placed,
        "asked": sum(one["asked"] for one in placed),
        "waiting": sum(one["waiting"] for one in placed),
        "capacity": capacity,
        "lines": lines,
        "rest": rest,
        "legend": legend_of(capacity.count, names) if capacity.count else [],
        "fields": whole(pool, HARDWARE_POOL),
        "teams": list(pool.granted_teams.order_by("name").values_list("name", flat=True)),
        **history_of(pool, sight.changes),
    }


def _placed(row: Placement, on_nodes: Mapping[str, int] | None) -> dict[str, Any]:
    """What it asks for, what it has, and what is missing: None where nobody counts."""
    asked = devices_of(row.served_model.document) * (row.replicas or 0)
    had = None if on_nodes is None else on_nodes.get(row.object_name, 0)
    waiting = 0 if had is None else max(0, asked - had)
    return {"row": row, "asked": asked, "on_nodes": had, "waiting": waiting}


def devices_of(document: dict[str, Any]) -> int:
    """Accelerators that one replica of a model holds."""
    parts = document.get("parallelism") or {}
    found = 1
    for name in ("tensor", "pipeline", "data"):
        found *= int(parts.get(name) or 1)
    return found


def rows_of(pools: Sequence[HardwarePool], sight: Sight) -> list[dict[str, Any]]:
    ids = [pool.pk for pool in pools]
    changing, counted = badges.changes(ids, sight.changes), shown_of(pools)
    asked: dict[Any, int] = {}
    for pool, document, replicas in (
        Placement.objects.live()
        .filter(pool__in=ids)
        .values_list("pool", "served_model__document", "replicas")
    ):
        asked[pool] = asked.get(pool, 0) + devices_of(document) * (replicas or 0)
    return [
        {
            "pool": pool,
            "document": pool.document,
            "asked": asked.get(pool.pk, 0),
            "capacity": counted[pool.pk],
            "change": change_of(changing.get(pool.pk, [])),
        }
        for pool in pools
    ]


@topic(HARDWARE_POOL)
def hardware_pool(user: User, key: str) -> Feed | None:
    sight = Sight.of(user)
    pool = _pools(sight).filter(pk=key).first()
    if pool is None:
        return None
    also = partial(_notices, pool.pk, pool.cluster_id, sight)
    show = partial(_parts, pool.pk, sight)
    return Feed(also(), show, sight.audience, also=also, every=EVERY)


@topic(ROWS)
def hardware_pool_rows(user: User, key: str) -> Feed | None:
    sight = Sight.of(user)
    rows, show = HardwarePool.objects.visible_to(sight.teams), partial(_rows, sight)
    feed = rows_feed(key, rows, _notices_of_rows, show, every=EVERY)
    return feed and replace(feed, audience=sight.audience)


def of_clusters(clusters: Collection[UUID]) -> frozenset[str]:
    """Notices about nodes, and about pods wherever a team has a namespace. One query."""
    granted = Grant.objects.filter(cluster__in=clusters).values_list("cluster", "namespace")
    places = {(one, NOWHERE) for one in clusters} | set(granted)
    return frozenset(observed(*one) for one in places)


def _notices(pool: UUID, cluster: UUID, sight: Sight) -> frozenset[str]:
    placed = Placement.objects.live().filter(pool=pool, served_model__team__in=sight.ids)
    models = placed.values_list("served_model", flat=True)
    found = {f"{HARDWARE_POOL}:{pool}", *(f"{SERVED_MODEL}:{one}" for one in models)}
    return of_clusters([cluster]) | found


def _notices_of_rows(ids: Collection[UUID]) -> frozenset[str]:
    """What is asked for is counted of the models of all teams."""
    clusters = HardwarePool.objects.filter(pk__in=ids).values_list("cluster", flat=True)
    models = Placement.objects.live().filter(pool__in=ids).values_list("served_model", flat=True)
    found = {f"{HARDWARE_POOL}:{one}" for one in ids} | {f"{SERVED_MODEL}:{one}" for one in models}
    return of_clusters(set(clusters)) | found


def _parts(identity: UUID, sight: Sight) -> dict[str, str]:
    pool = _pools(sight).filter(pk=identity).first()
    if pool is None:
        return rendered(GONE, {})
    return rendered(PARTS, page_of(pool, sight), AGAIN)


def _pools(sight: Sight) -> Any:
    rows = HardwarePool.objects.live().visible_to(sight.teams)
    return rows.select_related("team", "cluster")


def _rows(sight: Sight, ids: Collection[UUID]) -> dict[str, str]:
    pools = HardwarePool.objects.filter(pk__in=ids).select_related("team", "cluster")
    rows = rows_of(list(pools), sight)
    made = rendered_rows("hardware_pools/row.html", {one["pool"].pk: one for one in rows}, AGAIN)
    made |= rendered({"rest": "hardware_pools/rest.html"}, {"uncounted": reasons_of(rows)})
    return made
