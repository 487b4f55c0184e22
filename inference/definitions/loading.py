"""From rows to a world: what the definitions of some teams can refer to, in eight queries."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from inference.accounts.models import Team
from inference.clusters.capabilities import served
from inference.clusters.models import Cluster, Gateway, Grant
from inference.definitions.documents import HARDWARE_POOL, ROUTE, SERVED_MODEL
from inference.definitions.models import HardwarePool, Placement, Route, ServedModel
from inference.definitions.models.definitions import Definition
from inference.definitions.world import ClusterFact, Entry, GatewayFact, GrantFact, World


def load(teams: Iterable[Team], edited: Iterable[UUID] = ()) -> World:
    """The world that edits of `edited` by `teams` can touch.

    Models of other teams are in it where they stand on a pool that is edited, and all routes at
    the gateways of those clusters: a hostname is taken whoever took it.
    """
    wanted = list(teams)
    ids = list(edited)
    pools = HardwarePool.objects.live().select_related("team")
    placed = Placement.objects.live().filter(pool__in=ids)
    models = (
        ServedModel.objects.live()
        .filter(Q(team__in=wanted) | Q(pk__in=placed.values("served_model")))
        .select_related("team")
    )
    routes = Route.objects.live().select_related("team")
    entries = [
        *entries_of(HARDWARE_POOL, pools),
        *entries_of(SERVED_MODEL, models),
        *entries_of(ROUTE, routes),
    ]
    return World(
        clusters=clusters_of(Cluster.objects.present()),
        gateways=gateways_of(Gateway.objects.all()),
        grants=grants_of(Grant.objects.all()),
        entries={entry.id: entry for entry in entries},
        teams={team.name: team.pk for team in wanted},
    )


def entries_of(kind: str, rows: Iterable[Any]) -> list[Entry]:
    return [_entry(row, kind) for row in rows]


def clusters_of(rows: Iterable[Cluster]) -> dict[str, ClusterFact]:
    return {
        row.name: ClusterFact(
            id=row.pk,
            name=row.name,
            environment=row.environment,
            state=row.state,
            identity=row.identity,
            served=served(row.capabilities),
            problem=row.problem_code,
        )
        for row in rows
    }


def gateways_of(rows: QuerySet[Gateway]) -> tuple[GatewayFact, ...]:
    """Of clusters that are there: the name of one that was removed may be another's now."""
    present = rows.filter(removed_at__isnull=True).exclude(cluster__state=Cluster.State.REMOVED)
    return tuple(
        GatewayFact(row.pk, row.cluster.name, row.namespace, row.name, row.listener)
        for row in present.select_related("cluster")
    )


def grants_of(rows: QuerySet[Grant]) -> dict[tuple[str, str], GrantFact]:
    """One per cluster and team: the first namespace by name, where several are granted."""
    present = rows.exclude(cluster__state=Cluster.State.REMOVED)
    return {
        (row.cluster.name, row.team.name): GrantFact(
            row.namespace, row.pull_secret, row.token_secret
        )
        for row in present.select_related("cluster", "team").order_by("-namespace")
    }


def _entry(row: Definition, kind: str) -> Entry:
    return Entry(
        id=row.pk,
        kind=kind,
        team=row.team.name,
        name=row.name,
        title=row.title,
        generation=row.generation,
        spec=row.spec(),
    )
