"""What edits would do by definitions alone, before any cluster is asked. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from inference.manifests import ObjectRef
from inference.rendering.objects import RenderedObject
from inference.rendering.worlds import Part

KEPT = "ConfigMap"
"""A picker's replaced configuration stays beside the new one until that has proved itself."""

Objects = dict[ObjectRef, RenderedObject]


@dataclass
class Foreseen:
    """In one cluster. `restarts`: the changed Deployments whose pods would be made anew."""

    cluster: str
    created: list[ObjectRef] = field(default_factory=list)
    changed: list[ObjectRef] = field(default_factory=list)
    deleted: list[ObjectRef] = field(default_factory=list)
    restarts: list[ObjectRef] = field(default_factory=list)
    same: int = 0

    @property
    def touched(self) -> int:
        return len(self.created) + len(self.changed) + len(self.deleted)


def foresee(before: Sequence[Part], after: Sequence[Part]) -> list[Foreseen]:
    """Clusters by name, each with what differs between two renderings of the same definitions.

    A plan may say otherwise: it compares with what is live, and a cluster may have been changed by
    other hands since.
    """
    standing = {part.placement_id for part in after}
    found = []
    for cluster in sorted({part.cluster for part in (*before, *after)}):
        was, now = (_objects(parts, cluster) for parts in (before, after))
        seen = Foreseen(cluster, created=sorted(now.keys() - was.keys(), key=str))
        for ref in sorted(now.keys() & was.keys(), key=str):
            _compare(seen, ref, was[ref], now[ref])
        kept = _configurations(before, cluster, standing)
        seen.deleted = sorted(was.keys() - now.keys() - kept, key=str)
        found.append(seen)
    return found


def _objects(parts: Sequence[Part], cluster: str) -> Objects:
    return {one.ref: one for part in parts if part.cluster == cluster for one in part.objects}


def _configurations(
    parts: Sequence[Part], cluster: str, standing: set[UUID | None]
) -> set[ObjectRef]:
    """Of placements that stay."""
    return {
        one.ref
        for part in parts
        if part.cluster == cluster and part.placement_id in standing
        for one in part.objects
        if one.ref.kind == KEPT
    }


def _compare(seen: Foreseen, ref: ObjectRef, was: RenderedObject, now: RenderedObject) -> None:
    if was.hash == now.hash:
        seen.same += 1
        return
    seen.changed.append(ref)
    if (
        ref.kind == "Deployment"
        and was.manifest["spec"]["template"] != now.manifest["spec"]["template"]
    ):
        seen.restarts.append(ref)
