"""Asking a Prometheus-compatible API: instant queries at one time, within one budget.

One connection per asking, to the address that was checked. No redirects, capped answers, and one
deadline over all of it: a source that is slow costs a worker no more than that.
"""

import http.client
import json
import math
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from inference.clusters.authorities import trusting
from inference.clusters.client.egress import Web, check_metrics
from inference.clusters.client.errors import ClusterUnavailable
from inference.clusters.client.redaction import quotable, without
from inference.errors import Refusal
from inference.health.deadlines import CutOff
from inference.health.measurements import Answered, Labels
from inference.health.remarks import Remarks
from inference.messages import metrics as messages

SECONDS = 8.0
LARGEST = 4 * 1024 * 1024
_PATH = "/api/v1/query"
_UNAUTHORIZED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}


@dataclass(frozen=True, slots=True)
class Door:
    """Where to ask, whom to trust there, and who asks."""

    url: str
    ca_pem: str = ""
    bearer: str = field(default="", repr=False)


class Asking:
    """Queries within `seconds`, one after the other. Raises Refusal where there is no answer."""

    def __init__(
        self,
        door: Door,
        networks: Iterable[IPv4Network | IPv6Network],
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._door, self._networks, self._seconds = door, tuple(networks), seconds
        self._ends_at = 0.0

    def __enter__(self) -> Self:
        self._ends_at = time.monotonic() + self._seconds
        try:
            web = check_metrics(self._door.url, self._networks)
        except ClusterUnavailable:
            raise Refusal(messages.UNREACHABLE, reason="DNS does not know its name") from None
        except Refusal as refusal:
            raise Refusal(messages.NOT_DIALLED, reason=str(refusal)) from None
        self._web, self._headers = web, _headers(web, self._door.bearer)
        self._connection = http.client.HTTPConnection(web.ip, web.server.port, self._left())
        # It would connect again by itself, and without TLS.
        self._connection.auto_open = 0
        self._cut = CutOff(self._connection, self._seconds)
        try:
            self._dial()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cut.cancel()
        self._connection.close()

    def query(self, expression: str, at: float) -> Answered:
        """The vector at a time of Unix; what is no number is left out."""
        return _answered(self._ask(expression, at), self._secrets)

    def _dial(self) -> None:
        self._connection.timeout = self._left()
        try:
            tls = trusting(self._door.ca_pem) if self._web.is_tls else None
            self._cut.dial(tls, self._web.server.host)
        except ssl.SSLCertVerificationError as error:
            raise Refusal(messages.NOT_TRUSTED, reason=error.verify_message) from None
        except OSError as error:
            raise self._lost(error) from None

    def _ask(self, expression: str, at: float) -> bytes:
        address = (
            f"{self._web.server.path}{_PATH}?{urlencode({'query': expression, 'time': _text(at)})}"
        )
        if self._connection.sock is None:
            self._dial()  # it closes after each answer
        try:
            self._connection.request("GET", address, headers=self._headers)
            response = self._connection.getresponse()
            body = response.read(LARGEST + 1)
        except (OSError, http.client.HTTPException, AttributeError) as error:
            raise self._lost(error) from None
        if len(body) > LARGEST:
            raise Refusal(messages.TOO_LARGE, limit=LARGEST)
        if response.status in _UNAUTHORIZED:
            raise Refusal(messages.UNAUTHORIZED, status=response.status)
        if response.status in _REFUSED:
            raise self._refusal(body, response.status)
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Refusal(messages.FAILED, status=response.status)
        if response.status != HTTPStatus.OK:
            raise Refusal(messages.NOT_PROMETHEUS, status=response.status)
        return body

    def _left(self) -> float:
        return max(0.1, self._ends_at - time.monotonic())

    def _lost(self, error: Exception) -> Refusal:
        if isinstance(error, TimeoutError) or time.monotonic() >= self._ends_at:
            return Refusal(messages.TOO_SLOW, seconds=self._seconds)
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Refusal(messages.UNREACHABLE, reason=quotable(str(reason)))

    def _refusal(self, body: bytes, status: int) -> Refusal:
        try:
            reason = str(json.loads(body)["error"])
        except (ValueError, LookupError, TypeError, RecursionError):
            return Refusal(messages.NOT_PROMETHEUS, status=status)
        return Refusal(messages.REFUSED, reason=quotable(without(reason, self._secrets)))

    @property
    def _secrets(self) -> list[str]:
        return [self._door.bearer] if self._door.bearer else []


def _headers(web: Web, bearer: str) -> dict[str, str]:
    usual = http.client.HTTPS_PORT if web.is_tls else http.client.HTTP_PORT
    host = f"[{web.server.host}]" if ":" in web.server.host else web.server.host
    named = host if web.server.port == usual else f"{host}:{web.server.port}"
    headers = {"Host": named, "Accept": "application/json", "User-Agent": "waybill"}
    return {**headers, "Authorization": f"Bearer {bearer}"} if bearer else headers


def _text(at: float) -> str:
    return str(int(at)) if at == int(at) else f"{at:.3f}"


def _answered(body: bytes, secrets: Iterable[str]) -> Answered:
    try:
        answer = json.loads(body)
        data = answer["data"]
        rows = {"vector": data["result"]}[data["resultType"]]
        read = [(_labels(one["metric"]), float(one["value"][1])) for one in rows]
        remarks = Remarks.of(answer, secrets)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Refusal(messages.NOT_PROMETHEUS, status=int(HTTPStatus.OK)) from None
    finite = {labels: value for labels, value in read if math.isfinite(value)}
    return Answered(finite, remarks)


def _labels(metric: dict[str, Any]) -> Labels:
    return tuple(sorted((str(name), str(value)) for name, value in metric.items()))
