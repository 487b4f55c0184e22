"""How the simulated API server says no: one exception that carries the `Status` it answers with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
"""One Kubernetes object as plain JSON values."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason among several, at one field."""

    reason: str
    message: str
    field: str = ""

    def entry(self) -> Object:
        entry = {"reason": self.reason, "message": self.message, "field": self.field}
        return {key: value for key, value in entry.items() if value}


class ApiError(Exception):
    """A request that is refused. `headers` go out beside the body."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = dict(details or {})
        self.tells_details = details is not None
        self.headers = dict(headers or {})
        self.metadata: Object = {}

    def status(self) -> Object:
        status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": self.metadata}
        status["status"] = "Failure"
        status["message"] = self.message
        if self.reason:
            status["reason"] = self.reason
        if self.details or self.tells_details:
            status["details"] = self.details
        status["code"] = self.code
        return status


def qualified(plural: str, group: str) -> str:
    return f"{plural}.{group}" if group else plural


def _details(name: str, group: str, kind: str, causes: Sequence[Cause] = ()) -> Object:
    details: Object = {"name": name, "group": group, "kind": kind}
    if causes:
        details["causes"] = [cause.entry() for cause in causes]
    return {key: value for key, value in details.items() if value}


def not_found(plural: str, group: str, name: str) -> ApiError:
    message = f'{qualified(plural, group)} "{name}" not found'
    return ApiError(404, "NotFound", message, details=_details(name, group, plural))


def no_such_path() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource", details={})


def already_exists(plural: str, group: str, name: str) -> ApiError:
    message = f'{qualified(plural, group)} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, details=_details(name, group, plural))


def conflict(plural: str, group: str, name: str, why: str) -> ApiError:
    what = qualified(plural, group)
    message = f'Operation cannot be fulfilled on {what} "{name}": {why}'
    return ApiError(409, "Conflict", message, details=_details(name, group, plural))


MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


def invalid(kind: str, group: str, name: str, causes: Sequence[Cause]) -> ApiError:
    # A cause that is found twice is listed twice and told once.
    told = list(dict.fromkeys(f"{cause.field}: {cause.message}" for cause in causes))
    text = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    message = f'{qualified(kind, group)} "{name}" is invalid: {text}'
    return ApiError(422, "Invalid", message, details=_details(name, group, kind, causes))


def forbidden(plural: str, group: str, name: str, why: str) -> ApiError:
    what = qualified(plural, group)
    subject = f'{what} "{name}"' if name else what
    message = f"{subject} is forbidden: {why}"
    return ApiError(403, "Forbidden", message, details=_details(name, group, plural))


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)
