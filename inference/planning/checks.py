"""The seven verdicts of a plan, from what was seen; grey says why nothing was checked. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from inference.field_sets import field_set_of, paths_of, values_of
from inference.manifests import Manifest
from inference.messages import planning as messages
from inference.planning.fits import Supplies, fits
from inference.planning.takes import Hold
from inference.planning.values import Check, Leftover, Seen, Step, Target, is_foreign

LEAST_PRUNE_CAP = 20
PRUNE_SHARE = 5
"""At most 20 objects or a fifth of the team's inventory there, whichever is more."""
MOST_NAMED = 5


def standing(
    targets: Sequence[Target],
    seen: Sequence[Seen],
    leftovers: Sequence[Leftover],
    steps: Sequence[Step],
    supplies: Supplies,
) -> list[Check]:
    """At least one check under each verdict, in the order in which people read them."""
    return [
        *_diff_checks(steps),
        *_accepted_checks(targets, seen),
        *fits(supplies, targets, seen, leftovers, steps),
        *_update_path_checks(steps),
        *_ownership_checks(seen, leftovers),
        *_blast_checks(targets, steps),
        Check("cost", "grey", messages.COST_NOT_CHECKED, {}),
        *_freshness_checks(targets),
    ]


def _diff_checks(steps: Sequence[Step]) -> list[Check]:
    if not steps:
        return [Check("diff", "green", messages.CHANGES_NOTHING, {})]
    counts = Counter(step.verb for step in steps)
    params = {verb: counts[verb] for verb in ("create", "update", "delete")}
    return [Check("diff", "green", messages.CHANGES_OBJECTS, params)]


def _accepted_checks(targets: Sequence[Target], seen: Sequence[Seen]) -> list[Check]:
    found = []
    for target in targets:
        here = [one for one in seen if one.origin.cluster == target.cluster]
        refused = [one for one in here if one.refusal]
        if target.problem:
            params = {"cluster": target.cluster, "reason": str(target.problem)}
            found.append(Check("accepted", "red", messages.NOT_ASKED, params, target.cluster))
        elif refused:
            found += [check for one in refused for check in _refused(one)]
        else:
            counted: dict[str, Any] = {"cluster": target.cluster, "count": len(here)}
            found.append(Check("accepted", "green", messages.ACCEPTED, counted, target.cluster))
        found += [_waiting(one) for one in here if one.waits_for]
    return found or [Check("accepted", "green", messages.CHANGES_NOTHING, {})]


def _refused(seen: Seen) -> list[Check]:
    """One for each field that others hold, where that is the reason."""
    refusal, cluster, team = seen.refusal, seen.origin.cluster, seen.origin.team
    if seen.contested:
        return [
            Check("accepted", "red", messages.FIELD_CONTESTED, _held(seen, one), cluster, team)
            for one in seen.contested
        ]
    params = {"cluster": cluster, "object": str(seen.ref), "reason": str(refusal)}
    message = messages.REJECTED
    if refusal and refusal.code == "manifest-namespace-missing":
        message, params = (
            messages.NAMESPACE_MISSING,
            {"cluster": cluster, "namespace": seen.ref.namespace},
        )
    return [Check("accepted", "red", message, params, cluster, team)]


def _held(seen: Seen, hold: Hold) -> dict[str, Any]:
    return {
        "object": str(seen.ref),
        "cluster": seen.origin.cluster,
        "field": hold.path,
        "manager": hold.manager,
        "live": hold.live or "another value",
        "ours": hold.ours or "another value",
        # For the door that takes it back in this change.
        "definition": str(seen.origin.definition_id),
        "place": [seen.ref.kind, seen.ref.namespace, seen.ref.name],
    }


def _waiting(seen: Seen) -> Check:
    cluster = seen.origin.cluster
    params = {"object": str(seen.ref), "cluster": cluster, "first": seen.waits_for}
    return Check("accepted", "grey", messages.TRIED_LATER, params, cluster, seen.origin.team)


def _ownership_checks(seen: Sequence[Seen], leftovers: Sequence[Leftover]) -> list[Check]:
    found = []
    for one in seen:
        whose = (one.origin.cluster, one.origin.team)
        if is_foreign(one) and one.live is not None:
            params = {"object": str(one.ref), "cluster": whose[0], "managers": _managers(one.live)}
            found.append(Check("blast-radius", "red", messages.OWNED_BY_OTHERS, params, *whose))
        found += _taking_checks(one)
    for left in leftovers:
        whose = (left.origin.cluster, left.origin.team)
        params = {"object": str(left.ref), "cluster": left.origin.cluster}
        if left.live is None:
            message = messages.GONE_ALREADY
        elif left.live["metadata"].get("uid") != left.uid:
            message = messages.NOT_OURS_ANY_MORE
        else:
            continue
        found.append(Check("blast-radius", "amber", message, params, *whose))
    return found


