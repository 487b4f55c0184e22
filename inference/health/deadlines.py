"""The end of a conversation over HTTP: a timeout alone is one for each byte."""

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from inference.health.exchange import NobodyThere


class CutOff:
    """Ends a connection when `seconds` are over, unless it is cancelled before."""

    def __init__(self, connection: http.client.HTTPConnection, seconds: float) -> None:
        self._connection = connection
        self._is_over = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()

    def dial(self, tls: ssl.SSLContext | None, server_name: str) -> None:
        """Connect, and greet where there is `tls`. An end that comes while nothing can be cut yet
        is not forgotten. Raises OSError, and of that NobodyThere where the call is not taken."""
        try:
            self._connection.connect()
        except TimeoutError as error:
            raise NobodyThere(0, "nobody takes the call") from error
        if tls is not None:
            # Entered before it greets, so that a greeting can be cut off as well.
            secure = tls.wrap_socket(
                self._connection.sock, server_hostname=server_name, do_handshake_on_connect=False
            )
            self._connection.sock = secure
            secure.do_handshake()
        if self._is_over:
            raise TimeoutError

    def cancel(self) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self._is_over = True
        with suppress(OSError, AttributeError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)
