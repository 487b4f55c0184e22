"""How far the placements and routes of a push have come, for whoever waits for them."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from inference.definitions.models import Placement, Route
from inference.delivery.models import Push
from inference.observation import readiness
from inference.observation.assessment import Readiness
from inference.observation.readiness import GatewayPlace, Subject


def of_placements(ids: Iterable[UUID]) -> dict[str, Readiness]:
    """By the name that people see in the cluster."""
    rows = {row.pk: row for row in Placement.objects.live().filter(pk__in=set(ids))}
    subjects = [
        Subject(row.pk, row.cluster_id, row.namespace, row.object_name) for row in rows.values()
    ]
    found = readiness.placements(subjects)
    return {rows[identity].object_name: one for identity, one in found.items()}


def of_routes(ids: Iterable[UUID]) -> dict[str, Readiness]:
    rows = {
        row.pk: row
        for row in Route.objects.live().filter(pk__in=set(ids)).select_related("gateway")
    }
    subjects = [
        (
            Subject(row.pk, row.gateway.cluster_id, row.namespace, row.object_name),
            GatewayPlace(row.gateway.namespace, row.gateway.name),
        )
        for row in rows.values()
    ]
    found = readiness.routes(subjects)
    return {rows[identity].object_name: one for identity, one in found.items()}


def placement_ids(push: Push) -> set[UUID]:
    """Placements that the push puts something into, on its cluster."""
    steps = push.plan.steps.filter(cluster=push.cluster, placement_id__isnull=False)
    found = steps.exclude(verb="delete").values_list("placement_id", flat=True)
    return {identity for identity in found if identity is not None}


def route_ids(push: Push) -> set[UUID]:
    steps = push.plan.steps.filter(cluster=push.cluster, definition_kind="route")
    return set(steps.exclude(verb="delete").values_list("definition_id", flat=True))


def ready_within(push: Push) -> timedelta:
    """How long the slowest placement of a push may take."""
    placements = Placement.objects.filter(
        pk__in=push.plan.steps.filter(cluster=push.cluster).values("placement_id")
    )
    return max(placements.values_list("ready_within", flat=True), default=timedelta(minutes=60))
