"""What observers write: live objects in batches, and how fresh they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from inference import events
from inference.clusters.client.events import Event
from inference.clusters.client.kinds import NODE, Resource
from inference.clusters.models import LiveObject, WatchState
from inference.field_sets import FieldSet, field_set_of, foreign_fields, own_hash
from inference.manifests import Manifest
from inference.messages import observation as messages
from inference.observation.following import Heard
from inference.observation.freshness import NAMESPACE
from inference.observation.models import ObserverLease
from inference.observation.summaries import mapping, mappings, number, summary_of, text
from inference.outbox.running import WORKER

LABELS = 30
LABELS_OF_NODE = 300
"""Pools select nodes by labels of any name, and those who discover features write very many."""
PLACEMENT, ROUTE = "waybill/placement", "waybill/route"
"""Labels of our own objects and of what controllers make of them."""
NOWHERE = "-"
"""Stands for the namespace of what lives in none."""


class ObserverLost(Exception):
    """Another observer has the cluster now: what this one saw is not written."""


@dataclass(frozen=True, slots=True)
class Gone:
    """An object that was deleted, or is missing from a complete list."""

    group: str
    kind: str
    namespace: str
    name: str
    uid: str


def live_object(cluster_id: UUID, manifest: Manifest, at: datetime) -> LiveObject:
    """The unsaved row of a raw object. Raises KeyError or TypeError only without metadata."""
    metadata = manifest["metadata"]
    api_version = text(manifest.get("apiVersion"), _longest("api_version"))
    group, slash, _ = api_version.rpartition("/")
    fields = field_set_of(manifest)
    owners = mappings(metadata.get("ownerReferences"))
    controller = next((one for one in owners if one.get("controller") is True), {})
    kind = text(manifest.get("kind"), _longest("kind"))
    labels = mapping(metadata.get("labels"))
    most = LABELS_OF_NODE if kind == NODE.kind else LABELS
    return LiveObject(
        cluster_id=cluster_id,
        group=group[: _longest("group")] if slash else "",
        api_version=api_version,
        kind=kind,
        namespace=text(metadata.get("namespace")),
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=text(metadata.get("resourceVersion"), _longest("resource_version")),
        generation=number(metadata.get("generation")),
        observed_generation=number(mapping(manifest.get("status")).get("observedGeneration")),
        values_hash=own_hash(manifest, fields),
        other_managers=_foreign(manifest, fields) if fields else [],
        labels={text(key): text(value) for key, value in list(labels.items())[:most]},
        owner_uid=text(controller.get("uid"), _longest("owner_uid")),
        summary=summary_of(manifest),
        seen_at=at,
        changed_at=at,
    )


def _longest(column: str) -> int:
    """What it holds. API servers bound few of these, and one row that is too long for PostgreSQL
    would take the rest of its batch with it: everything that is seen of a cluster."""
    field = LiveObject._meta.get_field(column)  # noqa: SLF001  (documented by Django)
    return int(getattr(field, "max_length", 0))


def _foreign(manifest: Manifest, fields: FieldSet) -> list[dict[str, Any]]:
    """What others own, fit to be stored."""
    return [
        {name: text(value) if isinstance(value, str) else value for name, value in one.items()}
        for one in foreign_fields(manifest, fields)
    ]


def unreadable_object(
    cluster_id: UUID, resource: Resource, event: Event, at: datetime
) -> LiveObject:
    """The unsaved row of an object that says who it is, and nothing else that can be read."""
    return LiveObject(
        cluster_id=cluster_id,
        group=resource.group,
        api_version=resource.api_version,
        kind=resource.kind,
        namespace=event.namespace,
        name=event.name,
        uid=event.uid,
        resource_version=text(event.resource_version),
        summary={"problem": messages.UNREADABLE.code},
        seen_at=at,
        changed_at=at,
    )


def known(cluster_id: UUID, resource: Resource, namespace: str) -> dict[tuple[str, str], str]:
    """UIDs of what was seen before and not seen to go, by namespace and name."""
    rows = LiveObject.objects.filter(
        cluster=cluster_id, group=resource.group, kind=resource.kind, gone_at__isnull=True
    )
    if namespace:
        rows = rows.filter(namespace=namespace)
    return {(where, name): uid for where, name, uid in rows.values_list("namespace", "name", "uid")}


_KEY = ["cluster", "group", "kind", "namespace", "name"]
_WATCH = ["cluster", "namespace", "group", "kind"]
_SEEN = [
    "api_version",
    "uid",
    "resource_version",
    "generation",
    "observed_generation",
    "values_hash",
    "other_managers",
    "labels",
    "owner_uid",
    "summary",
    "seen_at",
    "changed_at",
    "gone_at",
]


@transaction.atomic
def write(
    lease: ObserverLease,
    seen: Sequence[LiveObject],
    gone: Sequence[Gone],
    heard: Iterable[Heard],
    at: datetime,
) -> None:
    """One batch, under the epoch of the lease. Raises ObserverLost, and nothing is written."""
    held = ObserverLease.objects.filter(
        cluster=lease.cluster_id, holder=WORKER, epoch=lease.epoch, expires_at__gt=Now()
    )
    if not held.update(epoch=F("epoch")):
        raise ObserverLost
    LiveObject.objects.bulk_create(
        seen, update_conflicts=True, unique_fields=_KEY, update_fields=_SEEN
    )
    for one in gone:
        LiveObject.objects.filter(
            Q(uid=one.uid) if one.uid else Q(),
            cluster=lease.cluster_id,
            group=one.group,
            kind=one.kind,
            namespace=one.namespace,
            name=one.name,
        ).update(gone_at=at, changed_at=at)
    _hear(lease.cluster_id, heard)
    events.announce(*_notices(lease.cluster_id, seen, gone))


def _notices(cluster_id: UUID, seen: Iterable[LiveObject], gone: Sequence[Gone]) -> set[str]:
    """Whose objects have changed: those of a placement or a route, or of a whole namespace.

    What is gone does not say whose it was.
    """
    found = {f"observed:{cluster_id}/{one.namespace or NOWHERE}" for one in gone}
    for row in seen:
        owner = row.labels.get(PLACEMENT) or row.labels.get(ROUTE) or row.kind
        found.add(f"observed:{cluster_id}/{row.namespace or NOWHERE}/{owner}")
    return found


def _hear(cluster_id: UUID, heard: Iterable[Heard]) -> None:
    """Two statements. What was never listed keeps what an observer before has heard."""
    states = list(heard)
    listed = [_state(cluster_id, one) for one in states if one.age is not None]
    others = [_state(cluster_id, one) for one in states if one.age is None]
    problem = ["problem_code", "problem_params"]
    for rows, fields in ((listed, ["heard_at", "synced_at", *problem]), (others, problem)):
        WatchState.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=_WATCH, update_fields=fields
        )


def _state(cluster_id: UUID, one: Heard) -> WatchState:
    """Ages are of the observer's clock, times of the database's."""
    times = {}
    if one.age is not None:
        heard_at = Now() - timedelta(seconds=one.age)
        times = {"heard_at": heard_at, "synced_at": heard_at if one.is_synced else None}
    return WatchState(
        cluster_id=cluster_id,
        namespace=one.namespace,
        group=one.group,
        kind=one.kind,
        problem_code=one.code,
        problem_params=one.params,
        **times,
    )


@transaction.atomic
def forget_others(cluster_id: UUID, watched: set[tuple[str, str, str]]) -> None:
    """Take away how the watches stand that nobody keeps any more: their silence means nothing.

    `watched`: namespace, group and kind of those that are kept.
    """
    kept = {*watched, *((namespace, "", NAMESPACE) for namespace, _, _ in watched)}
    rows = WatchState.objects.filter(cluster=cluster_id)
    others = [
        pk
        for pk, *scope in rows.values_list("pk", "namespace", "group", "kind")
        if tuple(scope) not in kept
    ]
    rows.filter(pk__in=others).delete()


@transaction.atomic
def take(cluster_id: UUID) -> ObserverLease | None:
    """The lease of a cluster for this process, or None while another observer has it.

    What the one before has heard is not this one's: its watches begin anew.
    """
    ObserverLease.objects.get_or_create(cluster_id=cluster_id)
    free = Q(expires_at__isnull=True) | Q(expires_at__lt=Now())
    taken = ObserverLease.objects.filter(free, cluster=cluster_id).update(
        holder=WORKER, epoch=F("epoch") + 1, expires_at=Now() + settings.LEASE
    )
    if not taken:
        return None
    starting = messages.STARTING_TO_WATCH.code
    WatchState.objects.filter(cluster=cluster_id).update(problem_code=starting, problem_params={})
    return ObserverLease.objects.get(cluster=cluster_id)


def renew(lease: ObserverLease) -> bool:
    return bool(
        ObserverLease.objects.filter(
            cluster=lease.cluster_id, holder=WORKER, epoch=lease.epoch, expires_at__gt=Now()
        ).update(expires_at=Now() + settings.LEASE)
    )


def give_back(lease: ObserverLease) -> None:
    ObserverLease.objects.filter(cluster=lease.cluster_id, holder=WORKER, epoch=lease.epoch).update(
        holder="", expires_at=None
    )
