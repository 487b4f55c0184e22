"""TLS towards one API server: its own CA and nothing else."""

import ssl
import tempfile
from pathlib import Path

from inference.clusters.client.connection import Connection


def context_for(connection: Connection) -> ssl.SSLContext:
    """TLS 1.2 or newer, verified against the connection's CA alone, host name included.

    Raises ssl.SSLError or ValueError for a CA, certificate or key that cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # As kubectl does: a CA on record is a root, be it signed by another or not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=connection.ca_pem)
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
