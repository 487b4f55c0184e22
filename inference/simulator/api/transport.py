"""TLS as an API server speaks it: whoever has a certificate shows it, and nobody is turned away.

A certificate that cannot be trusted is answered with 401 and not with a broken handshake. Python's
TLS has no such mode; so each certificate is trusted for the handshake as it arrives, and judged
afterwards by `authentication`.
"""

import ssl
import tempfile
from pathlib import Path
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from inference.simulator.certificates import KeyPair

PEER = "waybill.peer_certificate"
TRANSPORT = "waybill.transport"
_CERTIFICATE = 11
_WHATEVER_THE_TIME = 0x200000
"""The type of the handshake message in which a peer shows its certificates; and the flag of
OpenSSL, without a name in Python, that lets one in whose time is over, to be told so."""


def server_context(pair: KeyPair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder) / "server.crt", Path(folder) / "server.key"
        certificate.write_text(pair.certificate)
        key.write_text(pair.key)
        context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_OPTIONAL
    flags = context.verify_flags | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags = ssl.VerifyFlags(flags | _WHATEVER_THE_TIME)
    context.set_alpn_protocols(["http/1.1"])

    def hear(
        connection: Any, direction: str, version: Any, content: Any, message: Any, data: bytes
    ) -> None:
        del connection, content
        if direction == "read" and message == _CERTIFICATE:
            shown = first_certificate(data, version >= ssl.TLSVersion.TLSv1_3)
            if shown:
                context.load_verify_locations(cadata=shown)

    context._msg_callback = hear  # type: ignore[attr-defined] # noqa: SLF001  (no other way in)
    return context


def first_certificate(message: bytes, has_context: bool) -> bytes:
    """The DER of the first certificate in a handshake message; empty where there is none."""
    start = 4
    if has_context:
        start += 1 + message[4]
    start += 3
    size = int.from_bytes(message[start : start + 3], "big")
    return message[start + 3 : start + 3 + size]


class PeerProtocol(HttpToolsProtocol):
    """Hands on the peer's certificate, and the transport that faults may cut."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        connection = self.transport.get_extra_info("ssl_object")
        shown = connection.getpeercert(binary_form=True) if connection else None
        self.scope["state"] = {PEER: shown, TRANSPORT: self.transport}
