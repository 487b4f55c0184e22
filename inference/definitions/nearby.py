"""From rows to the part of the world that some edits are about: to check and to write them.

Costs the same however many definitions there are. Rendering needs more: what stands on them.
"""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db.models import CharField, Q, UUIDField

from inference.accounts.models import Team
from inference.clusters.models import Cluster, Gateway, Grant
from inference.compiled import Select, Slot
from inference.definitions.documents import HARDWARE_POOL, ROUTE, SERVED_MODEL
from inference.definitions.loading import (
    clusters_of,
    entries_of,
    gateways_of,
    grants_of,
)
from inference.definitions.models import HardwarePool, Placement, PublicName, Route, ServedModel
from inference.definitions.specs import HardwarePoolSpec, RouteSpec, ServedModelSpec
from inference.definitions.world import Entry, GatewayFact, GrantFact, World

Gone = tuple[str, UUID]
"""Kind and id of a definition that is deleted."""


def load_nearby(teams: Iterable[Team], put: Sequence[Entry], gone: Collection[Gone]) -> World:
    """What edits by `teams` touch, refer to, take a name from, and what stands on it.

    Says of these edits what the world of `load` says.
    """
    ids = {entry.id for entry in put} | {identity for _, identity in gone}
    owners = {team.name: team.pk for team in teams}
    kinds = {entry.kind for entry in put} | {kind for kind, _ in gone}
    models = _models(put, gone, owners.values())
    pools = _pools([*put, *models], gone)
    losers = owners.values() if any(kind == SERVED_MODEL for kind, _ in gone) else ()
    routes = _routes(put, ids, losers) if losers or ROUTE in kinds else []
    found = [*pools, *models, *routes]
    where = _cluster_names([*put, *pools])
    users = {one.team for one in [*put, *models] if one.kind != HARDWARE_POOL}
    return World(
        clusters=clusters_of(row for name in where for row in _CLUSTERS.rows(name=name)),
        gateways=_gateways(where) if ROUTE in kinds else (),
        grants=_grants(where, users) if users else {},
        entries={entry.id: entry for entry in found},
        teams=owners,
    )


_POOL = Slot("pool", UUIDField())
_NAME = Slot("name", CharField())
_STANDING = Select(
    lambda: (
        Placement.objects.live()
        .filter(Q(pool=_POOL) | Q(pool__name=_NAME, served_model__team=Slot("team", UUIDField())))
        .values_list("served_model", flat=True)
    )
)
_POOLS = Select(
    lambda: HardwarePool.objects.live().filter(Q(pk=_POOL) | Q(name=_NAME)).select_related("team")
)
_CLUSTERS = Select(lambda: Cluster.objects.present().filter(name=_NAME))


def _models(put: Iterable[Entry], gone: Iterable[Gone], owners: Collection[UUID]) -> list[Entry]:
    """Those that are edited, that have an edited one's name or a placement of its, that stand on
    an edited pool or on one whose name a new one takes, and the members of routes."""
    pools = [(one.id, one.name) for one in put if one.kind == HARDWARE_POOL]
    pools += [(identity, "") for kind, identity in gone if kind == HARDWARE_POOL]
    asked = [{"pool": pool, "name": name, "team": team} for pool, name in pools for team in owners]
    standing = {model for one in asked for model in _STANDING.rows(**one)}
    standing.update(identity for kind, identity in gone if kind == SERVED_MODEL)
    named = Q(pk__in=standing)
    for entry in put:
        if isinstance(entry.spec, ServedModelSpec):
            ids = [placement.id for placement in entry.spec.placements]
            placed = Placement.objects.live().filter(pk__in=ids, served_model__team__in=owners)
            named |= Q(pk=entry.id) | Q(pk__in=placed.values("served_model"))
            named |= Q(team__name=entry.team, name=entry.name)
        elif isinstance(entry.spec, RouteSpec):
            members = {member.model for member in entry.spec.members}
            named |= Q(team__name=entry.team, name__in=members)
    if not standing and all(entry.kind == HARDWARE_POOL for entry in put):
        return []
    rows = ServedModel.objects.live().filter(named)
    return entries_of(SERVED_MODEL, rows.select_related("team"))


def _pools(about: Iterable[Entry], gone: Iterable[Gone]) -> list[Entry]:
    """Those that are edited, and all that bear a name which is taken or placed on: a team's own
    pool comes before one of the same name that was granted to it."""
    asked: set[tuple[str | None, UUID | None]] = {
        (None, identity) for kind, identity in gone if kind == HARDWARE_POOL
    }
    for entry in about:
        if isinstance(entry.spec, HardwarePoolSpec):
            asked.add((entry.name, entry.id))
        elif isinstance(entry.spec, ServedModelSpec):
            asked.update((placement.pool, None) for placement in entry.spec.placements)
    found = [row for name, pool in asked for row in _POOLS.rows(name=name, pool=pool)]
    return entries_of(HARDWARE_POOL, found)


def _routes(put: Iterable[Entry], ids: set[UUID], losers: Collection[UUID]) -> list[Entry]:
    """Those that are edited, that have something which an edited one takes, or that may lose a
    member: all of the teams `losers`."""
    named = Q(pk__in=ids) | Q(team__in=list(losers))
    for entry in put:
        if isinstance(entry.spec, RouteSpec):
            named |= Q(team__name=entry.team, name=entry.name) | _takes(entry.spec)
    return entries_of(ROUTE, Route.objects.live().filter(named).select_related("team"))


def _takes(spec: RouteSpec) -> Q:
    """Routes at the same gateway with the same hostname, or with one of its public names."""
    gateway = Q(
        gateway__cluster__name=spec.gateway.cluster,
        gateway__namespace=spec.gateway.namespace,
        gateway__name=spec.gateway.name,
    )
    named = PublicName.objects.filter(name__in=spec.public_names).values("route")
    return gateway & (Q(hostname=spec.hostname) | Q(pk__in=named))


def _cluster_names(about: Iterable[Entry]) -> set[str]:
    return {
        entry.spec.cluster
        if isinstance(entry.spec, HardwarePoolSpec)
        else entry.spec.gateway.cluster
        for entry in about
        if not isinstance(entry.spec, ServedModelSpec)
    }


def _gateways(where: Collection[str]) -> tuple[GatewayFact, ...]:
    return gateways_of(Gateway.objects.filter(cluster__name__in=where))


def _grants(where: Collection[str], teams: Collection[str]) -> dict[tuple[str, str], GrantFact]:
    return grants_of(Grant.objects.filter(cluster__name__in=where, team__name__in=teams))
