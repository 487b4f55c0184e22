"""Connections that are kept from one request to the next, and whole answers over them.

They take the place of the pool manager in the official client. Of what that one does, redirects,
retries and proxies are unwanted here, and the rest would be most of the work on a request.
"""

import http.client
import socket
import ssl
import time
import weakref
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress

import urllib3

from inference.clusters.client.connection import Timeouts
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.client.http1 import ServerConnection, left_until

_KEPT = 16
_IDLE_FOR = 45.0
"""Seconds that a connection may wait for its next request. API servers close after 90, load
balancers after 60 or with no word at all: a request on such a connection would be lost."""
_HIGHEST_RATIO = 100
_RATIO_COUNTS_FROM = 1024 * 1024


class Reply:
    """An answer whose head is here. It is to be read whole."""

    reason = ""

    def __init__(self, pool: "Pool", origin: str, over: ServerConnection, deadline: float) -> None:
        self.status = over.status
        self.headers = over.headers
        """Names are in lower case; of two with one name the last counts."""
        self._pool = pool
        self._origin = origin
        self._over = over
        self._deadline = deadline

    def read(self, largest: int) -> bytes:
        """The body, unpacked. Raises ClusterUnavailable for more than `largest` bytes."""
        try:
            content = self._read(largest)
        except BaseException:
            self._over.close()
            raise
        self._pool.give_back(self._origin, self._over)
        return content

    def _read(self, largest: int) -> bytes:
        encoding = self.headers.get("content-encoding", "").strip().lower()
        if encoding not in {"", "identity", "gzip"}:
            raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
        length = self.headers.get("content-length", "")
        if length.isdigit() and int(length[:18]) > largest:
            raise _too_large(largest)
        parts = self._over.body(self._deadline)
        return _gunzipped(parts, largest) if encoding == "gzip" else _joined(parts, largest)


class Pool:
    """Connections to one server, of which each carries one request at a time. Thread-safe."""

    def __init__(self, tls: ssl.SSLContext, server_name: str, timeouts: Timeouts) -> None:
        self._tls = tls
        self._server_name = server_name
        self._timeouts = timeouts
        self._idle: list[tuple[float, str, ServerConnection]] = []
        """Since when, where to, and the connection; the longest idle first."""
        self._is_closed = False
        weakref.finalize(self, _close_all, self._idle)

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout: urllib3.Timeout,
        headers: Mapping[str, str],
        body: bytes | str | None = None,
        **_unused: object,
    ) -> Reply:
        """As the official client asks. `url` holds the IP address, `timeout.total` ends it all.

        Raises OSError and http.client.HTTPException. Repeats nothing.
        """
        deadline = time.monotonic() + float(timeout.total or 0)  # type: ignore[arg-type]  # a number, as we gave it
        origin, _, target = url.removeprefix("https://").partition("/")
        content = body.encode() if isinstance(body, str) else body or b""
        over = self._kept(origin) or self._dialled(origin, deadline)
        try:
            over.ask(method, f"/{target}", headers, content, deadline)
        except BaseException:
            over.close()
            raise
        return Reply(self, origin, over, deadline)

    def clear(self) -> None:
        """Close what is idle, now; what is under way, when it is over."""
        self._is_closed = True
        _close_all(self._idle)

    def give_back(self, origin: str, over: ServerConnection) -> None:
        now = time.monotonic()
        if over.is_reusable and len(self._idle) < _KEPT and not self._is_closed:
            self._idle.append((now, origin, over))
        else:
            over.close()
        self._close_those_before(now - _IDLE_FOR)

    def _kept(self, origin: str) -> ServerConnection | None:
        oldest = time.monotonic() - _IDLE_FOR
        while True:
            try:
                since, there, over = self._idle.pop()
            except IndexError:
                return None
            if since >= oldest and there == origin and over.is_silent:
                return over
            over.close()

    def _close_those_before(self, oldest: float) -> None:
        """What a burst has left behind: only the newest are asked again."""
        with suppress(IndexError):
            while self._idle[0][0] < oldest:
                self._idle.pop(0)[2].close()

    def _dialled(self, origin: str, deadline: float) -> ServerConnection:
        host, _, port = origin.rpartition(":")
        patience = self._timeouts.connect
        wait = min(patience, left_until(deadline))
        plain = socket.create_connection((host.strip("[]"), int(port)), wait)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(min(patience, left_until(deadline)))
            secure = self._tls.wrap_socket(plain, server_hostname=self._server_name)
        except BaseException:
            plain.close()
            raise
        return ServerConnection(secure, self._timeouts.first_byte)


def _close_all(idle: list[tuple[float, str, ServerConnection]]) -> None:
    with suppress(IndexError):
        while True:
            idle.pop()[2].close()


def _joined(parts: Iterable[bytes], largest: int) -> bytes:
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > largest:
            raise _too_large(largest)
    return bytes(content)


def _gunzipped(parts: Iterable[bytes], largest: int) -> bytes:
    packed, content = 0, bytearray()
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for part in parts:
            packed += len(part)
            content += unpacking.decompress(part, largest + 1 - len(content))
            if len(content) > largest or _is_bomb(len(content), packed):
                raise _too_large(largest)
    except zlib.error as error:
        raise http.client.HTTPException(f"no gzip: {error}") from None
    if not unpacking.eof or unpacking.unused_data:
        raise http.client.HTTPException("no whole gzip")
    return bytes(content)


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > _RATIO_COUNTS_FROM and unpacked > _HIGHEST_RATIO * packed


def _too_large(largest: int) -> ClusterUnavailable:
    return ClusterUnavailable(Unavailable.ANSWER_TOO_LARGE, limit=largest)
