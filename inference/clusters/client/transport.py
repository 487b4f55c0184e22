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
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from kubernetes.client import ApiClient, Configuration

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
from inference.clusters.client.pool import Pool, Reply
from inference.clusters.client.tls import context_for
from inference.errors import Invalid

_FAILURES = (http.client.HTTPException, OSError)


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
        self._turn = 0
        self._headers = _headers(connection, self._server.authority)
        self._client = _api_client(connection, self._server.host, timeouts)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str],
        headers: Mapping[str, str],
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
                url = f"{url}?{_encoded(tuple(query.items()))}"
            return self._exchange(
                method, url, {**self._headers, **headers}, body, largest, deadline
            )
        except _FAILURES as error:
            late = time.monotonic() >= deadline
            found = failures.unavailable(error, is_late=late, within=outer, secrets=self.secrets)
        # The next request asks the resolver again, and checks again: servers move. It goes to the
        # next of them, where there are several.
        self._address = None
        self._turn += 1
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
                found.append(
                    check_address(self._url, self._allowed, self._resolve, turn=self._turn)
                )
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
        reply: Reply = self._client.rest_client.request(  # type: ignore[no-untyped-call]  # generated code
            method, url, headers=headers, body=body, _request_timeout=left
        ).response
        return Answer(reply.status, reply.headers, reply.read(largest))


@lru_cache(maxsize=64)
def _encoded(query: tuple[tuple[str, str], ...]) -> str:
    """All objects of a push are applied under the same options."""
    return urlencode(query)


def _headers(connection: Connection, authority: str) -> dict[str, str]:
    headers = {
        "Host": authority,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "waybill",
    }
    if connection.token:
        headers["Authorization"] = f"Bearer {connection.token}"
    return headers


def _api_client(connection: Connection, host: str, timeouts: Timeouts) -> ApiClient:
    """The official client with connections and TLS of our own."""
    client = ApiClient(Configuration(host=connection.server, proxy="", no_proxy=""))
    try:
        tls = context_for(connection)
    except (OSError, ValueError) as error:
        raise ClusterUnavailable(Unavailable.TLS_FAILED, detail=str(error)) from error
    server_name = connection.tls_server_name or host
    pool: Any = Pool(tls, server_name, timeouts)  # the one method that is called is alike
    client.rest_client.pool_manager = pool
    return client
