"""Asking a route for one real token, through the gateway that its clients use.

The request is small and bounded: one token, ten seconds, a capped answer, no redirects.
"""

import http.client
import json
import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import Any

from inference.clusters.authorities import trusting
from inference.clusters.client.egress import check_gateway
from inference.clusters.client.errors import ClusterUnavailable
from inference.errors import Refusal
from inference.health.deadlines import CutOff
from inference.health.exchange import NobodyThere
from inference.messages import Message
from inference.messages import health as messages
from inference.observation.summaries import text

SECONDS = 10
LARGEST = 256 * 1024
REPLICA_HEADERS = (
    "x-inference-pod",
    "x-gateway-destination-endpoint-served",
    "x-gateway-destination-endpoint",
)
"""From an engine, or from the picker through a gateway that passes on whom it chose."""
NAMELESS: Mapping[str, str] = MappingProxyType({})
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
    ca_pem: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """Milliseconds until the answer was there, or why there is none."""

    milliseconds: int | None
    message: Message | None = None
    params: dict[str, Any] | None = None


def ask(
    target: Target,
    networks: Iterable[IPv4Network | IPv6Network],
    *,
    seconds: float = SECONDS,
) -> Answer:
    """One completion of one token. Raises nothing: what goes wrong is the answer."""
    try:
        ip = check_gateway(target.address, target.port, networks)
    except ClusterUnavailable:
        params = {"address": target.address, "reason": "DNS does not know its name"}
        return Answer(None, messages.UNREACHABLE, params)
    except Refusal as refusal:
        return Answer(None, messages.NOT_DIALLED, {"reason": str(refusal)})
    started = time.monotonic()
    error: Exception | None = None
    try:
        status, headers, body = _request(ip, target, seconds)
    except (OSError, http.client.HTTPException) as problem:
        error = problem
    elapsed = time.monotonic() - started
    is_late = isinstance(error, TimeoutError) or elapsed >= seconds
    if is_late and not isinstance(error, NobodyThere):
        return Answer(None, messages.TOO_SLOW, {"seconds": seconds})
    if error is not None:
        return _failure(error, target)
    if status != OK:
        return Answer(None, messages.REFUSED, {"status": status, "reason": _reason(body)})
    model = _model_of(body)
    if model is None:
        return Answer(None, messages.NOT_A_COMPLETION, {})
    params = {"model": text(model, 100), "replica": replica_of(headers)}
    return Answer(round(elapsed * 1000), None, params)


def replica_of(headers: Mapping[str, str], pods: Mapping[str, str] = NAMELESS) -> str:
    """The pod that answered, where the answer names it or its address; else nothing."""
    given = next((headers[name] for name in REPLICA_HEADERS if headers.get(name)), "")
    ip = given.rpartition(":")[0].strip("[]")
    return text(pods.get(ip, given), 100)


def _failure(error: Exception, target: Target) -> Answer:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message.rstrip(".")
        return Answer(None, messages.NOT_TRUSTED, {"hostname": target.hostname, "reason": reason})
    reason = str(error.strerror) if isinstance(error, NobodyThere) else type(error).__name__
    params = {"address": target.address, "reason": reason}
    return Answer(None, messages.UNREACHABLE, params)


def _request(ip: str, target: Target, seconds: float) -> tuple[int, dict[str, str], bytes]:
    body = {
        "model": target.model,
        "max_tokens": 1,
        "messages": [{"role": "user", "content": "Say one word."}],
    }
    connection = http.client.HTTPConnection(ip, target.port, timeout=seconds)
    tls = trusting(target.ca_pem) if target.is_tls else None
    with closing(connection), CutOff(connection, seconds) as cut:
        cut.dial(tls, target.hostname)
        connection.request(
            "POST",
            f"{target.path_prefix}/v1/chat/completions",
            body=json.dumps(body),
            headers={"Host": target.hostname, "Content-Type": "application/json"},
        )
        response = connection.getresponse()
        read = response.read(LARGEST)
        headers = {key.lower(): value for key, value in response.headers.items()}
        return response.status, headers, read


def _model_of(body: bytes) -> str | None:
    """The model that answered, if the body is a completion in which there is a token."""
    try:
        found = json.loads(body)
        return str(found["model"]) if _has_token(found) else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _has_token(completion: dict[str, Any]) -> bool:
    """What a model thinks counts, and so does a count: one token need not be a whole letter."""
    message = completion["choices"][0]["message"]
    texts = [message.get(name) for name in ("content", "reasoning_content", "reasoning")]
    counted = (completion.get("usage") or {}).get("completion_tokens")
    return any(texts) or (isinstance(counted, int) and counted > 0)


def _reason(body: bytes) -> str:
    words = body[:200].decode(errors="replace")
    return "".join(letter for letter in words if letter.isprintable()).strip() or "nothing else"
