"""From a route to the place where it is asked: its gateway's address and listener, and its pods."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from inference.clusters.models import Cluster, LiveObject
from inference.definitions.models import Route
from inference.errors import Refusal
from inference.health.probing import Target
from inference.messages import health as messages
from inference.messages.observation import PAUSED
from inference.observation import readiness
from inference.observation.readiness import Subject
from inference.observation.summaries import Summary
from inference.rendering.objects import PLACEMENT

MOST_PODS = 2000


def served_now() -> QuerySet[Route]:
    """Routes that are there, in clusters to which Waybill speaks."""
    routes = Route.objects.live().filter(gateway__cluster__state=Cluster.State.ACTIVE)
    return routes.select_related("team", "gateway__cluster")


def target_of(route: Route) -> Target:
    """Where its clients knock. Two queries. Raises Refusal where no place has been seen yet."""
    gateway = LiveObject.objects.filter(
        cluster=route.gateway.cluster_id,
        kind="Gateway",
        namespace=route.gateway.namespace,
        name=route.gateway.name,
        gone_at__isnull=True,
    ).first()
    if gateway is None:
        raise Refusal(messages.GATEWAY_UNSEEN, gateway=str(route.gateway))
    summary = gateway.summary
    if not summary.get("addresses"):
        raise Refusal(messages.NO_ADDRESS, gateway=str(route.gateway))
    wanted = route.gateway.listener
    usable = [
        one
        for one in summary.get("listeners", [])
        if one["protocol"] in {"HTTP", "HTTPS"} and wanted in {"", one["name"]}
    ]
    if not usable:
        raise Refusal(messages.NO_LISTENER, gateway=str(route.gateway))
    listener = next((one for one in usable if _serves(one, route.hostname)), usable[0])
    return Target(
        address=summary["addresses"][0],
        port=listener["port"],
        is_tls=listener["protocol"] == "HTTPS",
        hostname=route.hostname,
        path_prefix=route.path_prefix,
        model=_served_name(route),
        ca_pem=route.gateway.ca_pem,
    )


def _serves(listener: Summary, hostname: str) -> bool:
    """As the Gateway API says: none is all of them, and `*.` stands for one label or more."""
    own = listener.get("hostname", "").lower()
    if own.startswith("*."):
        return hostname.lower().endswith(own[1:]) and len(hostname) > len(own) - 1
    return own in {"", hostname.lower()}


@dataclass(frozen=True, slots=True)
class Member:
    """A placement behind a route. `is_paused`: it is known to have no replicas."""

    place: Subject
    name: str
    weight: int
    is_paused: bool


def members_of(route: Route) -> dict[UUID, Member]:
    """Those with a share of its requests, by their placement. Six queries."""
    rows = route.members.filter(weight__gt=0).select_related(
        "placement__served_model", "placement__pool"
    )
    found = {row.placement_id: (row.weight, row.placement) for row in rows.order_by("pk")}
    places = {
        identity: Subject(identity, row.cluster_id, row.namespace, row.object_name)
        for identity, (_, row) in found.items()
    }
    ready = readiness.placements(places.values())
    return {
        identity: Member(
            place=places[identity],
            name=f"{row.served_model.name} on {row.pool.name}",
            weight=weight,
            is_paused=ready[identity].message is PAUSED,
        )
        for identity, (weight, row) in found.items()
    }


def replicas_of(members: Mapping[UUID, Member]) -> "Replicas":
    """Whose replica is whose. One query."""
    places = {one.place: identity for identity, one in members.items()}
    keys = {(one.cluster_id, one.namespace, one.name): places[one] for one in places}
    rows = _pods(one for one in places).values_list(
        "cluster", "namespace", f"labels__{PLACEMENT}", "summary__ip", "name"
    )
    found: dict[str, UUID] = {}
    for cluster, namespace, label, ip, name in rows[:MOST_PODS]:
        identity = keys.get((cluster, namespace, label))
        if identity is not None:
            found |= {one: identity for one in (name, ip) if one}
    return Replicas(found)


@dataclass(frozen=True, slots=True)
class Replicas:
    """By name and by IP."""

    known: Mapping[str, UUID]

    def get(self, told: str) -> UUID | None:
        """Whose it is: `told` is a name, or an address with its port."""
        return self.known.get(told) or self.known.get(told.rpartition(":")[0].strip("[]"))


def pods_of(route: Route) -> dict[str, str]:
    """Names of the pods behind it, by their IP. Two queries."""
    placements = route.members.select_related("placement").values_list(
        "placement", "placement__cluster", "placement__namespace", "placement__object_name"
    )
    rows = _pods(Subject(*one) for one in placements).values_list("summary__ip", "name")
    return {ip: name for ip, name in rows[:MOST_PODS] if ip}


def _pods(subjects: Iterable[Subject]) -> QuerySet[LiveObject]:
    places = list(subjects)
    return LiveObject.objects.filter(
        cluster__in={one.cluster_id for one in places},
        namespace__in={one.namespace for one in places},
        kind="Pod",
        gone_at__isnull=True,
        **{f"labels__{PLACEMENT}__in": sorted({one.name for one in places})},
    )


def _served_name(route: Route) -> str:
    """Members share their first served name, so that any of them may answer."""
    names = route.members.values_list("placement__served_model__served_name", flat=True)
    return names.first() or ""
