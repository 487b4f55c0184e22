"""Whether what a definition refers to is there and may be used. Pure: judges a proposed world."""

from collections.abc import Callable, Iterator
from uuid import UUID

from inference.definitions.specs import HardwarePoolSpec, RouteMember, RouteSpec, ServedModelSpec
from inference.definitions.world import Entry, World
from inference.errors import Refusal
from inference.messages import definitions as messages

Fault = tuple[str, Refusal]
"""A path in the document, and what is wrong there."""


def faults(world: World, entry: Entry) -> list[Fault]:
    """All that is wrong with the references of one definition of `world`."""
    return [*_name(world, entry), *_BY_SPEC[type(entry.spec)](world, entry)]


def users_of(world: World, entry: Entry) -> list[str]:
    """Names of the definitions that would lose something if `entry` went away."""
    if isinstance(entry.spec, HardwarePoolSpec):
        return sorted(
            model.name
            for model, _ in world.models()
            if any(pool.id == entry.id for _, pool, _ in world.placements(model))
        )
    if isinstance(entry.spec, ServedModelSpec):
        return sorted(
            route.name
            for route, spec in world.routes()
            if route.team == entry.team and any(one.model == entry.name for one in spec.members)
        )
    return []


def _name(world: World, entry: Entry) -> Iterator[Fault]:
    for other in world.entries.values():
        same = (other.kind, other.team, other.name) == (entry.kind, entry.team, entry.name)
        if same and other.id != entry.id:
            yield (
                "name",
                Refusal(messages.NAME_TAKEN, team=entry.team, kind=entry.kind, name=entry.name),
            )


def _pool(world: World, entry: Entry) -> Iterator[Fault]:
    spec = entry.spec
    if isinstance(spec, HardwarePoolSpec):
        if spec.cluster not in world.clusters:
            yield "cluster", Refusal(messages.CLUSTER_UNKNOWN, cluster=spec.cluster)
        else:
            yield from _movable(world, entry, spec)
        if spec.allocation == "dra":
            yield (
                "allocation",
                Refusal(messages.ALLOCATION_NOT_YET, allocation=spec.allocation),
            )


def _movable(world: World, entry: Entry, spec: HardwarePoolSpec) -> Iterator[Fault]:
    """Whoever stands on the pool needs a namespace in its cluster, or would be deleted."""
    standing = {
        model.team
        for model, _ in world.models()
        if any(pool.id == entry.id for _, pool, _ in world.placements(model))
    }
    for team in sorted(standing):
        if (spec.cluster, team) not in world.grants:
            yield "cluster", Refusal(messages.NO_GRANT, team=team, cluster=spec.cluster)


def _model(world: World, entry: Entry) -> Iterator[Fault]:
    spec = entry.spec
    if not isinstance(spec, ServedModelSpec):
        return
    if spec.topology != "aggregated":
        yield "topology", Refusal(messages.TOPOLOGY_NOT_YET, topology=spec.topology)
    if spec.engine != "vllm":
        yield "engine", Refusal(messages.ENGINE_NOT_YET, engine=spec.engine)
    yield from _ids(world, entry, spec)
    for index, placement in enumerate(spec.placements):
        path = f"placements.{index}"
        if placement.backend not in {"auto", "llm-d"}:
            yield f"{path}.backend", Refusal(messages.BACKEND_NOT_YET, backend=placement.backend)
        found = world.pool(placement.pool, entry.team)
        if found is None:
            yield (
                f"{path}.pool",
                Refusal(messages.POOL_UNKNOWN, pool=placement.pool, team=entry.team),
            )
            continue
        cluster = found[1].cluster
        if (cluster, entry.team) not in world.grants:
            yield f"{path}.pool", Refusal(messages.NO_GRANT, team=entry.team, cluster=cluster)


def _ids(world: World, entry: Entry, spec: ServedModelSpec) -> Iterator[Fault]:
    theirs = {
        placement.id: placement.pool
        for other, beside in world.models()
        if other.id != entry.id
        for placement in beside.placements
    }
    for index, placement in enumerate(spec.placements):
        if placement.id in theirs:
            yield f"placements.{index}.id", id_taken(placement.id, theirs[placement.id])


def id_taken(placement: UUID, pool: str) -> Refusal:
    """A placement is one model's alone: what is pushed, counted and deleted hangs on its id."""
    return Refusal(messages.PLACEMENT_ID_TAKEN, id=str(placement), pool=pool)


def _route(world: World, entry: Entry) -> Iterator[Fault]:
    spec = entry.spec
    if not isinstance(spec, RouteSpec):
        return
    cluster = spec.gateway.cluster
    gateway = f"{spec.gateway.namespace}/{spec.gateway.name}"
    if cluster not in world.clusters:
        yield "gateway.cluster", Refusal(messages.CLUSTER_UNKNOWN, cluster=cluster)
    elif world.gateway(spec.gateway) is None:
        yield (
            "gateway.name",
            Refusal(messages.GATEWAY_UNKNOWN, gateway=gateway, cluster=cluster),
        )
    elif (cluster, entry.team) not in world.grants:
        yield "gateway", Refusal(messages.NO_GRANT, team=entry.team, cluster=cluster)
    yield from _taken(world, entry, spec, gateway)
    yield from _members(world, entry, spec)


def _taken(world: World, entry: Entry, spec: RouteSpec, gateway: str) -> Iterator[Fault]:
    for other, theirs in world.routes():
        if other.id == entry.id or theirs.gateway != spec.gateway:
            continue
        if (theirs.hostname, theirs.path_prefix) == (spec.hostname, spec.path_prefix):
            yield (
                "hostname",
                Refusal(
                    messages.HOSTNAME_TAKEN,
                    hostname=spec.hostname,
                    path=spec.path_prefix,
                    gateway=gateway,
                ),
            )
        for name in sorted(set(spec.public_names) & set(theirs.public_names)):
            yield (
                "public_names",
                Refusal(messages.PUBLIC_NAME_TAKEN, name=name, gateway=gateway),
            )


def _members(world: World, entry: Entry, spec: RouteSpec) -> Iterator[Fault]:
    first = ""
    for index, member in enumerate(spec.members):
        path = f"members.{index}"
        found = world.model(member.model, entry.team)
        if found is None:
            yield (
                f"{path}.model",
                Refusal(messages.MODEL_UNKNOWN, team=entry.team, model=member.model),
            )
            continue
        model, served = found
        yield from _placed(world, model, member, spec, f"{path}.pool")
        name = served.served_names[0]
        first = first or name
        if name != first:
            yield (
                f"{path}.model",
                Refusal(messages.SERVED_NAMES_DIFFER, model=member.model, name=name, first=first),
            )


def _placed(
    world: World, model: Entry, member: RouteMember, spec: RouteSpec, path: str
) -> Iterator[Fault]:
    for placement, _, pool in world.placements(model):
        if placement.pool == member.pool and pool.cluster == spec.gateway.cluster:
            return
    yield (
        path,
        Refusal(
            messages.NO_PLACEMENT,
            model=member.model,
            pool=member.pool,
            cluster=spec.gateway.cluster,
        ),
    )


_BY_SPEC: dict[type, Callable[[World, Entry], Iterator[Fault]]] = {
    HardwarePoolSpec: _pool,
    ServedModelSpec: _model,
    RouteSpec: _route,
}
