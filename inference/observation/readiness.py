"""Readiness of many placements or routes from rows, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from inference.clusters.models import LiveObject
from inference.names import picker_name
from inference.observation.assessment import (
    RIGHTS,
    PlacementFacts,
    Pod,
    Readiness,
    Rung,
    Workload,
    assess_picker,
    assess_placement,
)
from inference.observation.freshness import Scope, View, views
from inference.observation.pods import assess_pod
from inference.observation.routing import RouteFacts, Seen, assess_route
from inference.observation.timing import Times, times_of

Objects = dict[tuple[UUID, str, str, str], LiveObject]
"""By cluster, kind, namespace and name."""
Owned = dict[tuple[UUID, str], list[LiveObject]]
"""By cluster and the UID of the controller."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something whose objects are looked for: where they are, and what they are called."""

    id: UUID
    cluster_id: UUID
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class GatewayPlace:
    """The gateway that a route attaches to, and the one listener of it, if only one is meant."""

    namespace: str
    name: str
    listener: str = ""


@dataclass(frozen=True, slots=True)
class Replica:
    """One pod of a placement. `stop` is what keeps it from being ready, or None."""

    name: str
    node: str
    restarts: int
    is_current: bool
    stop: Readiness | None
    times: Times = field(default_factory=Times)

    @property
    def rung(self) -> Rung:
        return self.stop.rung if self.stop else Rung.ENGINE_READY


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a placement has come, and each of its replicas, by name.

    `picker`: why its endpoints are not picked, or None.
    """

    readiness: Readiness
    replicas: Sequence[Replica] = ()
    picker: Readiness | None = None


def placements(subjects: Iterable[Subject]) -> dict[UUID, Readiness]:
    """How far each placement has come. Five queries, however many there are."""
    return {identity: one.readiness for identity, one in standings(subjects).items()}


def standings(subjects: Iterable[Subject]) -> dict[UUID, Standing]:
    """The same with replicas. Five queries."""
    wanted = list(subjects)
    seen = views((one.cluster_id, one.namespace) for one in wanted)
    objects = _objects(wanted)
    deployments = [row for row in objects.values() if row.kind == "Deployment"]
    sets = _owned("ReplicaSet", deployments)
    pods = _owned("Pod", [row for rows in sets.values() for row in rows])
    maps = _config_maps([row for rows in pods.values() for row in rows])
    family = Family(objects, sets, pods, maps)
    return {one.id: _placement(one, seen[one.cluster_id, one.namespace], family) for one in wanted}


def routes(subjects: Iterable[tuple[Subject, GatewayPlace]]) -> dict[UUID, Readiness]:
    """Whether the gateway has taken each route. Four queries."""
    wanted = list(subjects)
    scopes = [(one.cluster_id, one.namespace) for one, _ in wanted]
    scopes += [(one.cluster_id, place.namespace) for one, place in wanted]
    seen = views(scopes)
    found = _objects([one for one, _ in wanted]) | _gateways(wanted)
    pools = _pools(found)
    return {one.id: _route(one, place, seen, found, pools) for one, place in wanted}


@dataclass(frozen=True, slots=True)
class Family:
    """Rows by what they are called, and by who made them."""

    objects: Objects
    sets: Owned
    pods: Owned
    config_maps: Objects


def _placement(one: Subject, view: View, family: Family) -> Standing:
    if view.stop:
        return Standing(view.stop)
    picker = picker_name(one.name)
    blind = view.blind_to("Deployment", "ReplicaSet", "Pod", "InferencePool", *RIGHTS)
    rights = {
        f"{kind} {picker}": family.objects.get((one.cluster_id, kind, one.namespace, picker))
        for kind in RIGHTS
        if kind not in blind
    }
    pool = family.objects.get((one.cluster_id, "InferencePool", one.namespace, one.name))
    compute = _workload(one, one.name, view, family)
    facts = PlacementFacts(
        compute=compute,
        picker=_workload(one, picker, view, family),
        has_pool=pool is not None,
        missing=[name for name, row in rights.items() if row is None],
        changed=[name for name, row in rights.items() if row and row.summary.get("taken")],
        blind=blind,
    )
    replicas = _replicas(compute.pods) if compute else ()
    return Standing(assess_placement(facts), replicas, assess_picker(facts))


def _replicas(pods: Iterable[Pod]) -> list[Replica]:
    """Those that are not ending, by name."""
    return [
        _replica(pod)
        for pod in sorted(pods, key=lambda pod: pod.name)
        if not pod.summary.get("is_ending")
    ]


def _replica(pod: Pod) -> Replica:
    stop = assess_pod(pod)
    return Replica(
        name=pod.name,
        node=pod.summary.get("node", ""),
        restarts=sum(one.get("restarts", 0) for one in pod.summary.get("containers", [])),
        is_current=pod.is_current,
        stop=stop,
        times=times_of(pod.summary, stop.rung if stop else Rung.ENGINE_READY),
    )


def _workload(one: Subject, name: str, view: View, family: Family) -> Workload | None:
    row = family.objects.get((one.cluster_id, "Deployment", one.namespace, name))
    if row is None:
        return None
    sets = family.sets.get((one.cluster_id, row.uid), [])
    newest = _newest(row, sets)
    can_see_maps = not view.blind_to("ConfigMap")
    pods = [
        Pod(
            pod.name,
            pod.summary,
            is_current=owner.uid == newest,
            is_new=view.asked_at is not None and view.asked_at - pod.changed_at < settings.SETTLE,
            absent=_absent(pod, family.config_maps) if can_see_maps else "",
        )
        for owner in sets
        for pod in family.pods.get((one.cluster_id, owner.uid), [])
    ]
    return Workload(name, row.generation, row.observed_generation, row.summary, pods)


def _newest(deployment: LiveObject, sets: Sequence[LiveObject]) -> str:
    """UID of the ReplicaSet that the Deployment is rolling out; empty where none says so."""
    revision = deployment.summary.get("revision")
    named = [one.uid for one in sets if revision and one.summary.get("revision") == revision]
    return named[0] if named else ""


def _absent(pod: LiveObject, config_maps: Objects) -> str:
    """What a pod that does not run yet mounts, and nobody has seen."""
    for _, name in _waiting([pod]):
        if (pod.cluster_id, "ConfigMap", pod.namespace, name) not in config_maps:
            return f"ConfigMap {name}"
    return ""


def _route(
    one: Subject,
    place: GatewayPlace,
    seen: dict[Scope, View],
    found: Objects,
    pools: Objects,
) -> Readiness:
    view, of_gateway = seen[one.cluster_id, one.namespace], seen[one.cluster_id, place.namespace]
    if view.stop:
        return view.stop
    route = found.get((one.cluster_id, "HTTPRoute", one.namespace, one.name))
    gateway = found.get((one.cluster_id, "Gateway", place.namespace, place.name))
    names = route.summary.get("pools", []) if route else []
    blind = view.blind_to("HTTPRoute", *(["InferencePool"] if names else []))
    return assess_route(
        RouteFacts(
            gateway_name=f"{place.namespace}/{place.name}",
            gateway=_seen(gateway),
            route=_seen(route),
            listener=place.listener,
            pools={
                name: _seen(pools.get((one.cluster_id, "InferencePool", one.namespace, name)))
                for name in names
            },
            blind=blind | of_gateway.blind_to("Gateway"),
        )
    )


def _seen(row: LiveObject | None) -> Seen | None:
    return Seen(row.summary, row.generation) if row else None


def _alive(rows: Iterable[LiveObject]) -> Objects:
    return {(row.cluster_id, row.kind, row.namespace, row.name): row for row in rows}


def _live(cluster_ids: Iterable[UUID]) -> QuerySet[LiveObject]:
    return LiveObject.objects.filter(cluster__in=set(cluster_ids), gone_at__isnull=True)


def _objects(subjects: Sequence[Subject]) -> Objects:
    names = {name for one in subjects for name in (one.name, picker_name(one.name))}
    rows = _live(one.cluster_id for one in subjects).filter(
        namespace__in={one.namespace for one in subjects}, name__in=names
    )
    return _alive(rows.exclude(kind="Pod"))


def _owned(kind: str, owners: Sequence[LiveObject]) -> Owned:
    rows = _live(row.cluster_id for row in owners).filter(
        kind=kind, owner_uid__in={row.uid for row in owners}
    )
    found: Owned = defaultdict(list)
    for row in rows.order_by("name"):
        found[row.cluster_id, row.owner_uid].append(row)
    return found


def _config_maps(pods: Sequence[LiveObject]) -> Objects:
    """Those that pods mount which have not come to run."""
    needed = list(_waiting(pods))
    rows = _live(pod.cluster_id for pod, _ in needed).filter(
        kind="ConfigMap",
        namespace__in={pod.namespace for pod, _ in needed},
        name__in={name for _, name in needed},
    )
    return _alive(rows)


def _waiting(pods: Sequence[LiveObject]) -> Iterator[tuple[LiveObject, str]]:
    for pod in pods:
        if pod.summary.get("phase") != "Running":
            for name in pod.summary.get("config_maps", []):
                yield pod, name


def _pools(routes: Objects) -> Objects:
    rows = [row for row in routes.values() if row.kind == "HTTPRoute"]
    return _alive(
        _live(row.cluster_id for row in rows).filter(
            kind="InferencePool",
            namespace__in={row.namespace for row in rows},
            name__in={name for row in rows for name in row.summary.get("pools", [])},
        )
    )


def _gateways(subjects: Sequence[tuple[Subject, GatewayPlace]]) -> Objects:
    rows = _live(one.cluster_id for one, _ in subjects).filter(
        kind="Gateway",
        namespace__in={place.namespace for _, place in subjects},
        name__in={place.name for _, place in subjects},
    )
    return _alive(rows)
