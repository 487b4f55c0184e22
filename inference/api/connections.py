"""How a cluster is reached, as it is sent: a kubeconfig, or its parts. Both take one way in."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from inference.api.shapes import Body
from inference.clusters.client.connection import Connection
from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.clusters.client.parts import from_parts
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
        return from_parts(**sent.connection.model_dump())
    return parse_kubeconfig(sent.kubeconfig or "", sent.context)
