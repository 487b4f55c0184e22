"""From rows to a world: what the definitions of some teams can refer to, in eight queries."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

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
        *(_entry(row, HARDWARE_POOL) for row in pools),
        *(_entry(row, SERVED_MODEL) for row in models),
        *(_entry(row, ROUTE) for row in routes),
    ]
    return World(
        clusters={fact.name: fact for fact in _clusters()},
        gateways=_gateways(),
        grants=_grants(),
        entries={entry.id: entry for entry in entries},
    )


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


def _clusters() -> Iterable[ClusterFact]:
    for row in Cluster.objects.present():
        yield ClusterFact(
            id=row.pk,
            name=row.name,
            environment=row.environment,
            state=row.state,
            identity=row.identity,
            served=served(row.capabilities),
            problem=row.problem_code,
        )


def _gateways() -> tuple[GatewayFact, ...]:
    """Of clusters that are there: the name of one that was removed may be another's now."""
    rows = Gateway.objects.filter(removed_at__isnull=True).exclude(
        cluster__state=Cluster.State.REMOVED
    )
    return tuple(
        GatewayFact(row.pk, row.cluster.name, row.namespace, row.name, row.listener)
        for row in rows.select_related("cluster")
    )


def _grants() -> dict[tuple[str, str], GrantFact]:
    """One per cluster and team: the first namespace by name, where several are granted."""
    present = Grant.objects.exclude(cluster__state=Cluster.State.REMOVED)
    rows = present.select_related("cluster", "team").order_by("-namespace")
    return {
        (row.cluster.name, row.team.name): GrantFact(
            row.namespace, row.pull_secret, row.token_secret
        )
        for row in rows
    }
