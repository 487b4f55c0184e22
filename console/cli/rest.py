"""One person's or robot's view of the REST API, by the standard library alone.

No redirect is followed and nothing but loopback is asked in the clear: a token goes to the server
that was named, and to nobody else.
"""

import http.client
import json
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from console.cli.failures import Exit, Failure, Refused

SECONDS = 30.0
PREFIX = "/api/v1"
LARGEST = 64 * 1024 * 1024
YAML = "application/yaml"
JSON = "application/json"


class Rest:
    """Raises Refused for what the API refuses, Failure where it does not answer."""

    def __init__(self, address: str, token: str = "", *, ca: Path | None = None) -> None:
        self._server = _checked(address)
        self._address = address
        self._token = token
        self._ca = ca

    def get(self, path: str, query: dict[str, str] | None = None) -> Any:
        return self._json("GET", _with(path, query))

    def get_text(self, path: str) -> str:
        """What is answered as YAML, as it is."""
        return self._send("GET", path, accept=YAML)[1].decode()

    def pages(
        self, path: str, query: dict[str, str] | None = None, *, most: int | None = None
    ) -> Iterator[Any]:
        """Every item of a list, page after page; at most `most`."""
        given, following = 0, _with(path, query)
        while following:
            page = self._json("GET", following)
            for item in page["items"]:
                if given == most:
                    return
                given += 1
                yield item
            following = (page["next"] or "").removeprefix(PREFIX)

    def post(self, path: str, body: Any = None, *, version: int | None = None) -> Any:
        return self._json("POST", path, {} if body is None else body, version)

    def put(self, path: str, body: Any, *, version: int | None = None) -> Any:
        return self._json("PUT", path, body, version)

    def patch(self, path: str, body: Any, *, version: int | None = None) -> Any:
        return self._json("PATCH", path, body, version)

    def delete(self, path: str, *, version: int | None = None) -> Any:
        return self._json("DELETE", path, version=version)

    def _json(self, method: str, path: str, body: Any = None, version: int | None = None) -> Any:
        status, answer = self._send(method, path, body, version)
        try:
            return json.loads(answer or b"null")
        except ValueError:
            raise self._stranger(status) from None

    def _send(
        self,
        method: str,
        path: str,
        body: Any = None,
        version: int | None = None,
        accept: str = JSON,
    ) -> tuple[int, bytes]:
        headers = {"Accept": accept, "User-Agent": "waybill"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        data = None
        if body is not None:
            headers["Content-Type"] = JSON
            data = json.dumps(body).encode()
        status, answer = self._exchange(method, path, data, headers)
        if status >= http.client.MULTIPLE_CHOICES:
            raise self._refusal(status, answer)
        return status, answer

    def _exchange(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request(method, f"{self._server.path}{PREFIX}{path}", data, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(LARGEST)
        except (OSError, http.client.HTTPException) as error:
            raise Failure(
                f"{self._address} does not answer: {_reason(error)}. Is WAYBILL_URL right?",
                Exit.NO_ANSWER,
            ) from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._server.hostname or "", self._server.port
        if self._server.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=SECONDS)
        try:
            context = ssl.create_default_context(cafile=self._ca)
        except OSError as error:
            raise Failure(f"{self._ca} cannot be read as certificates: {error}.") from None
        return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)

    def _refusal(self, status: int, answer: bytes) -> Failure:
        try:
            problem = json.loads(answer)
        except ValueError:
            return self._stranger(status)
        return Refused(status, problem) if isinstance(problem, dict) else self._stranger(status)

    def _stranger(self, status: int) -> Failure:
        return Failure(
            f"{self._address} answers with HTTP {status} and no document of Waybill's."
            " Is WAYBILL_URL the address of the console, without /api?",
            Exit.NO_ANSWER,
        )


def _with(path: str, query: dict[str, str] | None) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _checked(address: str) -> SplitResult:
    try:
        parts = urlsplit(address.rstrip("/"))
        usable = parts.scheme in {"http", "https"} and parts.hostname and not parts.query
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise Failure(f"{address!r} is no address such as https://waybill.example.")
    if parts.username or parts.password:
        raise Failure("Put the token into WAYBILL_TOKEN, not into the address.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise Failure(f"{address} would send the token in the clear; use https.")
    return parts


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing within {SECONDS:.0f} s"
    said = getattr(error, "strerror", None) or str(error)
    return (said or type(error).__name__).rstrip(".")
