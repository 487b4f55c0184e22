"""All that definitions refer to, as plain values: for checking references and for rendering. Pure.

A world is loaded once, and a proposed one is made of it by laying edits over it: nothing that is
drafted is ever in a table.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from inference.definitions.specs import (
    GatewayReference,
    HardwarePoolSpec,
    PlacementSpec,
    RouteSpec,
    ServedModelSpec,
    Spec,
)


@dataclass(frozen=True, slots=True)
class ClusterFact:
    """What planning knows of a cluster. `served` holds pairs of api version and kind."""

    id: UUID
    name: str
    environment: str
    state: str
    identity: str
    served: frozenset[tuple[str, str]]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class GatewayFact:
    id: UUID
    cluster: str
    namespace: str
    name: str
    listener: str


@dataclass(frozen=True, slots=True)
class GrantFact:
    namespace: str
    pull_secret: str
    token_secret: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One definition. A proposed one that is not in a table yet has generation 0."""

    id: UUID
    kind: str
    team: str
    name: str
    title: str
    generation: int
    spec: Spec


@dataclass(frozen=True, slots=True)
class World:
    """Definitions by id; clusters by name; grants by (cluster, team); ids of teams that edit."""

    clusters: Mapping[str, ClusterFact] = field(default_factory=dict)
    gateways: tuple[GatewayFact, ...] = ()
    grants: Mapping[tuple[str, str], GrantFact] = field(default_factory=dict)
    entries: Mapping[UUID, Entry] = field(default_factory=dict)
    teams: Mapping[str, UUID] = field(default_factory=dict)

    def with_edits(self, put: Iterable[Entry], delete: Iterable[UUID]) -> "World":
        """The world as it would be."""
        entries = {**self.entries, **{one.id: one for one in put}}
        for identity in delete:
            entries.pop(identity, None)
        return replace(self, entries=entries)

    def pools(self) -> Iterator[tuple[Entry, HardwarePoolSpec]]:
        for one in self.entries.values():
            if isinstance(one.spec, HardwarePoolSpec):
                yield one, one.spec

    def models(self) -> Iterator[tuple[Entry, ServedModelSpec]]:
        for one in self.entries.values():
            if isinstance(one.spec, ServedModelSpec):
                yield one, one.spec

    def routes(self) -> Iterator[tuple[Entry, RouteSpec]]:
        for one in self.entries.values():
            if isinstance(one.spec, RouteSpec):
                yield one, one.spec

    def pool(self, name: str, team: str) -> tuple[Entry, HardwarePoolSpec] | None:
        """The pool of this name that `team` may use: its own before one that is granted."""
        usable = [
            (entry, spec)
            for entry, spec in self.pools()
            if entry.name == name and (entry.team == team or team in spec.teams)
        ]
        return min(usable, key=lambda one: (one[0].team != team, one[0].team), default=None)

    def model(self, name: str, team: str) -> tuple[Entry, ServedModelSpec] | None:
        for entry, spec in self.models():
            if (entry.name, entry.team) == (name, team):
                return entry, spec
        return None

    def gateway(self, reference: GatewayReference) -> GatewayFact | None:
        wanted = (reference.cluster, reference.namespace, reference.name)
        for one in self.gateways:
            if (one.cluster, one.namespace, one.name) == wanted:
                return one
        return None

    def placements(self, model: Entry) -> Iterator[tuple[PlacementSpec, Entry, HardwarePoolSpec]]:
        """Each placement of a model whose pool is there, with that pool."""
        if isinstance(model.spec, ServedModelSpec):
            for placement in model.spec.placements:
                found = self.pool(placement.pool, model.team)
                if found:
                    yield placement, *found

    def affected(self, edited: frozenset[UUID]) -> tuple[list[Entry], list[Entry]]:
        """Models and routes whose objects follow from the definitions in `edited`, by name."""
        models = [
            entry
            for entry, _ in self.models()
            if entry.id in edited or any(pool.id in edited for _, pool, _ in self.placements(entry))
        ]
        touched = {(entry.team, entry.name) for entry in models}
        routes = [
            entry
            for entry, spec in self.routes()
            if entry.id in edited
            or any((entry.team, member.model) in touched for member in spec.members)
        ]
        key = lambda entry: (entry.team, entry.name)  # noqa: E731  (used twice, here only)
        return sorted(models, key=key), sorted(routes, key=key)
