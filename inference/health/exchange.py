"""One HTTP/1.1 request to an address that was checked, and its answer as it comes in.

Nothing is followed, reused or unpacked: what a gateway sends is bounded before it is looked at.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from inference.clusters.authorities import trusting

LARGEST_HEAD = 64 * 1024
LARGEST_BODY = 512 * 1024
_AT_ONCE = 64 * 1024
_FINAL = 200


class NotHttp(Exception):
    """What came is no answer."""


class TooMuch(Exception):
    """More came than is read."""


class CutOff(Exception):
    """The connection ended before the answer did."""


class NobodyThere(ConnectionError):
    """The call was not taken in time."""


class Answer:
    """What has come of it until now. httptools calls the methods that begin with `on_`."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._reader = reader
        self._parser = HttpResponseParser(self)
        self._body = bytearray()
        self._received = 0
        self._has_head = False
        self._is_whole = False

    async def head(self, deadline: float) -> None:
        """Read until status and headers are there."""
        while not self._has_head:
            if not await self._more(deadline):
                raise CutOff if self._received else ConnectionResetError

    async def body(self, deadline: float) -> AsyncIterator[bytes]:
        """Bytes as they come, until the answer is whole. Raises CutOff where it never is."""
        while True:
            if self._body:
                part = bytes(self._body)
                self._body.clear()
                yield part
            elif self._is_whole:
                return
            elif not await self._more(deadline):
                if self._ends_with_the_connection:
                    return
                raise CutOff

    @property
    def _ends_with_the_connection(self) -> bool:
        return not {"content-length", "transfer-encoding"} & set(self.headers)

    async def _more(self, deadline: float) -> bool:
        """Whether anything came. Raises TimeoutError, NotHttp, TooMuch or OSError."""
        async with asyncio.timeout_at(deadline):
            data = await self._reader.read(_AT_ONCE)
        self._received += len(data)
        if self._received > (LARGEST_BODY if self._has_head else LARGEST_HEAD):
            raise TooMuch
        if not data:
            return False
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            raise NotHttp from error
        return True

    def on_message_begin(self) -> None:
        self.headers.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Those of an answer like 100 Continue only announce another one."""
        status = self._parser.get_status_code()
        if status >= _FINAL:
            self.status, self._has_head = status, True

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        self._is_whole = self._has_head


@asynccontextmanager
async def dialled(
    ip: str, port: int, *, server_name: str, ca_pem: str = "", deadline: float
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection, with TLS where `server_name` is given, and then as `trusting` says. It is torn
    down, not taken leave of: whoever stops listening has the other side stop talking."""
    tls = await asyncio.to_thread(trusting, ca_pem) if server_name else None
    try:
        async with asyncio.timeout_at(deadline):
            reader, writer = await asyncio.open_connection(
                ip, port, ssl=tls, server_hostname=server_name or None
            )
    except TimeoutError as error:
        raise NobodyThere(0, "nobody takes the call") from error
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def request(host: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A POST. `host` and `path` come from a definition, which holds neither spaces nor lines."""
    told = {"Host": host, "Content-Length": str(len(body)), "Connection": "close", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
