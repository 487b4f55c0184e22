"""Names what went wrong between us and a server, from the exceptions of any client library. Pure.

It goes by the standard library's own exceptions, which every client wraps.
"""

import http.client
import ssl
from collections.abc import Iterable, Iterator

from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.client.redaction import without

_EXPIRED = {9, 10}
_WRONG_HOST = {62, 64}
"""OpenSSL's numbers: not yet valid, expired; host name or address differs."""


def unavailable(
    error: BaseException,
    *,
    is_late: bool = False,
    within: BaseException | None = None,
    secrets: Iterable[str] = (),
) -> ClusterUnavailable:
    """`is_late`: the request's own deadline has passed. `within`: what the caller was already
    handling, which is none of our business."""
    chain = tuple(_chain(error, within))
    for one in chain:
        reason = _reason(one)
        if reason is not None:
            break
    else:
        reason = Unavailable.UNREACHABLE
    if is_late and reason in {Unavailable.TIMED_OUT, Unavailable.CUT_OFF}:
        reason = Unavailable.TOO_SLOW
    return ClusterUnavailable(reason, detail=without(str(chain[-1]), secrets))


def _chain(error: BaseException, within: BaseException | None) -> Iterator[BaseException]:
    """The error and what it wraps, the innermost last."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and following is not within and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__ or _wrapped(following)


def _wrapped(error: BaseException) -> BaseException | None:
    return next((part for part in error.args if isinstance(part, BaseException)), None)


def _reason(error: BaseException) -> Unavailable | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return Unavailable.TLS_FAILED
    if isinstance(error, TimeoutError):
        return Unavailable.TIMED_OUT
    if isinstance(error, http.client.IncompleteRead):
        return Unavailable.CUT_OFF
    if isinstance(error, http.client.RemoteDisconnected):
        return Unavailable.UNREACHABLE
    if isinstance(error, http.client.HTTPException):
        return Unavailable.NOT_KUBERNETES
    return None


def _of_certificate(error: ssl.SSLCertVerificationError) -> Unavailable | None:
    code = getattr(error, "verify_code", None)
    if code is None:
        # A client library's own error of this type, which wraps the one that knows.
        return None
    if code in _EXPIRED:
        return Unavailable.TLS_EXPIRED
    if code in _WRONG_HOST:
        return Unavailable.WRONG_HOST
    return Unavailable.TLS_UNTRUSTED
