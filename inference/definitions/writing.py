"""Writing what was approved into the tables of definitions: when a push starts, and only then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from inference import events
from inference.accounts.models import Team
from inference.compiled import add
from inference.definitions.documents import document_of
from inference.definitions.models import (
    HardwarePool,
    Placement,
    PublicName,
    Route,
    RouteMember,
    ServedModel,
)
from inference.definitions.references import id_taken
from inference.definitions.specs import HardwarePoolSpec, RouteSpec, ServedModelSpec
from inference.definitions.world import Entry, World
from inference.errors import Conflict
from inference.messages import definitions as messages
from inference.names import placement_name, route_name

_TABLES: dict[str, type[HardwarePool] | type[ServedModel] | type[Route]] = {
    "hardware-pool": HardwarePool,
    "served-model": ServedModel,
    "route": Route,
}


@dataclass(frozen=True)
class Tombstone:
    """A definition that goes away, at the generation that was looked at."""

    kind: str
    id: UUID
    name: str
    generation: int


def write(world: World, put: Iterable[Entry], delete: Iterable[Tombstone], at: datetime) -> None:
    """Make the tables say what `world` says of these definitions. Must run in a transaction.

    Names, hostnames and places are given up before any is taken, so that one change may hand them
    from one definition to another. Then pools come before models, models before routes. Raises
    Conflict when a definition is no longer at the generation that its edit is about, or a
    placement is another model's.
    """
    order = list(_TABLES)
    there = sorted(put, key=lambda one: order.index(one.kind))
    gone = list(delete)
    known = [
        Tombstone(one.kind, one.id, one.name, one.generation) for one in there if one.generation
    ]
    for tombstone in sorted([*gone, *known], key=lambda one: one.id):
        _give_up(tombstone, at)
    for entry in there:
        _put(world, entry, at)
    events.announce(
        *(f"{entry.kind}:{entry.id}" for entry in there),
        *(f"{tombstone.kind}:{tombstone.id}" for tombstone in gone),
    )


def _put(world: World, entry: Entry, at: datetime) -> None:
    fields = {
        "title": entry.title,
        "document": document_of(entry.spec),
        "updated_at": at,
        **_columns(world, entry),
    }
    table = _TABLES[entry.kind]
    if entry.generation == 0:
        team = world.teams[entry.team]
        add(table(id=entry.id, team_id=team, name=entry.name, created_at=at, **fields))
    else:
        table.objects.filter(pk=entry.id).update(deleted_at=None, **fields)
    _write_parts(world, entry)


def _columns(world: World, entry: Entry) -> dict[str, Any]:
    spec = entry.spec
    if isinstance(spec, HardwarePoolSpec):
        return {"cluster_id": world.clusters[spec.cluster].id}
    if isinstance(spec, ServedModelSpec):
        return {"served_name": spec.served_names[0]}
    gateway = world.gateway(spec.gateway)
    if gateway is None:
        raise Conflict(
            messages.GATEWAY_UNKNOWN, gateway=spec.gateway.name, cluster=spec.gateway.cluster
        )
    return {
        "gateway_id": gateway.id,
        "namespace": world.grants[spec.gateway.cluster, entry.team].namespace,
        "hostname": spec.hostname,
        "path_prefix": spec.path_prefix,
        "object_name": route_name(entry.name, entry.id),
    }


def _write_parts(world: World, entry: Entry) -> None:
    spec = entry.spec
    if isinstance(spec, HardwarePoolSpec):
        _write_granted(entry, spec)
        if entry.generation:
            _move_placements(world, entry, spec)
    elif isinstance(spec, ServedModelSpec):
        _write_placements(world, entry)
    else:
        _write_members(world, entry, spec)


def _write_granted(entry: Entry, spec: HardwarePoolSpec) -> None:
    if entry.generation or spec.teams:
        teams = Team.objects.filter(name__in=spec.teams)
        HardwarePool(pk=entry.id).granted_teams.set(teams)


def _move_placements(world: World, pool: Entry, spec: HardwarePoolSpec) -> None:
    """A pool that is in another cluster now takes along what stands on it."""
    cluster = world.clusters[spec.cluster].id
    elsewhere = Placement.objects.live().filter(pool=pool.id).exclude(cluster=cluster)
    for row in elsewhere.select_related("served_model__team"):
        grant = world.grants.get((spec.cluster, row.served_model.team.name))
        if grant:
            Placement.objects.filter(pk=row.pk).update(cluster=cluster, namespace=grant.namespace)


def _write_placements(world: World, entry: Entry) -> None:
    for placement, pool, spec in world.placements(entry):
        fields = {
            "served_model_id": entry.id,
            "pool_id": pool.id,
            "cluster_id": world.clusters[spec.cluster].id,
            "namespace": world.grants[spec.cluster, entry.team].namespace,
            "object_name": placement_name(entry.name, placement.id),
            "replicas": placement.replicas,
            "ready_within": timedelta(minutes=placement.ready_within_minutes),
            "deleted_at": None,
        }
        found, is_new = Placement.objects.get_or_create(id=placement.id, defaults=fields)
        if found.served_model_id != entry.id:
            taken = id_taken(placement.id, pool.name)
            raise Conflict(taken.message, **taken.params)
        if not is_new:
            Placement.objects.filter(pk=placement.id).update(**fields)


def _write_members(world: World, entry: Entry, spec: RouteSpec) -> None:
    gateway = world.gateway(spec.gateway)
    placements = {
        (model.name, placement.pool): placement.id
        for model, _ in world.models()
        if model.team == entry.team
        for placement, _, _ in world.placements(model)
    }
    RouteMember.objects.bulk_create(
        RouteMember(
            route_id=entry.id,
            placement_id=placements[member.model, member.pool],
            weight=member.weight,
        )
        for member in spec.members
    )
    if gateway:
        PublicName.objects.bulk_create(
            PublicName(route_id=entry.id, gateway_id=gateway.id, name=name)
            for name in spec.public_names
        )


def _give_up(tombstone: Tombstone, at: datetime) -> None:
    """Delete a definition; one that is put again afterwards is merely out of the way."""
    table = _TABLES[tombstone.kind]
    gone = table.objects.filter(
        pk=tombstone.id, generation=tombstone.generation, deleted_at__isnull=True
    ).update(deleted_at=at, updated_at=at, generation=F("generation") + 1)
    if not gone:
        raise _moved_on(tombstone.kind, tombstone.id, tombstone.name, tombstone.generation)
    if tombstone.kind == "served-model":
        Placement.objects.live().filter(served_model=tombstone.id).update(deleted_at=at)
    elif tombstone.kind == "route":
        RouteMember.objects.filter(route=tombstone.id).delete()
        PublicName.objects.filter(route=tombstone.id).delete()


def _moved_on(kind: str, identity: UUID, name: str, was: int) -> Conflict:
    now = _TABLES[kind].objects.filter(pk=identity, deleted_at__isnull=True).first()
    if now is None:
        return Conflict(messages.DEFINITION_GONE, name=name)
    return Conflict(messages.GENERATION_MOVED_ON, name=name, was=was, now=now.generation)
