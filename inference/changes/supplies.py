"""What is counted of the pools that a plan places on, before and after it."""

from collections.abc import Iterable
from uuid import UUID

from inference.changes.edits import Proposed
from inference.changes.pools import Capacity, of_documents
from inference.definitions.specs import HardwarePoolSpec
from inference.definitions.world import Entry
from inference.planning.fits import Supply

Pool = tuple[Entry, HardwarePoolSpec]


def supplies_of(proposed: Proposed, placements: Iterable[UUID | None]) -> dict[UUID, Supply]:
    """By placement, of those that have a pool. Four queries, or none."""
    wanted, clusters = set(placements), proposed.after.clusters
    pools: dict[UUID, Pool] = {}
    for world in (proposed.before, proposed.after):
        for model, _ in world.models():
            pools |= {
                placement.id: (entry, spec)
                for placement, entry, spec in world.placements(model)
                if placement.id in wanted and spec.cluster in clusters
            }
    counted = of_documents(
        {
            entry.id: (entry.id, clusters[spec.cluster].id, spec.model_dump())
            for entry, spec in pools.values()
        }.values()
    )
    return {one: _supply(*pool, counted[pool[0].id]) for one, pool in pools.items()}


def _supply(entry: Entry, spec: HardwarePoolSpec, found: Capacity) -> Supply:
    return Supply(
        pool=entry.name,
        cluster=spec.cluster,
        resource=spec.resource,
        count=found.count,
        at=found.observed_at.isoformat(timespec="seconds") if found.observed_at else "",
        reason=found.blind.sentence if found.blind else "",
    )
