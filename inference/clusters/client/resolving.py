"""Looking names up within a bound: a resolver of the system tries for half a minute."""

import socket
import threading
from typing import Any

SECONDS = 3.0


def look_up(host: str, port: int, **more: Any) -> list[tuple[Any, ...]]:
    """As `socket.getaddrinfo` answers. Raises OSError or UnicodeError, after `SECONDS` at most."""
    found: list[list[tuple[Any, ...]] | Exception] = []

    def ask() -> None:
        try:
            found.append(list(socket.getaddrinfo(host, port, **more)))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=ask, name="waybill-look-up", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if not found:
        raise TimeoutError("the resolver is silent")
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
