"""From a world of definitions to the objects of those that a change affects. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from inference.definitions.specs import RouteSpec, ServedModelSpec
from inference.definitions.world import Entry, World
from inference.names import placement_name, route_name
from inference.rendering.llm_d import placement_objects
from inference.rendering.objects import (
    MemberContext,
    PlacementContext,
    RenderedObject,
    RouteContext,
)
from inference.rendering.routes import route_objects


@dataclass(frozen=True, slots=True)
class Part:
    """The objects that one definition, or one placement of it, becomes in one cluster."""

    cluster: str
    team: str
    definition_kind: str
    definition_id: UUID
    placement_id: UUID | None
    objects: tuple[RenderedObject, ...]


def render(world: World, edited: frozenset[UUID]) -> list[Part]:
    """Parts of every model and route that follows from the definitions in `edited`.

    References must have been judged before: what does not resolve is left out here. Raises
    Invalid for what cannot be compiled, with paths that begin at the model.
    """
    models, routes = world.affected(edited)
    return [
        *(part for model in models for part in _of_model(world, model)),
        *(part for route in routes for part in _of_route(world, route)),
    ]


def _of_model(world: World, model: Entry) -> Iterator[Part]:
    spec = model.spec
    if not isinstance(spec, ServedModelSpec):
        return
    for placement, pool_entry, pool in world.placements(model):
        cluster = world.clusters.get(pool.cluster)
        grant = world.grants.get((pool.cluster, model.team))
        if cluster is None or grant is None:
            continue
        context = PlacementContext(
            name=placement_name(model.name, placement.id),
            namespace=grant.namespace,
            model=spec,
            placement=placement,
            pool_name=pool_entry.name,
            pool=pool,
            served=cluster.served,
            pull_secret=grant.pull_secret,
            token_secret=grant.token_secret,
        )
        yield Part(
            cluster=cluster.name,
            team=model.team,
            definition_kind=model.kind,
            definition_id=model.id,
            placement_id=placement.id,
            objects=placement_objects(context),
        )


def _of_route(world: World, route: Entry) -> Iterator[Part]:
    spec = route.spec
    if not isinstance(spec, RouteSpec):
        return
    gateway = world.gateway(spec.gateway)
    grant = world.grants.get((spec.gateway.cluster, route.team))
    if gateway is None or grant is None:
        return
    context = RouteContext(
        name=route_name(route.name, route.id),
        namespace=grant.namespace,
        route=spec,
        listener=gateway.listener,
        members=tuple(_members(world, route, spec)),
    )
    yield Part(
        cluster=spec.gateway.cluster,
        team=route.team,
        definition_kind=route.kind,
        definition_id=route.id,
        placement_id=None,
        objects=route_objects(context),
    )


def _members(world: World, route: Entry, spec: RouteSpec) -> Iterator[MemberContext]:
    for member in spec.members:
        found = world.model(member.model, route.team)
        if found is None:
            continue
        for placement, _, pool in world.placements(found[0]):
            if placement.pool == member.pool and pool.cluster == spec.gateway.cluster:
                name = placement_name(member.model, placement.id)
                yield MemberContext(placement.id, name, member.weight)
