"""The two ways in which a cluster says no; everything that leaves the door is one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inference.clusters.client.redaction import quotable
from inference.errors import Refusal
from inference.messages import Message
from inference.messages import clusters as messages


class Unavailable(StrEnum):
    """Why the cluster cannot be asked now."""

    UNREACHABLE = "unreachable"
    NAME_UNKNOWN = "name-unknown"
    TIMED_OUT = "timed-out"
    TOO_SLOW = "too-slow"
    CUT_OFF = "cut-off"
    TLS_UNTRUSTED = "tls-untrusted"
    TLS_EXPIRED = "tls-expired"
    WRONG_HOST = "wrong-host"
    TLS_FAILED = "tls-failed"
    CREDENTIAL_EXPIRED = "credential-expired"
    THROTTLED = "throttled"
    SERVER_ERROR = "server-error"
    NOT_KUBERNETES = "not-kubernetes"
    REDIRECTED = "redirected"
    ANSWER_TOO_LARGE = "answer-too-large"
    LIST_EXPIRED = "list-expired"
    STREAM_ENDED = "stream-ended"
    STREAM_STALLED = "stream-stalled"
    HISTORY_REWOUND = "history-rewound"
    IDENTITY_CHANGED = "identity-changed"
    EGRESS_REFUSED = "egress-refused"


class Rejected(StrEnum):
    """Why the cluster will not take this request, however often it is sent."""

    FORBIDDEN = "forbidden"
    RIGHTS_NOT_HELD = "rights-not-held"
    NAMESPACE_MISSING = "namespace-missing"
    NAMESPACE_TERMINATING = "namespace-terminating"
    KIND_NOT_SERVED = "kind-not-served"
    FIELD_CONFLICT = "field-conflict"
    UID_MISMATCH = "uid-mismatch"
    CHANGED = "changed"
    INVALID = "invalid"
    IMMUTABLE = "immutable"
    DENIED_BY_ADMISSION = "denied-by-admission"
    QUOTA_EXCEEDED = "quota-exceeded"
    TOO_LARGE = "too-large"
    NOT_FOUND = "not-found"
    ALREADY_EXISTS = "already-exists"
    MALFORMED = "malformed"
    REFUSED = "refused"


def _message(reason: StrEnum) -> Message:
    message: Message = getattr(messages, reason.name)
    return message


MESSAGES: dict[Unavailable | Rejected, Message] = {
    reason: _message(reason) for family in (Unavailable, Rejected) for reason in family
}
"""One message for each reason, and no message for two."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One field that the cluster objects to. `field` is empty where it named none."""

    field: str
    message: str


@dataclass(frozen=True, slots=True, order=True)
class FieldConflict:
    """A field that another manager has set."""

    manager: str
    field: str


class ClusterUnavailable(Refusal):
    """Ask again, perhaps later; `retry_after` is in seconds, where the cluster gave it."""

    def __init__(
        self,
        reason: Unavailable,
        retry_after: float | None = None,
        detail: str = "",
        **params: Any,
    ) -> None:
        self.reason = reason
        self.retry_after = retry_after
        self.detail = quotable(detail)
        super().__init__(MESSAGES[reason], detail=self.detail, **_quotable(params))


class ManifestRejected(Refusal):
    """Do not ask again with the same bytes."""

    def __init__(
        self,
        reason: Rejected,
        detail: str = "",
        causes: Iterable[Cause] = (),
        conflicts: Iterable[FieldConflict] = (),
        **params: Any,
    ) -> None:
        self.reason = reason
        self.detail = quotable(detail)
        self.causes = tuple(Cause(quotable(c.field), quotable(c.message)) for c in causes)
        self.conflicts = tuple(
            sorted(FieldConflict(quotable(c.manager), quotable(c.field)) for c in conflicts)
        )
        super().__init__(MESSAGES[reason], detail=self.detail, **_quotable(params))


def _quotable(params: dict[str, Any]) -> dict[str, Any]:
    return {
        key: quotable(value) if isinstance(value, str) else value for key, value in params.items()
    }
