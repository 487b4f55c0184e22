"""What a platform engineer does with kubectl before connecting a cluster, done with its API.

Works with the kubeconfig of an administrator; what Waybill gets from it is the token of the
ServiceAccount that the shipped RBAC manifest makes, and nothing more.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from inference.clusters.client.connection import Connection
from inference.clusters.client.door import ClusterClient
from inference.clusters.client.egress import Network
from inference.clusters.client.kinds import GATEWAY, Resource
from inference.clusters.rbac import Account, manifests
from inference.manifests import Manifest, ObjectRef, canonical

GATEWAY_NAMESPACE = "gateway-system"
GATEWAY_CLASS = Resource("gateway.networking.k8s.io", "v1", "GatewayClass", "gatewayclasses", False)
TOKEN_LIFETIME = timedelta(hours=12)
PATIENCE = 60.0


@dataclass(frozen=True)
class Prepared:
    """A cluster that is ready to be connected."""

    connection: Connection
    gateway: str
    listener: str
    port: int


def prepare(
    admin: Connection,
    name_of_cluster: str,
    *,
    networks: Iterable[Network],
    namespaces: Iterable[str],
    gateway: str,
    port: int,
) -> Prepared:
    """Namespaces, a Gateway of the class that is there, RBAC, and a token of the account.

    Raises ClusterUnavailable or ManifestRejected as any request does. Safe to repeat.
    """
    account = Account()
    client = ClusterClient(admin, allowed_networks=networks)
    try:
        wanted = tuple(namespaces)
        for name in (GATEWAY_NAMESPACE, *wanted):
            _apply(client, _namespace(name))
        for manifest in manifests(cluster_name=name_of_cluster, namespaces=wanted, account=account):
            _apply(client, manifest)
        _apply(client, _gateway(gateway, _class_of(client), port))
        _wait_until_programmed(client, gateway)
        token = client.request_token(account.namespace, account.name, TOKEN_LIFETIME).token
    finally:
        client.close()
    connection = Connection(
        server=admin.server,
        ca_pem=admin.ca_pem,
        token=token,
        tls_server_name=admin.tls_server_name,
    )
    return Prepared(connection, gateway, "http", port)


def _apply(client: ClusterClient, manifest: Manifest) -> None:
    client.apply(ObjectRef.of(manifest), canonical(manifest).encode(), force=True)


def _namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _class_of(client: ClusterClient) -> str:
    """The first GatewayClass: a demo takes what the cluster has."""
    classes = [item["metadata"]["name"] for item in client.list(GATEWAY_CLASS).items]
    if not classes:
        raise SystemExit("This cluster has no GatewayClass: install a gateway controller first.")
    return str(min(classes))


def _gateway(name: str, gateway_class: str, port: int) -> Manifest:
    listener = {
        "name": "http",
        "port": port,
        "protocol": "HTTP",
        "allowedRoutes": {"namespaces": {"from": "All"}},
    }
    return {
        "apiVersion": GATEWAY.api_version,
        "kind": GATEWAY.kind,
        "metadata": {"name": name, "namespace": GATEWAY_NAMESPACE},
        "spec": {"gatewayClassName": gateway_class, "listeners": [listener]},
    }


def _wait_until_programmed(client: ClusterClient, name: str) -> None:
    ref = ObjectRef(GATEWAY.api_version, GATEWAY.kind, GATEWAY_NAMESPACE, name)
    deadline = time.monotonic() + PATIENCE
    conditions: list[dict[str, str]] = []
    while time.monotonic() < deadline:
        status = (client.get(ref) or {}).get("status", {})
        conditions = status.get("conditions", [])
        if any(one["type"] == "Programmed" and one["status"] == "True" for one in conditions):
            return
        time.sleep(0.1)
    raise SystemExit(f"Gateway {name} is not programmed: {json.dumps(conditions)}")
