"""Credentials of clusters, sealed and opened. Only workers and commands call `unseal`."""

import json
from datetime import datetime

from inference.clusters import sealing
from inference.clusters.client.connection import Connection
from inference.clusters.expiry import expiry_of
from inference.clusters.models import Cluster, ClusterCredential
from inference.clusters.sealing import Sealed


def seal(
    cluster: Cluster, connection: Connection, *, version: int, at: datetime
) -> ClusterCredential:
    """The unsaved row that holds what `connection` authenticates with."""
    secret = json.dumps(
        {
            "token": connection.token,
            "client_cert_pem": connection.client_cert_pem,
            "client_key_pem": connection.client_key_pem,
        }
    ).encode()
    made = sealing.seal(secret, _bound_to(cluster, version))
    kind = ClusterCredential.Kind
    return ClusterCredential(
        cluster=cluster,
        kind=kind.TOKEN if connection.token else kind.CLIENT_CERTIFICATE,
        version=version,
        key_id=made.key_id,
        wrapped_key=made.wrapped_key,
        sealed=made.sealed,
        expires_at=expiry_of(connection),
        replaced_at=at,
    )


def unseal(credential: ClusterCredential) -> Connection:
    """What was sealed. Raises Refusal when no key of this installation opens it."""
    cluster = credential.cluster
    bound = _bound_to(cluster, credential.version)
    secret = json.loads(sealing.unseal(_sealed(credential), bound, cluster.name))
    return Connection(
        server=cluster.server,
        ca_pem=cluster.ca_pem,
        tls_server_name=cluster.tls_server_name,
        **secret,
    )


def rewrap(credential: ClusterCredential) -> bool:
    """Wrap the data key with the newest key, in place and unsaved. False if it is so already."""
    old = _sealed(credential)
    new = sealing.rewrap(old, _bound_to(credential.cluster, credential.version))
    credential.key_id, credential.wrapped_key = new.key_id, new.wrapped_key
    return new is not old


def _sealed(credential: ClusterCredential) -> Sealed:
    return Sealed(credential.key_id, bytes(credential.wrapped_key), bytes(credential.sealed))


def _bound_to(cluster: Cluster, version: int) -> bytes:
    return f"waybill/credential/{cluster.pk}/{version}".encode()
