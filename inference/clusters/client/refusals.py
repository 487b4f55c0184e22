"""Says why a cluster's answer is a refusal, from its status, causes and words. Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from inference.clusters.client.answers import Answer, retry_after
from inference.clusters.client.errors import (
    Cause,
    ClusterUnavailable,
    FieldConflict,
    ManifestRejected,
    Rejected,
    Unavailable,
)
from inference.clusters.client.redaction import without

_MOST_CAUSES = 50
_CANNOT = re.compile(r'cannot ([a-z]{1,30}) (?:resource "([^"]{1,200})"|path "([^"]{1,200})")')
_MANAGER = re.compile(r'conflict with "([^"]{1,200})')
_UID_MOVED = re.compile(r"uid mismatch|UID in (?:the )?precondition", re.IGNORECASE)
_ADMISSION = re.compile(r"admission webhook \"|ValidatingAdmissionPolicy|violates PodSecurity")
_UNREADABLE = re.compile(r"failed to create typed (?:patch|live) object|strict decoding error")
_TOO_LARGE = re.compile(r"request is too large|message larger than max")
_BY_STATUS: dict[int, Unavailable] = {
    HTTPStatus.UNAUTHORIZED: Unavailable.CREDENTIAL_EXPIRED,
    HTTPStatus.TOO_MANY_REQUESTS: Unavailable.THROTTLED,
    HTTPStatus.GONE: Unavailable.LIST_EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request was about, for the words of its refusal."""

    verb: str
    resource: str = ""
    api_version: str = ""
    namespace: str = ""
    name: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Status:
    """The parts of a `Status` that tell one refusal from another, each of the type it should be."""

    message: str = ""
    reason: str = ""
    name: str = ""
    kind: str = ""
    causes: tuple[tuple[str, Cause], ...] = ()

    def has_cause(self, reason: str) -> bool:
        return any(one == reason for one, _ in self.causes)


def is_missing_object(answer: Answer, asked: Asked) -> bool:
    """Whether this 404 speaks of the object itself, and not of its namespace or its kind."""
    status = _status(answer)
    return (
        answer.status == HTTPStatus.NOT_FOUND
        and status is not None
        and status.name == asked.name
        and not (status.kind == "namespaces" and asked.resource != "namespaces")
    )


def is_success(answer: Answer) -> bool:
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES


def refusal(answer: Answer, asked: Asked) -> ClusterUnavailable | ManifestRejected | None:
    """Why this answer is a refusal; None for a success."""
    if is_success(answer):
        return None
    status = _status(answer)
    spoken = status or _Status()
    found = _unavailable(answer, spoken, asked)
    if found is not None:
        return found
    if status is None and not _is_unknown_path(answer):
        return ClusterUnavailable(Unavailable.NOT_KUBERNETES, status=answer.status)
    return _rejected(answer, spoken, asked)


def _status(answer: Answer) -> _Status | None:
    value = answer.json()
    if not isinstance(value, dict) or value.get("kind") != "Status":
        return None
    details = value.get("details")
    details = details if isinstance(details, dict) else {}
    causes = details.get("causes")
    return _Status(
        message=_text(value.get("message")),
        reason=_text(value.get("reason")),
        name=_text(details.get("name")),
        kind=_text(details.get("kind")),
        causes=tuple(_causes(causes if isinstance(causes, list) else [])),
    )


def _causes(causes: list[Any]) -> Iterable[tuple[str, Cause]]:
    for cause in causes[:_MOST_CAUSES]:
        if isinstance(cause, dict):
            yield (
                _text(cause.get("reason")),
                Cause(_text(cause.get("field")), _text(cause.get("message"))),
            )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_unknown_path(answer: Answer) -> bool:
    """Kubernetes answers a path that nothing serves with one line of plain text."""
    return answer.status == HTTPStatus.NOT_FOUND and answer.body.strip() == b"404 page not found"


def _unavailable(answer: Answer, status: _Status, asked: Asked) -> ClusterUnavailable | None:
    reason = _BY_STATUS.get(answer.status)
    if answer.status < HTTPStatus.BAD_REQUEST:
        reason = Unavailable.REDIRECTED
    elif answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not _is_about_the_object(status):
        reason = Unavailable.SERVER_ERROR
    if reason is None:
        return None
    return ClusterUnavailable(
        reason,
        retry_after(answer.headers),
        without(status.message, asked.secrets),
        status=answer.status,
    )