def _taking_checks(seen: Seen) -> list[Check]:
    """What is taken by force, what needs none any more, and what is ours again without."""
    cluster, ref = seen.origin.cluster, str(seen.ref)
    whose = (cluster, seen.origin.team)
    found = [
        Check("blast-radius", "amber", messages.TAKES_BACK, _held(seen, one), *whose)
        for one in seen.taken
    ]
    if seen.preview is None or is_foreign(seen):
        return found
    forced = {(one.path, one.manager) for one in seen.taken}
    for take in seen.takes:
        if take.field not in forced:
            params = {"object": ref, "cluster": cluster, "field": take.path}
            found.append(Check("blast-radius", "green", messages.NO_FORCE, params, *whose))
    again = lost(seen)
    if again:
        params = {"object": ref, "cluster": cluster, "fields": ", ".join(again[:MOST_NAMED])}
        found.append(Check("blast-radius", "green", messages.OWNED_AGAIN, params, *whose))
    return found


def lost(seen: Seen) -> list[str]:
    """Paths that are not ours now and have the value that we would set: applying makes them ours.

    Somebody has taken them, or the server has let them go: an API server forgets who owns the
    replicas of what was scaled to none.
    """
    if seen.live is None or seen.preview is None:
        return []
    ours = field_set_of(seen.preview)
    live, wanted = values_of(seen.live, ours), values_of(seen.preview, ours)
    mine = set(paths_of(field_set_of(seen.live)))
    return sorted(
        path.removeprefix(".")
        for path, value in wanted.items()
        if path not in mine and path in live and live[path] == value
    )


def _managers(live: Manifest) -> str:
    entries = live["metadata"].get("managedFields") or []
    names = {str(entry.get("manager")) for entry in entries if not entry.get("subresource")}
    return ", ".join(sorted(names - {"waybill"})) or "nobody that the cluster names"


def _update_path_checks(steps: Sequence[Step]) -> list[Check]:
    """One for each team whose pods are restarted."""
    restarted: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        changed = (str(one["path"]) for one in step.diff)
        if (
            step.ref.kind == "Deployment"
            and step.verb == "update"
            and any(path.startswith("spec.template") for path in changed)
        ):
            restarted[step.origin.team].append(f"{step.ref.namespace}/{step.ref.name}")
    return [
        Check(
            "update-path",
            "amber",
            messages.RESTARTS,
            {"workloads": ", ".join(sorted(workloads))},
            team=team,
        )
        for team, workloads in sorted(restarted.items())
    ] or [Check("update-path", "green", messages.RESTARTS_NOTHING, {})]


def _blast_checks(targets: Sequence[Target], steps: Sequence[Step]) -> list[Check]:
    deleted = [step.origin for step in steps if step.verb == "delete"]
    if not deleted:
        return [Check("blast-radius", "green", messages.DELETES_NOTHING, {})]
    counts = Counter((one.cluster, one.team) for one in deleted)
    held = {(one.cluster, team): count for one in targets for team, count in one.inventory.items()}
    found = [Check("blast-radius", "amber", messages.DELETES, {"count": counts.total()})]
    for (cluster, team), count in sorted(counts.items()):
        cap = prune_cap(held.get((cluster, team), 0))
        if count > cap:
            params = {"count": count, "cap": cap, "cluster": cluster}
            found.append(
                Check("blast-radius", "red", messages.BEYOND_PRUNE_CAP, params, cluster, team)
            )
    return found


def prune_cap(inventory: int) -> int:
    """How many objects one change may delete of a team that has `inventory` objects there."""
    return max(LEAST_PRUNE_CAP, inventory // PRUNE_SHARE)


def _freshness_checks(targets: Sequence[Target]) -> list[Check]:
    held = [
        Check(
            "freshness",
            "red",
            messages.CLUSTER_HELD,
            {"cluster": target.cluster},
            target.cluster,
        )
        for target in targets
        if target.held
    ]
    return held or [Check("freshness", "green", messages.FRESH, {})]
