"""One connection to an API server: a request out, its answer in, and a clock at each step.

Raises OSError where the network fails, and http.client.HTTPException for what is no HTTP/1.1.
"""

import http.client
import select
import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

_PART = 16 * 1024
"""The most that one record of TLS holds."""
_LONGEST_HEAD = 64 * 1024


class ServerConnection:
    """A socket, and what the parser makes of the bytes that come in. Deadlines are monotonic.

    `patience` is how many seconds each wait for the other side may take.
    """

    def __init__(self, secure: ssl.SSLSocket, patience: float) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._socket = secure
        self._patience = patience
        self._poll = select.poll()
        self._poll.register(secure, select.POLLIN)
        self._parser = HttpResponseParser(self)
        self._body: list[bytes] = []
        self._is_asked = self._has_head = self._is_whole = False
        self._is_kept_alive = False
        self._head_size = 0

    @property
    def is_reusable(self) -> bool:
        """Whether the last answer came to its end, and another one may follow on it."""
        return self._is_kept_alive and self._is_whole

    @property
    def is_silent(self) -> bool:
        """Whether an idle server says nothing, as it should: it does when it closes."""
        return not self._socket.pending() and not self._poll.poll(0)

    def close(self) -> None:
        self._socket.close()

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> None:
        """Send a request and read the head of its answer into `status` and `headers`."""
        data = _head(method, target, headers, len(body)) + body
        self._is_asked, self._has_head, self._is_whole = True, False, False
        self._head_size = 0
        # Who closes early may have answered before: that a body is too large, say.
        with suppress(BrokenPipeError):
            self._send(data, deadline)
        while not self._has_head:
            received = self._receive(deadline)
            self._head_size += received
            if self._head_size > _LONGEST_HEAD:
                raise http.client.HTTPException("the head of the answer has no end")

    def body(self, deadline: float) -> Iterable[bytes]:
        """The parts of the body as they come in."""
        while True:
            parts, self._body = self._body, []
            yield from parts
            if self._is_whole:
                return
            self._receive(deadline)

    def _send(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            self._wait_until(deadline)
            rest = rest[self._socket.send(rest) :]

    def _receive(self, deadline: float) -> int:
        self._wait_until(deadline)
        data = self._socket.recv(_PART)
        if not data:
            self._end()
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self._is_whole, self._is_kept_alive = True, False
        except HttpParserError as error:
            raise http.client.HTTPException(f"no HTTP/1.1: {error}") from None
        return 0 if self._has_head else len(data)

    def _wait_until(self, deadline: float) -> None:
        self._socket.settimeout(min(self._patience, left_until(deadline)))

    def _end(self) -> None:
        """The server has closed: the end of a body whose length it did not tell, of no other."""
        self._is_kept_alive = False
        if not self._has_head and not self._head_size:
            raise http.client.RemoteDisconnected("closed without an answer")
        if not self._has_head or self.headers.keys() & {"content-length", "transfer-encoding"}:
            raise http.client.IncompleteRead(b"")
        self._is_whole = True

    # What the parser calls. An error in here leaves it as an HttpParserError.

    def on_message_begin(self) -> None:
        if not self._is_asked:
            raise http.client.HTTPException("nobody asked for a second answer")
        self.headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self._has_head = (
            self.status >= HTTPStatus.OK or self.status == HTTPStatus.SWITCHING_PROTOCOLS
        )
        self._is_kept_alive = self._parser.should_keep_alive()

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        if self._has_head:
            self._is_whole, self._is_asked = True, False
        else:
            self._head_size = 0


def left_until(deadline: float) -> float:
    """Seconds, more than none. Raises TimeoutError."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left


def _head(method: str, target: str, headers: Mapping[str, str], length: int) -> bytes:
    if not target.isprintable() or " " in target:
        raise http.client.InvalidURL("a target has neither spaces nor control characters")
    lines = [f"{method} {target} HTTP/1.1", *[f"{name}: {headers[name]}" for name in headers]]
    if length or method != "GET":
        lines.append(f"Content-Length: {length}")
    if not all(map(str.isprintable, lines)):
        raise ValueError("A header has no control characters.")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1")