def _is_about_the_object(status: _Status) -> bool:
    """API servers answer 500 to an object with a field that its schema lacks."""
    return bool(_UNREADABLE.search(status.message) or _TOO_LARGE.search(status.message))


def _rejected(answer: Answer, status: _Status, asked: Asked) -> ManifestRejected:
    classify = _CLASSIFY.get(answer.status, _other)
    reason, params = classify(answer, status, asked)
    conflicts = _conflicts(status)
    return ManifestRejected(
        reason,
        without(status.message, asked.secrets) or f"HTTP {answer.status}",
        causes=[
            Cause(without(c.field, asked.secrets), without(c.message, asked.secrets))
            for _, c in status.causes
        ],
        conflicts=conflicts,
        namespace=asked.namespace,
        resource=params.pop("resource", asked.resource),
        verb=params.pop("verb", asked.verb),
        api_version=asked.api_version,
        managers=", ".join(sorted({conflict.manager for conflict in conflicts})),
        fields=", ".join(dict.fromkeys(c.field for _, c in status.causes if c.field)),
    )


_Found = tuple[Rejected, dict[str, str]]


def _forbidden(answer: Answer, status: _Status, asked: Asked) -> _Found:
    del answer, asked
    if status.has_cause("NamespaceTerminating"):
        return Rejected.NAMESPACE_TERMINATING, {}
    if "exceeded quota" in status.message:
        return Rejected.QUOTA_EXCEEDED, {}
    if "attempting to grant RBAC permissions not currently held" in status.message:
        return Rejected.RIGHTS_NOT_HELD, {}
    cannot = _CANNOT.search(status.message)
    if cannot:
        return Rejected.FORBIDDEN, {"verb": cannot[1], "resource": cannot[2] or cannot[3]}
    return Rejected.DENIED_BY_ADMISSION, {}


def _not_found(answer: Answer, status: _Status, asked: Asked) -> _Found:
    if status.kind == "namespaces" and asked.resource != "namespaces":
        return Rejected.NAMESPACE_MISSING, {}
    if _is_unknown_path(answer) or not status.name:
        return Rejected.KIND_NOT_SERVED, {}
    return Rejected.NOT_FOUND, {}


def _conflict(answer: Answer, status: _Status, asked: Asked) -> _Found:
    del answer, asked
    if status.has_cause("FieldManagerConflict"):
        return Rejected.FIELD_CONFLICT, {}
    if _UID_MOVED.search(status.message):
        return Rejected.UID_MISMATCH, {}
    if status.reason == "AlreadyExists":
        return Rejected.ALREADY_EXISTS, {}
    return Rejected.CHANGED, {}


def _invalid(answer: Answer, status: _Status, asked: Asked) -> _Found:
    del answer, asked
    fields = {cause.field for _, cause in status.causes}
    if fields == {"metadata.uid"}:
        return Rejected.UID_MISMATCH, {}
    if _ADMISSION.search(status.message):
        return Rejected.DENIED_BY_ADMISSION, {}
    if fields and all("immutable" in cause.message for _, cause in status.causes):
        return Rejected.IMMUTABLE, {}
    if status.has_cause("FieldValueTooLong") and fields == {"[]"}:
        return Rejected.TOO_LARGE, {}
    return Rejected.INVALID, {}


def _other(answer: Answer, status: _Status, asked: Asked) -> _Found:
    del asked
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or _TOO_LARGE.search(status.message):
        return Rejected.TOO_LARGE, {}
    if _ADMISSION.search(status.message):
        return Rejected.DENIED_BY_ADMISSION, {}
    if answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR}:
        return Rejected.MALFORMED, {}
    return Rejected.REFUSED, {}


_CLASSIFY: dict[int, Callable[[Answer, _Status, Asked], _Found]] = {
    HTTPStatus.FORBIDDEN: _forbidden,
    HTTPStatus.NOT_FOUND: _not_found,
    HTTPStatus.CONFLICT: _conflict,
    HTTPStatus.UNPROCESSABLE_ENTITY: _invalid,
}


def _conflicts(status: _Status) -> list[FieldConflict]:
    found = []
    for reason, cause in status.causes:
        manager = _MANAGER.search(cause.message)
        if reason == "FieldManagerConflict" and manager:
            found.append(FieldConflict(manager[1], cause.field))
    return found
