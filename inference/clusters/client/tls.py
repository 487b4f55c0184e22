"""TLS towards one API server: its own CA and nothing else, and a socket that knows its deadline."""

import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inference.clusters.client.connection import Connection

_clock = threading.local()


@contextmanager
def finishing_by(deadline: float, patience: float) -> Iterator[None]:
    """Within, no read or write of this thread waits longer than `patience` seconds, nor beyond
    `deadline` on the monotonic clock: a peer that sends a byte now and then gains nothing."""
    _clock.deadline, _clock.patience = deadline, patience
    try:
        yield
    finally:
        del _clock.deadline, _clock.patience


class _ImpatientSocket(ssl.SSLSocket):
    """Asks the clock before each call into the network."""

    def do_handshake(self, block: bool = False) -> None:
        self._wait_no_longer(self.gettimeout())
        super().do_handshake(block)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._wait_no_longer()
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._wait_no_longer()
        return super().send(*args, **kwargs)

    def _wait_no_longer(self, patience: float | None = None) -> None:
        deadline: float | None = getattr(_clock, "deadline", None)
        if deadline is None:
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        self.settimeout(min(left, patience or _clock.patience))


def context_for(connection: Connection) -> ssl.SSLContext:
    """TLS 1.2 or newer, verified against the connection's CA alone, host name included.

    Raises ssl.SSLError or ValueError for a CA, certificate or key that cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # As kubectl does: a CA on record is a root, be it signed by another or not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=connection.ca_pem)
    context.sslsocket_class = _ImpatientSocket
    if connection.client_cert_pem:
        _load_pair(context, connection)
    return context


def _load_pair(context: ssl.SSLContext, connection: Connection) -> None:
    """OpenSSL takes a key from a file only; the file is ours alone and gone at once."""
    with tempfile.TemporaryDirectory(prefix="waybill-") as folder:
        pair = Path(folder, "pair.pem")
        pair.touch(mode=0o600)
        pair.write_text(f"{connection.client_key_pem}\n{connection.client_cert_pem}\n")
        context.load_cert_chain(pair)
