"""Asking a route what somebody wants to know, and telling the answer while it comes.

The request is bounded as a probe's is: so many seconds and bytes, one address, no redirects.
"""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from inference.clusters.client.egress import Network, check_gateway
from inference.clusters.client.errors import ClusterUnavailable
from inference.errors import Refusal
from inference.health.chunks import Chunk, Chunks, error_in
from inference.health.exchange import Answer, CutOff, NotHttp, TooMuch, dialled, request
from inference.health.probing import Target, replica_of
from inference.health.prompts import Prompt
from inference.health.tally import Tally
from inference.messages import Message
from inference.messages import trials as messages
from inference.observation.summaries import text

SECONDS = 60.0
DIAL_SECONDS = 10.0
WORDS_SECONDS = 5.0
PIECES_PER_TOKEN = 2
"""An engine may cut a token in two; one that sends more does not honour what was asked."""
OK = 200
_MULTIPLE, _BAD = 300, 400
_STREAM = "text/event-stream"

_BY_STATUS = {
    401: messages.NOT_ADMITTED,
    403: messages.NOT_ADMITTED,
    400: messages.NOT_TAKEN,
    413: messages.NOT_TAKEN,
    422: messages.NOT_TAKEN,
    429: messages.SHED,
    503: messages.NO_REPLICA,
    504: messages.GATEWAY_TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked, where, and how a pod is called that is known by its IP alone."""

    target: Target
    prompt: Prompt
    networks: tuple[Network, ...]
    pods: Mapping[str, str] = field(default_factory=dict[str, str])
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Told:
    """What is new: the replica at first (empty: not named), then pieces; and the figures so far."""

    tally: Tally
    replica: str | None = None
    chunk: Chunk = field(default_factory=Chunk)


async def ask(order: Order) -> AsyncGenerator[Told, None]:
    """The answer as it comes. Raises Refusal, with what to do next, wherever it does not."""
    ip = await _checked(order.target, order.networks)
    now = asyncio.get_running_loop().time
    tally = Tally(now())
    deadline = tally.began + order.seconds
    with _worded(order, tally):
        target = order.target
        name = target.hostname if target.is_tls else ""
        dial_by = min(deadline, tally.began + DIAL_SECONDS)
        dialling = dialled(
            ip, target.port, server_name=name, ca_pem=target.ca_pem, deadline=dial_by
        )
        async with dialling as (reader, writer):
            writer.write(_request(order))
            answer = Answer(reader)
            await answer.head(deadline)
            await _check(answer, order, deadline)
            yield Told(tally, replica_of(answer.headers, order.pods))
            chunks = Chunks()
            async for data in answer.body(deadline):
                for chunk in chunks.take(data):
                    tally.take(chunk, now())
                    yield Told(tally, chunk=chunk)
                if tally.pieces > PIECES_PER_TOKEN * order.prompt.max_tokens:
                    raise TooMuch
                if chunks.is_done:
                    return
            if not tally.finish:
                raise CutOff


async def _checked(target: Target, networks: tuple[Network, ...]) -> str:
    """The address to dial. A name is looked up aside: that may take as long as DNS likes."""
    try:
        async with asyncio.timeout(DIAL_SECONDS):
            return await asyncio.to_thread(check_gateway, target.address, target.port, networks)
    except ClusterUnavailable as unknown:
        raise _unreachable(target, "DNS does not know this name") from unknown
    except TimeoutError as silence:
        raise _unreachable(target, "DNS does not answer") from silence
    except Refusal as refusal:
        raise Refusal(messages.NOT_DIALLED, reason=str(refusal)) from refusal


def _unreachable(target: Target, reason: str) -> Refusal:
    return Refusal(messages.UNREACHABLE, address=target.address, reason=reason)


def _request(order: Order) -> bytes:
    target = order.target
    body = json.dumps(order.prompt.body(target.model)).encode()
    headers = {"Content-Type": "application/json", "Accept": _STREAM}
    return request(target.hostname, f"{target.path_prefix}/v1/chat/completions", body, headers)


async def _check(answer: Answer, order: Order, deadline: float) -> None:
    """Raises Refusal unless the answer is a stream of events."""
    if answer.status != OK:
        raise _refusal(answer.status, await _words(answer, deadline), order.target)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _STREAM:
        raise Refusal(messages.NOT_A_STREAM, kind=text(kind, 60) or "of no kind")


async def _words(answer: Answer, deadline: float) -> bytes:
    """What is said beside a status: as much of it as comes, and soon."""
    soon = min(deadline, asyncio.get_running_loop().time() + WORDS_SECONDS)
    found = b""
    with suppress(OSError, CutOff, NotHttp, TooMuch):
        async for data in answer.body(soon):
            found += data
    return found


def _refusal(status: int, body: bytes, target: Target) -> Refusal:
    found = _document(body)
    reason = error_in(found) if found else text(body[:200].decode(errors="replace"), 200)
    params: dict[str, Any] = {"status": status, "reason": reason or "nothing else"}
    if status == 404:  # noqa: PLR2004  (of the protocol)
        if found:  # a gateway has no words for it
            return Refusal(messages.NO_MODEL, model=target.model, **params)
        return Refusal(messages.NO_ROUTE, hostname=target.hostname, path=target.path_prefix)
    if _MULTIPLE <= status < _BAD:
        return Refusal(messages.REDIRECTED, status=status)
    return Refusal(_BY_STATUS.get(status, messages.REFUSED), **params)


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def _worded(order: Order, tally: Tally) -> Iterator[None]:
    """What goes wrong on the way, as a Refusal."""
    target = order.target
    try:
        yield
    except TimeoutError as error:
        slow: Message = messages.NO_TOKEN_YET if tally.first_at is None else messages.TOO_SLOW
        raise Refusal(slow, seconds=f"{order.seconds:g}") from error
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message.rstrip(".")
        raise Refusal(messages.NOT_TRUSTED, hostname=target.hostname, reason=reason) from error
    except NotHttp as error:
        raise Refusal(messages.NOT_HTTP, address=target.address) from error
    except TooMuch as error:
        raise Refusal(messages.TOO_MUCH) from error
    except CutOff as error:
        raise Refusal(messages.CUT_OFF) from error
    except OSError as error:
        if tally.first_at is not None:
            raise Refusal(messages.CUT_OFF) from error
        raise _unreachable(target, _word_of(error)) from error


def _word_of(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return text(error.reason, 60).replace("_", " ").lower() or "TLS failed"
    word = os.strerror(error.errno) if error.errno else error.strerror
    return (word or "the connection was closed").lower()
