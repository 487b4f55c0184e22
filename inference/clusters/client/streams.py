"""The same door for many idle streams in one process: lists and watches over asyncio."""

import asyncio
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from inference.clusters.client import failures
from inference.clusters.client.answers import Answer
from inference.clusters.client.connection import TIMEOUTS, Connection, Timeouts
from inference.clusters.client.egress import (
    CheckedAddress,
    Network,
    Resolve,
    check_address,
    parse_server,
)
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.client.tls import context_for
from inference.errors import Invalid

_LARGEST_REFUSAL = 64 * 1024


class Streams:
    """Connections to one cluster; an async context manager. Serves any number of watches."""

    def __init__(
        self,
        connection: Connection,
        *,
        allowed_networks: Iterable[str | Network] = (),
        timeouts: Timeouts = TIMEOUTS,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self.secrets = connection.secrets
        self._connection = connection
        self._server = parse_server(connection.server)
        self._allowed = tuple(allowed_networks)
        self._timeouts = timeouts
        self._resolve = resolve
        self._address: CheckedAddress | None = None
        self._turn = 0
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        try:
            tls = context_for(self._connection)
        except (OSError, ValueError) as error:
            raise ClusterUnavailable(Unavailable.TLS_FAILED, detail=str(error)) from None
        headers = {"Host": self._server.authority, "User-Agent": "waybill"}
        if self._connection.token:
            headers["Authorization"] = f"Bearer {self._connection.token}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls, limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers | {"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._timeouts.connect),
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(self, path: str, query: Mapping[str, str], largest: int) -> Answer:
        """One whole answer, whatever its status. Raises ClusterUnavailable where there is none."""
        with self._named_failures():
            async with (
                asyncio.timeout(self._timeouts.total),
                self._response(path, query) as response,
            ):
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > largest:
                        raise ClusterUnavailable(Unavailable.ANSWER_TOO_LARGE, limit=largest)
                return _answer(response, bytes(body))

    @asynccontextmanager
    async def open(
        self, path: str, query: Mapping[str, str], largest_line: int
    ) -> AsyncIterator[tuple[Answer, AsyncIterator[bytes]]]:
        """The head of the answer, and its lines as they come; waiting for one is the reader's
        affair. The body of a refusal comes with its head."""
        async with self._response(path, query) as response:
            is_stream = response.status == HTTPStatus.OK
            body = b"" if is_stream else await self._short_body(response)
            async with aclosing(self._lines(response, largest_line)) as lines:
                yield _answer(response, body), lines

    async def _short_body(self, response: aiohttp.ClientResponse) -> bytes:
        with self._named_failures():
            async with asyncio.timeout(self._timeouts.first_byte):
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > _LARGEST_REFUSAL:
                        break
                return bytes(body)

    async def _lines(
        self, response: aiohttp.ClientResponse, largest_line: int
    ) -> AsyncGenerator[bytes, None]:
        rest = bytearray()
        with self._named_failures():
            async for chunk in response.content.iter_any():
                first, *others = chunk.split(b"\n")
                rest += first
                for following in others:
                    yield bytes(rest)
                    rest = bytearray(following)
                if len(rest) > largest_line:
                    raise ClusterUnavailable(Unavailable.ANSWER_TOO_LARGE, limit=largest_line)
        if rest.strip():
            raise ClusterUnavailable(Unavailable.CUT_OFF)

    @asynccontextmanager
    async def _response(
        self, path: str, query: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        with self._named_failures():
            response = await self._get(path, query)
        try:
            yield response
        finally:
            _hang_up(response)

    async def _get(self, path: str, query: Mapping[str, str]) -> aiohttp.ClientResponse:
        if self._session is None:
            raise RuntimeError("Streams are entered before they are used.")
        address = self._address or await self._checked()
        self._address = address
        url = f"{address.origin}{self._server.path}{path}?{urlencode(query)}"
        async with asyncio.timeout(self._timeouts.first_byte):
            response = await self._session.get(
                URL(url, encoded=True),
                allow_redirects=False,
                server_hostname=self._connection.tls_server_name or self._server.host,
            )
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            _hang_up(response)
            raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
        return response

    async def _checked(self) -> CheckedAddress:
        try:
            async with asyncio.timeout(self._timeouts.connect):
                return await asyncio.to_thread(
                    check_address,
                    self._connection.server,
                    self._allowed,
                    self._resolve,
                    turn=self._turn,
                )
        except Invalid as refused:
            raise ClusterUnavailable(Unavailable.EGRESS_REFUSED, detail=str(refused)) from None
        except TimeoutError:
            raise ClusterUnavailable(
                Unavailable.NAME_UNKNOWN, detail="the resolver is silent"
            ) from None

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        outer = sys.exception()
        try:
            yield
            return
        except aiohttp.ClientPayloadError as error:
            found = ClusterUnavailable(Unavailable.CUT_OFF, detail=type(error).__name__)
        except aiohttp.ClientResponseError as error:
            found = ClusterUnavailable(Unavailable.NOT_KUBERNETES, detail=type(error).__name__)
        except (aiohttp.ClientError, OSError) as error:
            found = failures.unavailable(error, within=outer, secrets=self.secrets)
        self._address = None
        self._turn += 1
        raise found


def _hang_up(response: aiohttp.ClientResponse) -> None:
    """Without TLS's goodbye: a peer that does not return it would keep the socket."""
    connection = response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()
    response.close()


def _answer(response: aiohttp.ClientResponse, body: bytes) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, body)
