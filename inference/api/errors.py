"""What is refused becomes a problem document (RFC 9457) here, and nowhere else."""

from collections.abc import Mapping
from typing import Any, cast

import structlog
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404, HttpResponse
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response

from inference.api.refusals import Declined, missing
from inference.api.rendering import JSONRenderer, to_json
from inference.errors import Conflict, Invalid, NotAllowed, Refusal
from inference.messages import access, changes, connecting, find
from inference.messages import api as messages

PROBLEM = "application/problem+json"

_log = structlog.get_logger("waybill.api")

_STATUS_OF_TYPE: tuple[tuple[type[Refusal], int], ...] = (
    (NotAllowed, 403),
    (Invalid, 422),
    (Conflict, 409),
)
_STATUS_OF_CODE = {
    access.NOT_SIGNED_IN.code: 401,
    access.TOKEN_UNKNOWN.code: 401,
    access.NOT_FOUND.code: 404,
    access.TOO_MANY_FAILURES.code: 429,
}
_LOST_UPDATES = {connecting.VERSION_MOVED_ON.code, changes.CHANGE_MOVED_ON.code}


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to whatever a view raised. What nobody foresaw is logged here, once."""
    view, request = context.get("view"), context.get("request")
    refusal, headers = _refusal(error, view, request)
    if refusal is None:
        _log.error("unexpected", exc_info=error)
        refusal = Declined(500, messages.UNEXPECTED, request_id=request_id())
    return answer(refusal, cast("Request | None", request), headers)


def answer(
    refusal: Refusal, request: Request | None, headers: Mapping[str, str] | None = None
) -> Response:
    """The problem document of `refusal`, in JSON whatever else the view renders."""
    status = status_of(refusal)
    if request is not None:
        if refusal.code in _LOST_UPDATES and "HTTP_IF_MATCH" in request.META:
            status = 412
        request.accepted_renderer = JSONRenderer()
        request.accepted_media_type = PROBLEM
    more = {**getattr(refusal, "headers", {}), **(headers or {})}
    return Response(problem(refusal, status), status, content_type=PROBLEM, headers=more)


def refuse_early(error: Exception | None) -> HttpResponse:
    """The same for a request that came to no view, such as one to a host that is not ours."""
    told = (
        messages.HOST_UNKNOWN if isinstance(error, DisallowedHost) else messages.REQUEST_UNREADABLE
    )
    return HttpResponse(to_json(problem(Declined(400, told), 400)), PROBLEM, 400)


def status_of(refusal: Refusal) -> int:
    if isinstance(refusal, Declined):
        return refusal.status
    if refusal.code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[refusal.code]
    return next((status for kind, status in _STATUS_OF_TYPE if isinstance(refusal, kind)), 409)


def problem(refusal: Refusal, status: int) -> dict[str, Any]:
    """`type` is stable for a code, `detail` is the sentence with this case's parameters."""
    document: dict[str, Any] = {
        "type": f"/problems/{refusal.code}",
        "title": title_of(refusal.code),
        "status": status,
        "detail": str(refusal),
        "code": refusal.code,
        "params": refusal.params,
        "request_id": request_id(),
    }
    if isinstance(refusal, Invalid) and refusal.fields:
        document["fields"] = {
            path: [_fault(one) for one in faults] for path, faults in refusal.fields.items()
        }
    return document


def title_of(code: str) -> str:
    return code.replace("-", " ").capitalize()


def request_id() -> str:
    found: str = structlog.contextvars.get_contextvars().get("request_id", "")
    return found


def _fault(refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.code, "detail": str(refusal), "params": refusal.params}


def _refusal(
    error: Exception, view: Any, request: Request | None
) -> tuple[Refusal | None, dict[str, str]]:
    headers: dict[str, str] = {}
    if isinstance(error, Refusal):
        refusal: Refusal | None = error
    elif isinstance(error, ValidationError):
        refusal = of_validation(error)
    else:
        refusal = _of_framework(error, view, request)
    if refusal is not None and status_of(refusal) == 401:  # noqa: PLR2004  (RFC 9110 asks for it)
        headers["WWW-Authenticate"] = _challenge(refusal)
    if refusal is not None and "seconds" in refusal.params and status_of(refusal) == 429:  # noqa: PLR2004  (likewise)
        headers["Retry-After"] = str(refusal.params["seconds"])
    return refusal, headers


def _challenge(refusal: Refusal) -> str:
    known = refusal.code == access.NOT_SIGNED_IN.code
    return 'Bearer realm="waybill"' + ("" if known else ', error="invalid_token"')


def of_validation(error: ValidationError) -> Invalid:
    """What a table refuses, at the field where it does."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    fields = {
        "" if name == "__all__" else name: [
            Refusal(find("field-other"), reason=text.rstrip(".")) for text in texts
        ]
        for name, texts in by_field.items()
    }
    return Invalid(messages.BODY_INVALID, fields=fields, count=len(fields))


def _of_framework(error: Exception, view: Any, request: Request | None) -> Declined | None:
    """Django's and DRF's own exceptions, in our words."""
    match error:
        case drf.NotAuthenticated():
            return Declined(401, access.NOT_SIGNED_IN)
        case drf.AuthenticationFailed():
            return Declined(401, access.TOKEN_UNKNOWN)
        case PermissionDenied() | drf.PermissionDenied():
            return Declined(403, messages.CSRF_FAILED, reason=str(error))
        case Http404() | drf.NotFound():
            return missing("thing")
        case drf.MethodNotAllowed():
            return Declined(405, messages.METHOD_UNKNOWN, method=request.method if request else "")
        case SuspiciousOperation():
            return Declined(400, messages.QUERY_MALFORMED)
        case drf.NotAcceptable() | drf.UnsupportedMediaType():
            return _of_negotiation(error, view)
        case _:
            return None


def _of_negotiation(error: drf.APIException, view: Any) -> Declined:
    if isinstance(error, drf.NotAcceptable):
        offered = [str(one.media_type) for one in view.get_renderers()] if view else []
        return Declined(406, messages.NOT_ACCEPTABLE, offered=", ".join(offered))
    taken = [str(one.media_type) for one in view.get_parsers()] if view else []
    given = str(getattr(error, "detail", ""))[:100]
    return Declined(415, messages.MEDIA_TYPE_UNKNOWN, taken=", ".join(taken), given=given)
