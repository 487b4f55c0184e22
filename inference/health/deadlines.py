"""The end of a conversation over HTTP: a timeout alone is one for each byte."""

import http.client
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class CutOff:
    """Ends a connection when `seconds` are over, unless it is cancelled before."""

    def __init__(self, connection: http.client.HTTPConnection, seconds: float) -> None:
        self._connection = connection
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

    def cancel(self) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        with suppress(OSError, AttributeError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)
