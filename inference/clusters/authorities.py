"""Whom to trust behind an https address: authorities that were entered for it, or the machine's."""

import ssl
from functools import lru_cache

from inference.errors import Invalid
from inference.messages import connecting as messages


def check_ca(ca_pem: str) -> None:
    """Raises Invalid for what holds no certificate. Empty stands for the machine's own."""
    if not ca_pem:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=ca_pem)
    except (ssl.SSLError, ValueError, TypeError):  # the last for what is not ASCII
        raise Invalid(messages.CA_MALFORMED) from None


@lru_cache(maxsize=64)
def trusting(ca_pem: str) -> ssl.SSLContext:
    """Verified against these alone, host name included. Kept: the machine's own are many."""
    context = ssl.create_default_context(cadata=ca_pem or None)
    # As for clusters: a CA on record is a root, be it signed by another or not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
