"""A connection from its parts: an address, the CA to trust, and one credential."""

import base64
import json

from inference.clusters.client.connection import Connection
from inference.clusters.client.kubeconfig import parse_kubeconfig


def from_parts(
    *,
    server: str,
    ca_pem: str,
    token: str = "",
    client_cert_pem: str = "",
    client_key_pem: str = "",
    tls_server_name: str = "",
) -> Connection:
    """Raises Invalid. JSON is YAML: the parts are judged by the code that judges files."""
    cluster = {
        "server": server,
        "tls-server-name": tls_server_name,
        "certificate-authority-data": _data(ca_pem),
    }
    user = {
        "token": token,
        "client-certificate-data": _data(client_cert_pem),
        "client-key-data": _data(client_key_pem),
    }
    config = {
        "current-context": "sent",
        "contexts": [{"name": "sent", "context": {"cluster": "sent", "user": "sent"}}],
        "clusters": [{"name": "sent", "cluster": cluster}],
        "users": [{"name": "sent", "user": user}],
    }
    return parse_kubeconfig(json.dumps(config))


def _data(pem: str) -> str:
    return base64.b64encode(pem.encode()).decode()
