"""Whether the accelerators that a plan asks for may be had, by what was counted. Pure.

What is free is at most that, so enough of it is no proof: it is never green. Too little of it may
be otherwise when the push comes: it is never red, and so no part of the hash.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from inference.capacity.counting import PoolCount
from inference.manifests import Manifest
from inference.messages import planning as messages
from inference.planning.values import Check, Leftover, Seen, Step, Target
from inference.rendering.objects import PLACEMENT

WORKLOAD = "Deployment"


@dataclass(frozen=True, slots=True)
class Supply:
    """Accelerators of one pool as they were counted `at` a time.

    Without a `count` nothing is known, and `reason` says why; with one, why that is not of now.
    """

    pool: str
    cluster: str
    resource: str
    count: PoolCount | None = None
    at: str = ""
    reason: str = ""


Supplies = Mapping[UUID, Supply]
"""By placement."""
NOTHING_COUNTED: Supplies = {}


@dataclass(frozen=True, slots=True)
class Ask:
    """What one workload asks of a pool: `pods` of so many devices each, of which it `had` some."""

    supply: Supply
    each: int
    pods: int
    had: int

    @property
    def more(self) -> int:
        """Devices; negative where some are given back."""
        return self.each * self.pods - self.had

    @property
    def more_pods(self) -> int:
        return max(0, self.pods - self.had // self.each) if self.each else 0


def fits(
    supplies: Supplies,
    targets: Sequence[Target],
    seen: Sequence[Seen],
    leftovers: Sequence[Leftover],
    steps: Sequence[Step],
) -> list[Check]:
    """One check for each pool; and what is not checked of the memory of those that start anew.

    Of a cluster that could not be asked nothing is known: what would be there is not seen.
    """
    workloads = [one for one in seen if one.ref.kind == WORKLOAD and one.origin.placement_id]
    is_uncounted = any(one.origin.placement_id not in supplies for one in workloads)
    if is_uncounted or any(one.problem for one in targets):
        return [Check("fits", "grey", messages.FITS_NOT_CHECKED, {})]
    asked: dict[tuple[str, str], list[Ask]] = defaultdict(list)
    for ask in (*_asked(supplies, workloads), *_given_back(supplies, leftovers)):
        asked[ask.supply.cluster, ask.supply.pool].append(ask)
    found = [_judged(asks) for _, asks in sorted(asked.items())]
    if not found:
        return [Check("fits", "green", messages.FITS_ASKS_NOTHING, {})]
    if _starts_anew(steps):
        found.append(Check("fits", "grey", messages.FITS_MEMORY_NOT_CHECKED, {}))
    return found


def _asked(supplies: Supplies, workloads: Sequence[Seen]) -> Iterator[Ask]:
    for one in workloads:
        placement = one.origin.placement_id
        if placement is None:
            continue
        supply = supplies[placement]
        manifest = one.preview or json.loads(one.body)
        each = _devices(manifest, supply.resource)
        if each:
            pods = int(manifest["spec"].get("replicas", 1))
            yield Ask(supply, each, pods, _held(supply, manifest))


def _given_back(supplies: Supplies, leftovers: Sequence[Leftover]) -> Iterator[Ask]:
    for left in leftovers:
        placement = left.origin.placement_id
        if left.ref.kind == WORKLOAD and left.live and placement and placement in supplies:
            supply = supplies[placement]
            each = _devices(left.live, supply.resource)
            if each:
                yield Ask(supply, each, 0, _held(supply, left.live))


def _devices(manifest: Manifest, resource: str) -> int:
    """Of one pod."""
    containers = _template(manifest).get("spec", {}).get("containers", ())
    limits = (one.get("resources", {}).get("limits", {}) for one in containers)
    counts = (str(one.get(resource, "")) for one in limits)
    return sum(int(one) for one in counts if one.isdecimal())


def _held(supply: Supply, manifest: Manifest) -> int:
    labels = _template(manifest).get("metadata", {}).get("labels", {})
    held = supply.count.by_placement if supply.count else {}
    return held.get(labels.get(PLACEMENT, ""), 0)


def _template(manifest: Manifest) -> Manifest:
    found: Manifest = manifest.get("spec", {}).get("template", {})
    return found


def _judged(asks: Sequence[Ask]) -> Check:
    supply, need = asks[0].supply, sum(one.more for one in asks)
    known: dict[str, Any] = {"pool": supply.pool, "cluster": supply.cluster}
    if supply.count is None:
        known["reason"] = supply.reason
        return Check("fits", "grey", messages.FITS_NOT_COUNTED, known, supply.cluster)
    if need <= 0:
        return Check("fits", "green", messages.FITS_NO_MORE, known, supply.cluster)
    counted = known | {
        "need": need,
        "free": supply.count.free,
        "devices": supply.count.devices,
        "at": supply.at,
    }
    if supply.reason:
        counted["reason"] = supply.reason
        return Check("fits", "grey", messages.FITS_LAST_SEEN, counted, supply.cluster)
    if need > supply.count.free:
        return Check("fits", "amber", messages.FITS_TOO_FEW, counted, supply.cluster)
    tight = next((one for one in asks if one.more_pods > _room(supply.count, one.each)), None)
    if tight and all(one.more >= 0 for one in asks):  # what is given back makes room somewhere
        counted |= {"each": tight.each, "pods": tight.more_pods}
        counted["room"] = _room(supply.count, tight.each)
        return Check("fits", "amber", messages.FITS_NO_NODE, counted, supply.cluster)
    return Check("fits", "grey", messages.FITS_PERHAPS, counted, supply.cluster)


def _room(count: PoolCount, each: int) -> int:
    """Pods of so many devices that find a node, at most."""
    return sum(node.free // each for node in count.nodes)


def _starts_anew(steps: Sequence[Step]) -> bool:
    """Whether a workload is new, or its pods are not what they were."""
    return any(
        step.verb == "create"
        or (
            step.verb == "update"
            and any(str(one["path"]).startswith("spec.template") for one in step.diff)
        )
        for step in steps
        if step.ref.kind == WORKLOAD and step.origin.placement_id
    )
