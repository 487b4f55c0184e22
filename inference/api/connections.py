"""How a cluster is reached, as it is sent: a kubeconfig, or its parts. Both take one way in."""

import base64
import json
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from inference.api.shapes import Body
from inference.clusters.client.connection import Connection
from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.messages import api as messages

Text = Annotated[str, StringConstraints(max_length=262_144)]
Short = Annotated[str, StringConstraints(max_length=300)]


class ConnectionParts(Body):
    """An address, the CA to trust (PEM), and one credential: a token, or certificate and key."""

    server: Short
    ca_pem: Text
    token: Text = Field(default="", repr=False)
    client_cert_pem: Text = ""
    client_key_pem: Text = Field(default="", repr=False)
    tls_server_name: Short = ""


class Credential(Body):
    """Either a kubeconfig, with a context where it has several, or the parts themselves."""

    kubeconfig: Text | None = Field(default=None, repr=False)
    context: Short | None = None
    connection: ConnectionParts | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Credential":
        if (self.kubeconfig is None) == (self.connection is None):
            one = messages.KUBECONFIG_OR_PARTS
            raise PydanticCustomError(one.code, one.sentence)
        return self


def connection_of(sent: Credential) -> Connection:
    """Raises Invalid, each refusal in its own words."""
    if sent.connection is not None:
        return parse_kubeconfig(_as_kubeconfig(sent.connection))
    return parse_kubeconfig(sent.kubeconfig or "", sent.context)


def _as_kubeconfig(parts: ConnectionParts) -> str:
    """JSON is YAML: the parts are judged by the code that judges files."""
    cluster = {
        "server": parts.server,
        "tls-server-name": parts.tls_server_name,
        "certificate-authority-data": _data(parts.ca_pem),
    }
    user = {
        "token": parts.token,
        "client-certificate-data": _data(parts.client_cert_pem),
        "client-key-data": _data(parts.client_key_pem),
    }
    return json.dumps(
        {
            "current-context": "sent",
            "contexts": [{"name": "sent", "context": {"cluster": "sent", "user": "sent"}}],
            "clusters": [{"name": "sent", "cluster": cluster}],
            "users": [{"name": "sent", "user": user}],
        }
    )


def _data(pem: str) -> str:
    return base64.b64encode(pem.encode()).decode()
