"""Readiness of many placements or routes from rows, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from inference.clusters.models import LiveObject
from inference.messages import observation as messages
from inference.names import picker_name
from inference.observation.assessment import (
    PlacementFacts,
    Pod,
    Readiness,
    RouteFacts,
    Rung,
    Workload,
    assess_placement,
    assess_route,
)
from inference.observation.freshness import Scope, is_fresh, last_heard

PLACEMENT_LABEL = "waybill/placement"

Objects = dict[tuple[UUID, str, str, str], LiveObject]
"""By cluster, kind, namespace and name."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something whose objects are looked for: where they are, and what they are called."""

    id: UUID
    cluster_id: UUID
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class GatewayPlace:
    """The gateway that a route attaches to."""

    namespace: str
    name: str


def placements(subjects: Iterable[Subject], now: datetime | None = None) -> dict[UUID, Readiness]:
    """How far each placement has come. Four queries, however many there are."""
    wanted = list(subjects)
    moment = now or timezone.now()
    heard = last_heard((one.cluster_id, one.namespace) for one in wanted)
    objects, pods = _objects(wanted), _pods(wanted)
    return {
        one.id: _unknown(heard[one.cluster_id, one.namespace], moment)
        or assess_placement(_facts(one, objects, pods))
        for one in wanted
    }


def routes(
    subjects: Iterable[tuple[Subject, GatewayPlace]], now: datetime | None = None
) -> dict[UUID, Readiness]:
    """Whether the gateway has taken each route. Three queries."""
    wanted = list(subjects)
    moment = now or timezone.now()
    heard = last_heard((one.cluster_id, one.namespace) for one, _ in wanted)
    rows = _objects([one for one, _ in wanted]) | _gateways(wanted)
    found = {}
    for one, place in wanted:
        route = rows.get((one.cluster_id, "HTTPRoute", one.namespace, one.name))
        gateway = rows.get((one.cluster_id, "Gateway", place.namespace, place.name))
        facts = RouteFacts(
            gateway_name=f"{place.namespace}/{place.name}",
            gateway=gateway.summary if gateway else None,
            route=route.summary if route else None,
            generation=route.generation if route else 0,
        )
        found[one.id] = _unknown(heard[one.cluster_id, one.namespace], moment) or assess_route(
            facts
        )
    return found


def _unknown(heard_at: datetime | None, now: datetime) -> Readiness | None:
    if is_fresh(heard_at, now):
        return None
    if heard_at is None:
        return Readiness(Rung.NOTHING, False, messages.NEVER_OBSERVED, is_known=False)
    params = {"since": heard_at.isoformat(timespec="seconds")}
    return Readiness(Rung.NOTHING, False, messages.STALE, params, is_known=False)


def _objects(subjects: list[Subject]) -> Objects:
    names = {name for one in subjects for name in (one.name, picker_name(one.name))}
    rows = LiveObject.objects.filter(
        cluster__in={one.cluster_id for one in subjects},
        namespace__in={one.namespace for one in subjects},
        name__in=names,
        gone_at__isnull=True,
    ).exclude(kind="Pod")
    return {(row.cluster_id, row.kind, row.namespace, row.name): row for row in rows}


def _gateways(subjects: list[tuple[Subject, GatewayPlace]]) -> Objects:
    rows = LiveObject.objects.filter(
        cluster__in={one.cluster_id for one, _ in subjects},
        kind="Gateway",
        name__in={place.name for _, place in subjects},
        gone_at__isnull=True,
    )
    return {(row.cluster_id, row.kind, row.namespace, row.name): row for row in rows}


def _pods(subjects: list[Subject]) -> dict[tuple[UUID, str, str, bool], list[Pod]]:
    """By cluster, namespace, placement, and whether it is the picker's."""
    rows = LiveObject.objects.filter(
        cluster__in={one.cluster_id for one in subjects},
        namespace__in={one.namespace for one in subjects},
        kind="Pod",
        gone_at__isnull=True,
    )
    found: dict[tuple[UUID, str, str, bool], list[Pod]] = defaultdict(list)
    wanted: set[Scope] = {(one.cluster_id, one.namespace) for one in subjects}
    for row in rows.order_by("name"):
        placement = row.labels.get(PLACEMENT_LABEL, "")
        is_picker = row.labels.get("app.kubernetes.io/name") == picker_name(placement)
        if placement and (row.cluster_id, row.namespace) in wanted:
            pod = Pod(row.name, row.summary)
            found[row.cluster_id, row.namespace, placement, is_picker].append(pod)
    return found


def _facts(
    one: Subject,
    objects: Objects,
    pods: dict[tuple[UUID, str, str, bool], list[Pod]],
) -> PlacementFacts:
    def row(kind: str, name: str) -> LiveObject | None:
        return objects.get((one.cluster_id, kind, one.namespace, name))

    def workload(name: str, *, is_picker: bool) -> Workload | None:
        seen = row("Deployment", name)
        if seen is None:
            return None
        key = (one.cluster_id, one.namespace, one.name, is_picker)
        return Workload(
            name, seen.generation, seen.observed_generation, seen.summary, pods.get(key, [])
        )

    picker = picker_name(one.name)
    needed = [("ServiceAccount", picker), ("Role", picker), ("RoleBinding", picker)]
    missing = [f"{kind} {name}" for kind, name in needed if row(kind, name) is None]
    return PlacementFacts(
        compute=workload(one.name, is_picker=False),
        picker=workload(picker, is_picker=True),
        has_pool=row("InferencePool", one.name) is not None,
        missing=missing,
    )
