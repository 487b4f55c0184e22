"""When a credential ends, as far as it says so itself."""

import base64
import binascii
import json
from datetime import UTC, datetime

from cryptography import x509

from inference.clusters.client.connection import Connection

PARTS_OF_A_JWT = 3


def expiry_of(connection: Connection) -> datetime | None:
    """The end of the client certificate or of the token, or None where it does not tell.

    A token is read without checking its signature: this is for a warning, not for trust.
    """
    if connection.client_cert_pem:
        certificate = x509.load_pem_x509_certificate(connection.client_cert_pem.encode())
        return certificate.not_valid_after_utc
    parts = connection.token.split(".")
    if len(parts) != PARTS_OF_A_JWT:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, OSError):
        return None
