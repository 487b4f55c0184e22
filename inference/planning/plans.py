"""From what was seen to a plan: its steps and the hash that decisions are bound to. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from inference.field_sets import field_set_of, own_hash, values_hash
from inference.manifests import Manifest, canonical, digest, digest_text
from inference.planning.checks import lost, standing
from inference.planning.diffing import changes
from inference.planning.fits import NOTHING_COUNTED, Supplies
from inference.planning.values import (
    Check,
    Draft,
    Leftover,
    Seen,
    Step,
    Target,
    is_foreign,
)


def draft(
    *,
    targets: Sequence[Target],
    seen: Sequence[Seen],
    leftovers: Sequence[Leftover],
    policy_version: int,
    touches: Iterable[tuple[str, str]] = (),
    supplies: Supplies = NOTHING_COUNTED,
    other_checks: Iterable[Check] = (),
) -> Draft:
    """The plan of one world. The same world gives the same hash, whenever it is looked at.

    `touches`: teams and environments that it reaches, whose people decide on it.
    """
    steps = [step for one in seen if (step := _step(one))]
    deletions = [step for one in leftovers if (step := _deletion(one))]
    every = tuple(sorted([*steps, *deletions], key=_place))
    checks = (*standing(targets, seen, leftovers, every, supplies), *other_checks)
    contents = canonical(_hashed(every, targets, touches, checks, policy_version))
    return Draft(every, checks, contents, digest_text(contents))


def _step(seen: Seen) -> Step | None:
    if seen.preview is None or is_foreign(seen):
        return None
    found = tuple(changes(seen.live, seen.preview))
    if seen.live is not None and not found and not lost(seen):
        return None
    seen_hash = own_hash(seen.live, field_set_of(seen.live)) if seen.live else ""
    return Step(
        origin=seen.origin,
        verb="update" if seen.live is not None else "create",
        ref=seen.ref,
        phase=seen.phase,
        body=seen.body,
        body_hash=seen.hash,
        uid=seen.live["metadata"]["uid"] if seen.live is not None else "",
        base_hash=_base(seen.live, seen.preview, seen_hash) if seen.live else "",
        seen_hash=seen_hash,
        taken=seen.taken,
        diff=found,
    )


def _base(live: Manifest, preview: Manifest, seen_hash: str) -> str:
    """Of the fields that will be ours, and of those that are: one that is given up is in no
    preview, and stays where somebody has set it since."""
    return digest([values_hash(live, field_set_of(preview)), seen_hash])


def _deletion(left: Leftover) -> Step | None:
    if left.live is None or left.live["metadata"].get("uid") != left.uid:
        return None
    return Step(left.origin, "delete", left.ref, left.phase, uid=left.uid)


def _place(step: Step) -> tuple[Any, ...]:
    """Deletions last and from the route inwards: nothing is taken away from under a route."""
    deleted = step.verb == "delete"
    return (step.origin.cluster, deleted, -step.phase if deleted else step.phase, step.ref)


def _hashed(
    steps: Sequence[Step],
    targets: Sequence[Target],
    touches: Iterable[tuple[str, str]],
    checks: Sequence[Check],
    policy_version: int,
) -> dict[str, Any]:
    return {
        "policy": policy_version,
        # A plan with a red check is another one than the same steps without it.
        "red": sorted([one.cluster, one.message.code] for one in checks if one.state == "red"),
        "targets": sorted([target.cluster, target.identity] for target in targets),
        "clusters": sorted(target.id for target in targets),
        "touches": sorted(list(touch) for touch in touches),
        "steps": [
            {
                **({"takes": step.takes} if step.taken else {}),
                "cluster": step.origin.cluster,
                "object": [step.ref.api_version, step.ref.kind, step.ref.namespace, step.ref.name],
                "definition": str(step.origin.definition_id),
                "verb": step.verb,
                "phase": int(step.phase),
                "body": step.body_hash,
                "uid": step.uid,
                "base": step.base_hash,
                "force": step.force,
            }
            for step in steps
        ],
    }
