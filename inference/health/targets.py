"""From a route to the place where it is asked: its gateway's address and listener, and its pods."""

from django.db.models import QuerySet

from inference.clusters.models import Cluster, LiveObject
from inference.definitions.models import Route
from inference.errors import Refusal
from inference.health.probing import Target
from inference.messages import health as messages
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


def pods_of(route: Route) -> dict[str, str]:
    """Names of the pods behind it, by their IP. Two queries."""
    placements = route.members.select_related("placement").values_list(
        "placement__cluster", "placement__namespace", "placement__object_name"
    )
    places = list(placements)
    pods = LiveObject.objects.filter(
        cluster__in={cluster for cluster, _, _ in places},
        namespace__in={namespace for _, namespace, _ in places},
        kind="Pod",
        gone_at__isnull=True,
        **{f"labels__{PLACEMENT}__in": sorted({name for _, _, name in places})},
    )
    rows = pods.values_list("summary__ip", "name")[:MOST_PODS]
    return {ip: name for ip, name in rows if ip}


def _served_name(route: Route) -> str:
    """Members share their first served name, so that any of them may answer."""
    names = route.members.values_list("placement__served_model__served_name", flat=True)
    return names.first() or ""
