"""Sends one request to one API server and brings back one whole answer, or says why not.

The only module that imports the official client. It dials the address that was checked, keeps
host name and SNI, follows no redirect, repeats nothing, reads no environment, and reads no more
than it was told to.
"""

import http.client
import socket
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.client.exceptions import ApiException

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
from inference.clusters.client.tls import context_for, finishing_by
from inference.errors import Invalid

POOL = 16
_CHUNK = 64 * 1024
_HIGHEST_RATIO = 100
_RATIO_COUNTS_FROM = 1024 * 1024


_FAILURES = (
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    ApiException,
    OSError,
)


class Transport:
    """Safe to use from many threads. One per cluster: a credential never meets another server."""

    def __init__(
        self,
        connection: Connection,
        *,
        allowed_networks: Iterable[str | Network] = (),
        timeouts: Timeouts = TIMEOUTS,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self.timeouts = timeouts
        self.secrets = connection.secrets
        self._url = connection.server
        self._server = parse_server(connection.server)
        self._allowed = tuple(allowed_networks)
        self._resolve = resolve
        self._address: CheckedAddress | None = None
        self._headers = _headers(connection, self._server.authority)
        self._client = _api_client(connection, self._server.host)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | dict[str, Any] | None = None,
        largest: int,
        deadline: float,
    ) -> Answer:
        """The answer, whatever its status. `deadline` is on the monotonic clock.

        Raises ClusterUnavailable where there is no whole answer.
        """
        outer = sys.exception()
        try:
            url = self._origin(deadline) + self._server.path + path
            if query:
                url += "?" + urlencode(query)
            with finishing_by(deadline, self.timeouts.first_byte):
                return self._exchange(
                    method, url, {**self._headers, **(headers or {})}, body, largest, deadline
                )
        except _FAILURES as error:
            late = time.monotonic() >= deadline
            found = failures.unavailable(error, is_late=late, within=outer, secrets=self.secrets)
        # The next request asks the resolver again, and checks again: servers move.
        self._address = None
        raise found

    def close(self) -> None:
        """Close idle connections; a request that is under way ends by itself."""
        self._client.rest_client.pool_manager.clear()

    def _origin(self, deadline: float) -> str:
        address = self._address
        if address is None:
            self._address = address = self._checked(deadline)
        return address.origin

    def _checked(self, deadline: float) -> CheckedAddress:
        """The address, found out in a thread of its own: a resolver knows no deadline."""
        found: list[CheckedAddress | Exception] = []

        def look() -> None:
            try:
                found.append(check_address(self._url, self._allowed, self._resolve))
            except (Invalid, ClusterUnavailable) as error:
                found.append(error)

        thread = threading.Thread(target=look, name="waybill-resolve", daemon=True)
        thread.start()
        thread.join(max(0.0, min(self.timeouts.connect, deadline - time.monotonic())))
        if not found:
            raise ClusterUnavailable(Unavailable.NAME_UNKNOWN, detail="the resolver is silent")
        if isinstance(found[0], Invalid):
            raise ClusterUnavailable(Unavailable.EGRESS_REFUSED, detail=str(found[0]))
        if isinstance(found[0], CheckedAddress):
            return found[0]
        raise found[0]

    def _exchange(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | dict[str, Any] | None,
        largest: int,
        deadline: float,
    ) -> Answer:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        patience = (min(self.timeouts.connect, left), min(self.timeouts.first_byte, left))
        response: urllib3.BaseHTTPResponse = self._client.rest_client.request(  # type: ignore[no-untyped-call]  # generated code
            method, url, headers=headers, body=body, _request_timeout=patience
        ).response
        try:
            content = _read(response, largest)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return Answer(
            response.status,
            {name.lower(): value for name, value in response.headers.items()},
            content,
        )


def _headers(connection: Connection, authority: str) -> dict[str, str]:
    headers = {"Host": authority, "Accept": "application/json", "User-Agent": "waybill"}
    if connection.token:
        headers["Authorization"] = f"Bearer {connection.token}"
    return headers


def _api_client(connection: Connection, host: str) -> ApiClient:
    """The official client with TLS of our own, and without proxies, retries or redirects."""
    configuration = Configuration(
        host=connection.server,
        proxy="",
        no_proxy="",
        retries=False,
        connection_pool_maxsize=POOL,
        tls_server_name=connection.tls_server_name or host,
    )
    client = ApiClient(configuration)
    try:
        client.rest_client.pool_manager.connection_pool_kw["ssl_context"] = context_for(connection)
    except (OSError, ValueError) as error:
        raise ClusterUnavailable(Unavailable.TLS_FAILED, detail=str(error)) from error
    return client


def _read(response: urllib3.BaseHTTPResponse, largest: int) -> bytes:
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        raise ClusterUnavailable(Unavailable.NOT_KUBERNETES)
    length = response.headers.get("content-length", "")
    if length.isdigit() and int(length[:18]) > largest:
        raise _too_large(largest)
    content = bytearray()
    while chunk := response.read(_CHUNK, decode_content=True):
        content += chunk
        if len(content) > largest or _is_bomb(len(content), response.tell()):
            raise _too_large(largest)
    return bytes(content)


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > _RATIO_COUNTS_FROM and unpacked > _HIGHEST_RATIO * packed


def _too_large(largest: int) -> ClusterUnavailable:
    return ClusterUnavailable(Unavailable.ANSWER_TOO_LARGE, limit=largest)
