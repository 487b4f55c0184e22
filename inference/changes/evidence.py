"""Asking clusters what a plan would do: live objects and dry runs. Two requests for an object."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from uuid import UUID

from inference.clusters.client.door import ClusterClient
from inference.clusters.client.errors import ManifestRejected
from inference.clusters.models import Cluster, Inventory
from inference.definitions.world import ClusterFact
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.field_sets import field_set_of, shown, values_of
from inference.manifests import ObjectRef
from inference.messages import planning as messages
from inference.planning.takes import Take, covers, holds
from inference.planning.values import Leftover, Origin, Seen, Target, is_foreign
from inference.rendering.objects import Phase, RenderedObject
from inference.rendering.worlds import Part

declare("plan.after_dry_run")

THREADS = 8
Connect = Callable[[Cluster], ClusterClient]


@dataclass
class Evidence:
    """What was seen in each cluster."""

    targets: list[Target] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """One object that should be, and where it comes from."""

    origin: Origin
    rendered: RenderedObject
    known_uid: str
    waits_for: str
    takes: tuple[Take, ...]


def gather(
    *,
    facts: Iterable[ClusterFact],
    parts: Sequence[Part],
    gone: Sequence[Inventory],
    inventory: Sequence[Inventory],
    counts: Mapping[UUID, Mapping[str, int]],
    takes: Sequence[Take],
    connect: Connect,
) -> Evidence:
    """Ask every cluster about its part. One that cannot be asked is a target with a problem."""
    evidence = Evidence()
    for fact in facts:
        cluster = Cluster.objects.get(pk=fact.id)
        here = [part for part in parts if part.cluster == fact.name]
        ours = {
            ObjectRef(row.api_version, row.kind, row.namespace, row.name): row.uid
            for row in inventory
            if row.cluster_id == fact.id
        }
        rows = [row for row in gone if row.cluster_id == fact.id]
        problem = _ask(evidence, fact, cluster, _wanted(here, ours, takes), rows, connect)
        evidence.targets.append(
            Target(
                cluster=fact.name,
                identity=fact.identity,
                environment=fact.environment,
                id=str(fact.id),
                problem=problem,
                held=fact.state == Cluster.State.HELD,
                inventory=counts.get(fact.id, {}),
            )
        )
    return evidence


def _ask(
    evidence: Evidence,
    fact: ClusterFact,
    cluster: Cluster,
    wanted: Sequence[Wanted],
    rows: Sequence[Inventory],
    connect: Connect,
) -> Refusal | None:
    if not fact.identity:
        return Refusal(messages.CLUSTER_NEVER_SEEN, cluster=fact.name)
    try:
        client = connect(cluster)
        client.check_identity(fact.identity)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="evidence") as pool:
            seen = list(pool.map(lambda one: _look(client, one), wanted))
            left = list(pool.map(lambda row: _leftover(client, fact.name, row), rows))
    except Refusal as refusal:
        return refusal
    evidence.seen += seen
    evidence.leftovers += left
    return None


def _wanted(
    parts: Iterable[Part], ours: dict[ObjectRef, str], takes: Sequence[Take]
) -> list[Wanted]:
    asked: dict[tuple[str, str, str, str], list[Take]] = defaultdict(list)
    for take in takes:
        asked[take.cluster, take.kind, take.namespace, take.name].append(take)
    found = []
    for part in parts:
        origin = Origin(
            part.cluster, part.team, part.definition_kind, part.definition_id, part.placement_id
        )
        for one in part.objects:
            first = _role_of(one)
            waits = str(first) if first and first not in ours else ""
            mine = asked[part.cluster, one.ref.kind, one.ref.namespace, one.ref.name]
            found.append(Wanted(origin, one, ours.get(one.ref, ""), waits, tuple(sorted(mine))))
    return found


def _role_of(one: RenderedObject) -> ObjectRef | None:
    """The Role that a binding names: without it, no dry run of the binding can succeed."""
    if one.ref.kind != "RoleBinding":
        return None
    name = one.manifest["roleRef"]["name"]
    return ObjectRef(one.ref.api_version, "Role", one.ref.namespace, name)


def _look(client: ClusterClient, wanted: Wanted) -> Seen:
    one = wanted.rendered
    seen = Seen(
        origin=wanted.origin,
        ref=one.ref,
        phase=int(one.phase),
        body=one.body,
        hash=one.hash,
        known_uid=wanted.known_uid,
        waits_for=wanted.waits_for,
        takes=wanted.takes,
    )
    try:
        live = client.get(one.ref)
        if wanted.waits_for and live is None:
            return replace(seen, preview=one.manifest)
        seen = _preview(client, replace(seen, live=live, waits_for=""))
        failpoint("plan.after_dry_run")
    except ManifestRejected as refusal:
        return replace(seen, refusal=refusal)
    return seen


def _preview(client: ClusterClient, seen: Seen) -> Seen:
    """With force only where each field that others hold is one that the change takes back."""
    body = seen.body.encode()
    try:
        return replace(seen, preview=client.apply(seen.ref, body, dry_run=True).object)
    except ManifestRejected as refusal:
        conflicts = [(one.manager, one.field) for one in refusal.conflicts]
        held = holds(seen.live, conflicts)
        if is_foreign(seen):
            raise
        if not covers([take.field for take in seen.takes], conflicts):
            return replace(seen, live=None, refusal=refusal, contested=held)
    preview = client.apply(seen.ref, body, dry_run=True, force=True).object
    ours = values_of(preview, field_set_of(preview))
    taken = tuple(replace(one, ours=shown(one.path, ours.get(f".{one.path}", ""))) for one in held)
    return replace(seen, preview=preview, taken=taken)


def _leftover(client: ClusterClient, cluster: str, row: Inventory) -> Leftover:
    ref = ObjectRef(row.api_version, row.kind, row.namespace, row.name)
    kind = "route" if row.kind == "HTTPRoute" else "served-model"
    origin = Origin(cluster, row.team.name, kind, row.definition_id, row.placement_id)
    phase = Phase.ROUTE if row.kind == "HTTPRoute" else Phase.COMPUTE
    return Leftover(origin, ref, int(phase), row.uid, client.get(ref))
