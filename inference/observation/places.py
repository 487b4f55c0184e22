"""Where an agent has to look, and by which door: what it asks of rows."""

from typing import Any
from uuid import UUID

from django.db import transaction

from inference import outbox
from inference.clusters.actions import PROBE
from inference.clusters.client.kinds import GATEWAY, NODE, READ, WRITTEN, Resource
from inference.clusters.client.streams import Streams
from inference.clusters.connecting import allowed_networks, streams_to
from inference.clusters.models import Cluster, Gateway, Grant

UNWATCHED = {"Event", "EndpointSlice"}
"""Read by people on demand; watching them would cost more than everything else together."""

Scope = tuple[Resource, str]
"""A kind, and a namespace; empty for what lives in none."""


def streams(cluster_id: UUID) -> Streams:
    return streams_to(Cluster.objects.get(pk=cluster_id))


def door(cluster_id: UUID) -> tuple[Any, ...]:
    """The pinned identity first, and all that `streams` is made from."""
    names = ("identity", "server", "ca_pem", "tls_server_name", "credential__version")
    row = Cluster.objects.filter(pk=cluster_id).values_list(*names).first()
    return (*(row or ("",)), allowed_networks())


@transaction.atomic
def have_it_probed(cluster_id: UUID) -> None:
    """The probe writes down what is wrong, and pushes wait for it."""
    outbox.post(PROBE, cluster_id)


def observable() -> list[UUID]:
    reachable = Cluster.objects.present().exclude(identity="")
    return list(reachable.values_list("pk", flat=True))


def scopes(cluster_id: UUID) -> set[Scope]:
    """Kinds that we write and what controllers make of them, where teams have a grant."""
    cluster = Cluster.objects.get(pk=cluster_id)
    served = set(cluster.capabilities.get("kinds", []))
    namespaces = Grant.objects.filter(cluster=cluster_id).values_list("namespace", flat=True)
    gateways = Gateway.objects.filter(cluster=cluster_id, removed_at__isnull=True)
    scopes = {
        (resource, namespace)
        for resource in (*WRITTEN, *READ)
        if resource.kind not in UNWATCHED and f"{resource.api_version}/{resource.kind}" in served
        for namespace in namespaces
    }
    scopes |= {(GATEWAY, place) for place in gateways.values_list("namespace", flat=True)}
    return scopes | {(NODE, "")}
