"""From a row to a client: the only place where a credential is opened. For tasks and commands."""

import threading
from ipaddress import IPv4Network, IPv6Network, ip_network
from uuid import UUID

from django.conf import settings

from inference.clusters.client.door import ClusterClient
from inference.clusters.client.streams import Streams
from inference.clusters.credentials import unseal
from inference.clusters.models import Cluster, ClusterCredential, EgressRange
from inference.compiled import Select
from inference.errors import Refusal
from inference.messages import connecting as messages

_clients: dict[UUID, tuple[tuple[object, ...], ClusterClient]] = {}
_lock = threading.Lock()
_RANGES = Select(lambda: EgressRange.objects.values_list("cidr", flat=True))


def allowed_networks() -> tuple[IPv4Network | IPv6Network, ...]:
    """Ranges that may be dialled although they are private: settings and administrators' rows."""
    return (*settings.EGRESS_RANGES, *(ip_network(cidr) for cidr in _RANGES.rows()))


def streams_to(cluster: Cluster) -> Streams:
    """For observers: many idle watches over one pool of connections. Not cached."""
    return Streams(unseal(_credential_of(cluster)), allowed_networks=allowed_networks())


def connect(cluster: Cluster) -> ClusterClient:
    """The client of `cluster`: one per process while credential, address and ranges stay.

    One query, and another where the credential was not selected with the cluster. Raises Refusal
    when the credential cannot be opened; dials nothing yet.
    """
    credential = _credential_of(cluster)
    door = credential.cluster
    networks = allowed_networks()
    made_from = (credential.version, door.server, door.ca_pem, networks)
    with _lock:
        known = _clients.get(cluster.pk)
        if known and known[0] == made_from:
            return known[1]
        client = ClusterClient(unseal(credential), allowed_networks=networks)
        _clients[cluster.pk] = (made_from, client)
    if known:
        known[1].close()
    return client


def _credential_of(cluster: Cluster) -> ClusterCredential:
    """The credential and the address that it was given for, as they stand in the same moment: a
    newer one never goes to an older address. Raises Refusal where there is none."""
    found: ClusterCredential | None
    if Cluster.credential.is_cached(cluster):
        found = getattr(cluster, "credential", None)  # that there is none is remembered as well
    else:
        found = ClusterCredential.objects.select_related("cluster").filter(cluster=cluster).first()
    if found is None:
        raise Refusal(messages.CREDENTIAL_MISSING, cluster=cluster.name)
    return found


def forget(cluster_id: UUID) -> None:
    """Close the client of a cluster that was removed, or whose credential is refused."""
    with _lock:
        known = _clients.pop(cluster_id, None)
    if known:
        known[1].close()
