"""What it takes to talk to one API server, as one value that does not show its secrets."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Connection:
    """An address, the CA to trust, and one credential: a token, or a client certificate and key.

    Raises ValueError for none or two credentials; `kubeconfig` says the same to people.
    """

    server: str
    ca_pem: str = field(repr=False)
    token: str = field(default="", repr=False)
    client_cert_pem: str = field(default="", repr=False)
    client_key_pem: str = field(default="", repr=False)
    tls_server_name: str = ""

    def __post_init__(self) -> None:
        if bool(self.client_cert_pem) != bool(self.client_key_pem):
            raise ValueError("A client certificate and its key belong together.")
        if bool(self.token) == bool(self.client_cert_pem):
            raise ValueError("A connection has exactly one credential.")
        if not self.ca_pem.strip():
            raise ValueError("A connection needs the CA that signed the server's certificate.")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen in any text."""
        return tuple(filter(None, (self.token, self.client_key_pem)))


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds. `total` ends any request, `write` one that changes something."""

    connect: float = 3.0
    first_byte: float = 10.0
    total: float = 30.0
    write: float = 10.0


TIMEOUTS = Timeouts()
