"""Asking a route for one real token, through the gateway that its clients use.

The request is small and bounded: one token, ten seconds, a capped answer, no redirects.
"""

import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from inference.clusters.client.egress import check_gateway
from inference.errors import Refusal
from inference.messages import Message
from inference.messages import health as messages

SECONDS = 10
LARGEST = 256 * 1024
REPLICA_HEADERS = ("x-inference-pod", "x-gateway-destination-endpoint-served", "x-inference-port")
OK = 200


@dataclass(frozen=True, slots=True)
class Target:
    """Where a route is asked: the gateway's listener, and what the request names."""

    address: str
    port: int
    is_tls: bool
    hostname: str
    path_prefix: str
    model: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Milliseconds until the answer was there, or why there is none."""

    milliseconds: int | None
    message: Message | None = None
    params: dict[str, Any] | None = None


def ask(target: Target, networks: Iterable[IPv4Network | IPv6Network]) -> Answer:
    """One completion of one token. Raises nothing: what goes wrong is the answer."""
    try:
        ip = check_gateway(target.address, target.port, networks)
    except Refusal as refusal:
        return Answer(None, messages.NOT_DIALLED, {"reason": str(refusal)})
    started = time.monotonic()
    try:
        status, headers, body = _request(ip, target)
    except TimeoutError:
        return Answer(None, messages.TOO_SLOW, {"seconds": SECONDS})
    except (OSError, http.client.HTTPException) as error:
        params = {"address": target.address, "reason": type(error).__name__}
        return Answer(None, messages.UNREACHABLE, params)
    milliseconds = round((time.monotonic() - started) * 1000)
    if status != OK:
        return Answer(None, messages.REFUSED, {"status": status, "reason": _reason(body)})
    model = _model_of(body)
    if model is None:
        return Answer(None, messages.NOT_A_COMPLETION, {})
    replica = next((headers[name] for name in REPLICA_HEADERS if headers.get(name)), "")
    return Answer(milliseconds, None, {"model": model[:100], "replica": replica[:100]})


def _request(ip: str, target: Target) -> tuple[int, dict[str, str], bytes]:
    body = {
        "model": target.model,
        "max_tokens": 1,
        "messages": [{"role": "user", "content": "Say one word."}],
    }
    connection = http.client.HTTPConnection(ip, target.port, timeout=SECONDS)
    sock = socket.create_connection((ip, target.port), timeout=SECONDS)
    if target.is_tls:
        sock = ssl.create_default_context().wrap_socket(sock, server_hostname=target.hostname)
    connection.sock = sock
    try:
        connection.request(
            "POST",
            f"{target.path_prefix}/v1/chat/completions",
            body=json.dumps(body),
            headers={"Host": target.hostname, "Content-Type": "application/json"},
        )
        response = connection.getresponse()
        read = response.read(LARGEST)
        return (
            response.status,
            {key.lower(): value for key, value in response.headers.items()},
            read,
        )
    finally:
        connection.close()


def _model_of(body: bytes) -> str | None:
    """The model that answered, if the body is a completion with a choice."""
    try:
        found = json.loads(body)
        return str(found["model"]) if found["choices"] else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _reason(body: bytes) -> str:
    text = body[:200].decode(errors="replace")
    return "".join(letter for letter in text if letter.isprintable()).strip() or "nothing else"
