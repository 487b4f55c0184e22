"""What rendering hands on: manifests with their phase and canonical bytes, and what it is given."""

from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from inference.definitions.specs import (
    HardwarePoolSpec,
    Parallelism,
    PlacementSpec,
    RouteSpec,
    ServedModelSpec,
)
from inference.manifests import Manifest, ObjectRef, canonical, digest_text

MANAGED_BY = {"app.kubernetes.io/managed-by": "waybill"}
PLACEMENT = "waybill/placement"
ROUTE = "waybill/route"

Served = frozenset[tuple[str, str]]
"""Pairs of api version and kind that a cluster serves."""


class Phase(IntEnum):
    """In this order objects are pushed; each phase begins when the one before it is accepted.

    WAIT has no objects: the route comes when compute and picker are ready.
    """

    POOL = 0
    COMPUTE = 1
    PICKER = 2
    WAIT = 3
    ROUTE = 4


@dataclass(frozen=True, slots=True)
class RenderedObject:
    """One object to be. `body` is what is pushed, byte for byte; `hash` is of it."""

    ref: ObjectRef
    phase: Phase
    manifest: Manifest
    body: str
    hash: str


def rendered(phase: Phase, manifest: Manifest) -> RenderedObject:
    body = canonical(manifest)
    return RenderedObject(ObjectRef.of(manifest), phase, manifest, body, digest_text(body))


@dataclass(frozen=True, slots=True)
class PlacementContext:
    """All that the objects of one placement follow from."""

    name: str
    namespace: str
    model: ServedModelSpec
    placement: PlacementSpec
    pool_name: str
    pool: HardwarePoolSpec
    served: Served
    pull_secret: str = ""
    token_secret: str = ""

    @property
    def parallelism(self) -> Parallelism:
        return self.placement.overrides.parallelism or self.model.parallelism

    @property
    def served_name(self) -> str:
        return self.model.served_names[0]

    def serves(self, api_version: str, kind: str) -> bool:
        return (api_version, kind) in self.served


@dataclass(frozen=True, slots=True)
class MemberContext:
    """The pool of endpoints behind one member of a route, and its share."""

    placement_id: UUID
    pool: str
    weight: int


@dataclass(frozen=True, slots=True)
class RouteContext:
    """All that the objects of one route follow from. `listener` is empty for all of a gateway."""

    name: str
    namespace: str
    route: RouteSpec
    listener: str
    members: tuple[MemberContext, ...]


def labelled(**labels: str) -> dict[str, str]:
    """Labels of an object, under Waybill's own prefix for those that are ours."""
    return {**MANAGED_BY, **{f"waybill/{key}": value for key, value in labels.items()}}
