"""From rows to a world: what the definitions of some teams can refer to, in eight queries."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from inference.accounts.models import Team
from inference.clusters.capabilities import served
from inference.clusters.models import Cluster, Gateway, Grant
from inference.compiled import Select
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
    placed = Placement.objects.live().filter(pool__in=ids)
    models = (
        ServedModel.objects.live()
        .filter(Q(team__in=wanted) | Q(pk__in=placed.values("served_model")))
        .select_related("team")
    )
    entries = [
        *entries_of(HARDWARE_POOL, _POOLS.rows()),
        *entries_of(SERVED_MODEL, models),
        *entries_of(ROUTE, _ROUTES.rows()),
    ]
    return World(
        clusters=clusters_of(_CLUSTERS.rows()),
        gateways=_gateways(_GATEWAYS.rows()),
        grants=_grants(_GRANTS.rows()),
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
    return _gateways(_standing(rows))


def grants_of(rows: QuerySet[Grant]) -> dict[tuple[str, str], GrantFact]:
    """One per cluster and team: the first namespace by name, where several are granted."""
    return _grants(_in_force(rows))


def _standing(rows: QuerySet[Gateway]) -> QuerySet[Gateway]:
    present = rows.filter(removed_at__isnull=True).exclude(cluster__state=Cluster.State.REMOVED)
    return present.select_related("cluster")


def _in_force(rows: QuerySet[Grant]) -> QuerySet[Grant]:
    present = rows.exclude(cluster__state=Cluster.State.REMOVED)
    return present.select_related("cluster", "team").order_by("-namespace")


_POOLS = Select(lambda: HardwarePool.objects.live().select_related("team"))
_ROUTES = Select(lambda: Route.objects.live().select_related("team"))
_CLUSTERS = Select(Cluster.objects.present)
_GATEWAYS = Select(lambda: _standing(Gateway.objects.all()))
_GRANTS = Select(lambda: _in_force(Grant.objects.all()))


def _gateways(rows: Iterable[Gateway]) -> tuple[GatewayFact, ...]:
    return tuple(
        GatewayFact(row.pk, row.cluster.name, row.namespace, row.name, row.listener) for row in rows
    )


def _grants(rows: Iterable[Grant]) -> dict[tuple[str, str], GrantFact]:
    return {
        (row.cluster.name, row.team.name): GrantFact(
            row.namespace, row.pull_secret, row.token_secret
        )
        for row in rows
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
