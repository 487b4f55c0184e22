"""Changes with plans that can really start: steps, hash, decision and definitions fit together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from inference.accounts.models import User
from inference.changes import policies
from inference.changes.models import (
    ChangeRequest,
    Contributor,
    Decision,
    Edit,
    Plan,
    PlanStep,
    PlanTouch,
    Revision,
)
from inference.changes.planning import step_row
from inference.clusters.models import Cluster
from inference.manifests import Manifest, ObjectRef, canonical, digest_text
from inference.planning.plans import draft
from inference.planning.takes import Hold
from inference.planning.values import Draft, Leftover, Origin, Seen, Target

NAMESPACE = "llm-chat"

POOL = {
    "accelerator": {"vendor": "nvidia", "product": "H100 NVL", "memory_mib": 95830},
    "resource": "nvidia.com/gpu",
    "devices_per_node": 8,
}


@dataclass(frozen=True)
class Put:
    """An object that a plan creates, or updates where `uid` names the live one."""

    manifest: Manifest
    phase: int = 1
    uid: str = ""
    definition_id: UUID | None = None
    placement_id: UUID | None = None
    definition_kind: str = "served-model"
    taken: tuple[Hold, ...] = ()


@dataclass(frozen=True)
class Gone:
    """An object that a plan deletes."""

    manifest: Manifest
    uid: str
    phase: int = 1
    definition_id: UUID | None = None


def config_map(name: str, **data: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "data": data or {"answer": "42"},
    }


def config_maps(count: int, **data: str) -> list[Put]:
    """Objects of one definition and one phase."""
    definition = uuid4()
    return [Put(config_map(f"object-{n}", **data), definition_id=definition) for n in range(count)]


def approved(
    author: User,
    approver: User,
    objects: Sequence[Put | Gone] = (),
    *,
    cluster: Cluster | None = None,
    clusters: Sequence[Cluster] = (),
    at: datetime | None = None,
    definition: UUID | None = None,
) -> ChangeRequest:
    """A change that only waits to be started. Its edit makes a pool, so that it writes a row."""
    where = [cluster] if cluster else list(clusters)
    change = in_review(author, objects, where, at or timezone.now(), definition=definition)
    decide(change, approver)
    ChangeRequest.objects.filter(pk=change.pk).update(
        state=ChangeRequest.State.APPROVED, approved_at=change.planned_at
    )
    change.refresh_from_db()
    return change


def in_review(
    author: User,
    objects: Sequence[Put | Gone],
    clusters: Sequence[Cluster],
    at: datetime,
    *,
    quorum: int = policies.QUORUM,
    definition: UUID | None = None,
) -> ChangeRequest:
    change = _change(author, clusters[0], at, definition)
    found = _draft(change, objects, clusters)
    assert change.revision is not None
    plan = Plan.objects.create(
        change=change,
        revision=change.revision,
        number=1,
        hash=found.hash,
        contents=found.contents,
        author=author,
        policy_version=policies.VERSION,
        quorum=quorum,
        created_at=at,
    )
    for environment in {cluster.environment for cluster in clusters}:
        PlanTouch.objects.create(plan=plan, team=change.team, environment=environment)
    by_name = {cluster.name: cluster for cluster in clusters}
    PlanStep.objects.bulk_create(
        step_row(plan, place, step, by_name[step.origin.cluster], change.team)
        for place, step in enumerate(found.steps)
    )
    ChangeRequest.objects.filter(pk=change.pk).update(
        state=ChangeRequest.State.IN_REVIEW,
        plan=plan,
        planned_at=at,
        plan_valid_until=at + timedelta(days=7),
        expires_at=at + timedelta(days=7),
    )
    change.refresh_from_db()
    return change


def decide(change: ChangeRequest, actor: User) -> Decision:
    plan = change.plan
    assert plan is not None
    return Decision.objects.create(
        plan=plan,
        plan_hash=plan.hash,
        plan_author=plan.author,
        actor=actor,
        sequence=1,
        verdict=Decision.Verdict.APPROVE,
        at=timezone.now(),
    )


def _change(author: User, cluster: Cluster, at: datetime, definition: UUID | None) -> ChangeRequest:
    membership = author.memberships.first()
    assert membership is not None
    change = ChangeRequest.objects.create(
        title="Serve it",
        reason="asked for",
        team=membership.team,
        author=author,
        created_at=at,
    )
    revision = Revision.objects.create(
        change=change, number=1, author=author, hash="0" * 64, created_at=at
    )
    Edit.objects.create(
        revision=revision,
        ordinal=0,
        verb=Edit.Verb.CREATE,
        team=membership.team,
        definition_kind="hardware-pool",
        definition_id=definition or uuid4(),
        name=f"pool-{change.pk}",
        document={"title": "", "spec": {**POOL, "cluster": cluster.name}},
    )
    Contributor.objects.create(change=change, user=author)
    ChangeRequest.objects.filter(pk=change.pk).update(revision=revision)
    change.refresh_from_db()
    return change


def _held(cluster: Cluster) -> Counter[str]:
    return Counter(cluster.inventory.values_list("team__name", flat=True))


def _draft(
    change: ChangeRequest, objects: Sequence[Put | Gone], clusters: Sequence[Cluster]
) -> Draft:
    targets = [
        Target(one.name, one.identity, one.environment, inventory=_held(one)) for one in clusters
    ]
    puts = [one for one in objects if isinstance(one, Put)]
    gone = [one for one in objects if isinstance(one, Gone)]
    found = draft(
        targets=targets,
        seen=[_seen(change, one, cluster.name) for cluster in clusters for one in puts],
        leftovers=[_leftover(change, one, cluster.name) for cluster in clusters for one in gone],
        policy_version=policies.VERSION,
    )
    assert len(found.steps) == len(objects) * len(clusters)
    return found


def _seen(change: ChangeRequest, put: Put, cluster: str) -> Seen:
    origin = Origin(
        cluster,
        change.team.name,
        put.definition_kind,
        put.definition_id or uuid4(),
        put.placement_id,
    )
    body = canonical(put.manifest)
    seen = Seen(
        origin, ObjectRef.of(put.manifest), put.phase, body, digest_text(body), taken=put.taken
    )
    live: dict[str, Any] = {**put.manifest, "metadata": {**put.manifest["metadata"]}}
    live["metadata"] |= {"uid": put.uid, "labels": {"before": "yes"}}
    if put.uid:
        seen = replace(seen, live=live, known_uid=put.uid)
    return replace(seen, preview=put.manifest)


def _leftover(change: ChangeRequest, gone: Gone, cluster: str) -> Leftover:
    origin = Origin(cluster, change.team.name, "served-model", gone.definition_id or uuid4(), None)
    live = {**gone.manifest, "metadata": {**gone.manifest["metadata"], "uid": gone.uid}}
    return Leftover(origin, ObjectRef.of(gone.manifest), gone.phase, gone.uid, live)
