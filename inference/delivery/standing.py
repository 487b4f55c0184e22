"""How far the placements and routes of a push have come, for whoever waits for them.

What was pushed counts only once it was seen: an object whose row still shows the generation before
the push says nothing about the push.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from inference.changes.models import PlanStep
from inference.clusters.client.door import ClusterClient
from inference.clusters.models import LiveObject
from inference.definitions.models import Placement, Route
from inference.delivery.models import DesiredObject, Push
from inference.manifests import Manifest, ObjectRef
from inference.messages import delivery as messages
from inference.names import picker_name
from inference.observation import readiness
from inference.observation.assessment import (
    PlacementFacts,
    Readiness,
    Workload,
    assess_placement,
)
from inference.observation.readiness import GatewayPlace, Subject
from inference.observation.summaries import mapping, number, summary_of

FOLLOWED = ("Deployment", "InferencePool", "HTTPRoute")
"""Kinds whose readiness says which generation it is about."""


@dataclass(frozen=True, slots=True)
class Part:
    """A placement or a route of a push."""

    id: UUID
    definition_id: UUID
    name: str
    readiness: Readiness


def placements(push: Push) -> list[Part]:
    """From rows of observation only; nothing is known where no observer is fresh."""
    return [
        Part(row.pk, row.served_model_id, row.object_name, found)
        for row, found in _placed(_placements(push), [push])
    ]


def everywhere(pushes: Sequence[Push]) -> list[tuple[Placement, Readiness]]:
    """The same for all pushes of one plan, in as many queries as for one."""
    if not pushes:
        return []
    rows = _put([push.cluster_id for push in pushes], pushes[0].plan_id)
    named = rows.select_related("served_model__team", "pool", "cluster")
    return _placed(list(named.order_by("cluster__name", "served_model__name", "pk")), pushes)


def _placed(rows: Sequence[Placement], pushes: Sequence[Push]) -> list[tuple[Placement, Readiness]]:
    behind = _behind(pushes) if rows else set()  # first: see there
    found = readiness.placements(
        Subject(row.pk, row.cluster_id, row.namespace, row.object_name) for row in rows
    )
    return [(row, _seen(found[row.pk], row.pk in behind)) for row in rows]


def routes(push: Push) -> list[Part]:
    rows = list(Route.objects.live().filter(pk__in=route_ids(push)).select_related("gateway"))
    behind = _behind([push]) if rows else set()  # first: see there
    found = readiness.routes(
        (
            Subject(row.pk, row.gateway.cluster_id, row.namespace, row.object_name),
            GatewayPlace(row.gateway.namespace, row.gateway.name, row.gateway.listener),
        )
        for row in rows
    )
    return [
        Part(row.pk, row.pk, row.object_name, _seen(found[row.pk], row.pk in behind))
        for row in rows
    ]


def asked(push: Push, parts: Iterable[Part], client: ClusterClient) -> list[Part]:
    """The same parts, where nothing is known by asking: one GET for each workload."""
    unknown = {part.id for part in parts if not part.readiness.is_known}
    by_id = {row.pk: row for row in _placements(push) if row.pk in unknown}
    return [
        replace(part, readiness=_asked(by_id[part.id], client)) if part.id in by_id else part
        for part in parts
    ]


def route_ids(push: Push) -> set[UUID]:
    steps = push.plan.steps.filter(cluster=push.cluster, definition_kind="route")
    return set(steps.exclude(verb="delete").values_list("definition_id", flat=True))


def ready_within(push: Push) -> timedelta:
    """How long the slowest placement of a push may take."""
    periods = [row.ready_within for row in _placements(push)]
    return max(periods, default=timedelta(minutes=60))


def _placements(push: Push) -> Sequence[Placement]:
    """Those that the push puts something into, on its cluster."""
    return list(_put([push.cluster_id], push.plan_id).order_by("object_name"))


def _put(clusters: Iterable[UUID], plan_id: int) -> QuerySet[Placement]:
    steps = PlanStep.objects.filter(plan=plan_id, cluster__in=clusters, placement_id__isnull=False)
    put = steps.exclude(verb="delete").values("placement_id")
    return Placement.objects.live().filter(pk__in=put)


def _behind(pushes: Sequence[Push]) -> set[UUID]:
    """Placements and routes with an object that no observer has seen as it was pushed.

    Asked before readiness is read: an observer may write between the two, and what was ready
    before the push would else count as seen after it.
    """
    seen = LiveObject.objects.filter(
        cluster=OuterRef("cluster"),
        uid=OuterRef("live_uid"),
        generation__gte=OuterRef("live_generation"),
        gone_at__isnull=True,
    )
    rows = DesiredObject.objects.filter(push__in=pushes, wanted=True, kind__in=FOLLOWED)
    behind = rows.exclude(Exists(seen)).values_list("placement_id", "definition_id").distinct()
    return {placement or definition for placement, definition in behind}


def _seen(found: Readiness, is_behind: bool) -> Readiness:
    if is_behind and found.is_known and found.is_ready:
        return replace(found, is_ready=False, message=messages.NOT_FOLLOWED, params={})
    return found


def _asked(row: Placement, client: ClusterClient) -> Readiness:
    """What the placement's workloads say of themselves. Its pods are not asked."""
    compute, picker = (
        _workload(client.get(ObjectRef("apps/v1", "Deployment", row.namespace, name)))
        for name in (row.object_name, picker_name(row.object_name))
    )
    return assess_placement(PlacementFacts(compute, picker, has_pool=True))


def _workload(manifest: Manifest | None) -> Workload | None:
    if manifest is None:
        return None
    metadata = mapping(manifest.get("metadata"))
    return Workload(
        name=str(metadata.get("name")),
        generation=number(metadata.get("generation")),
        observed=number(mapping(manifest.get("status")).get("observedGeneration")),
        summary=summary_of(manifest),
        pods=[],
    )
