"""What API servers answer, in their own words, and the reason that is made of it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.clusters.client.answers import Answer, retry_after
from inference.clusters.client.errors import (
    ClusterUnavailable,
    FieldConflict,
    ManifestRejected,
    Rejected,
    Unavailable,
)
from inference.clusters.client.refusals import Asked, is_missing_object, refusal
from tests.clusters.client.peers import status

ASKED = Asked("patch", "configmaps", "v1", "chat", "a")
UID = {"reason": "FieldValueInvalid", "message": "field is immutable", "field": "metadata.uid"}
IMMUTABLE = {
    "reason": "FieldValueInvalid",
    "message": "field is immutable",
    "field": "spec.selector",
}
SCHEMA = "failed to create typed patch object (chat/a; /v1, Kind=ConfigMap): "
POLICY = "ValidatingAdmissionPolicy 'p' with binding 'p' denied request: no"


def answer(code: int, body: Any, kind: str = "application/json", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(code, {"content-type": kind, **headers}, content)


def said(code: int, message: str = "", reason: str = "", **details: Any) -> Answer:
    return answer(code, status(code, message, reason, **details))


REJECTED: list[tuple[Rejected, Answer]] = [
    (
        Rejected.FORBIDDEN,
        said(
            403,
            'configmaps "a" is forbidden: User "system:serviceaccount:x:y" cannot patch resource'
            ' "configmaps" in API group "" in the namespace "chat"',
            "Forbidden",
        ),
    ),
    (Rejected.FORBIDDEN, said(403, 'forbidden: User "u" cannot get path "/metrics"', "Forbidden")),
    (
        Rejected.RIGHTS_NOT_HELD,
        said(403, 'user "u" is attempting to grant RBAC permissions not currently held:\n{...}'),
    ),
    (
        Rejected.NAMESPACE_TERMINATING,
        said(403, "forbidden", causes=[{"reason": "NamespaceTerminating", "message": "m"}]),
    ),
    (Rejected.QUOTA_EXCEEDED, said(403, 'pods "a" is forbidden: exceeded quota: q, requested')),
    (Rejected.DENIED_BY_ADMISSION, said(403, 'violates PodSecurity "restricted:latest"')),
    (Rejected.DENIED_BY_ADMISSION, said(403, 'pods "a" is forbidden: maximum cpu usage is 1')),
    (Rejected.DENIED_BY_ADMISSION, said(400, 'admission webhook "x" denied the request: no')),
    (
        Rejected.DENIED_BY_ADMISSION,
        said(422, POLICY, "Invalid", causes=[{"message": POLICY}]),
    ),
    (
        Rejected.NAMESPACE_MISSING,
        said(404, 'namespaces "chat" not found', name="chat", kind="namespaces"),
    ),
    (Rejected.KIND_NOT_SERVED, answer(404, b"404 page not found\n", "text/plain; charset=utf-8")),
    (Rejected.KIND_NOT_SERVED, said(404, "the server could not find the requested resource")),
    (Rejected.NOT_FOUND, said(404, 'configmaps "b" not found', name="b", kind="configmaps")),
    (
        Rejected.FIELD_CONFLICT,
        said(
            409,
            "Apply failed with 1 conflict",
            "Conflict",
            causes=[
                {
                    "reason": "FieldManagerConflict",
                    "message": 'conflict with "keda" with subresource "scale" using apps/v1',
                    "field": ".spec.replicas",
                }
            ],
        ),
    ),
    (
        Rejected.UID_MISMATCH,
        said(409, "uid mismatch: the provided object specified uid", "Conflict"),
    ),
    (
        Rejected.UID_MISMATCH,
        said(409, "the UID in the precondition (a) does not match", "Conflict"),
    ),
    (Rejected.UID_MISMATCH, said(409, "Precondition failed: UID in precondition: a", "Conflict")),
    (Rejected.UID_MISMATCH, said(422, "invalid", "Invalid", causes=[UID, UID])),
    (
        Rejected.CHANGED,
        said(409, "the ResourceVersion in the precondition (1) does not", "Conflict"),
    ),
    (Rejected.CHANGED, said(409, "the object has been modified", "Conflict")),
    (Rejected.ALREADY_EXISTS, said(409, "exists", "AlreadyExists")),
    (Rejected.IMMUTABLE, said(422, "invalid", "Invalid", causes=[IMMUTABLE])),
    (
        Rejected.INVALID,
        said(422, "invalid", "Invalid", causes=[IMMUTABLE, UID | {"message": "no"}]),
    ),
    (Rejected.INVALID, said(422, "invalid", "Invalid")),
    (
        Rejected.TOO_LARGE,
        said(422, "big", causes=[{"reason": "FieldValueTooLong", "message": "m", "field": "[]"}]),
    ),
    (Rejected.TOO_LARGE, said(413, "Request entity too large: limit is 3145728")),
    (Rejected.TOO_LARGE, said(500, "etcdserver: request is too large")),
    (Rejected.MALFORMED, said(400, "error decoding YAML", "BadRequest")),
    (Rejected.MALFORMED, said(400, 'strict decoding error: unknown field "spec.x"')),
    (Rejected.MALFORMED, said(500, SCHEMA + ".nonsense: field not declared in schema")),
    (Rejected.REFUSED, said(405, "the server does not allow this method", "MethodNotAllowed")),
    (Rejected.REFUSED, said(415, "unsupported media type", "UnsupportedMediaType")),
]


@pytest.mark.parametrize(("reason", "answered"), REJECTED)
def test_a_refusal_of_the_request_is_told_by_its_causes(reason: Rejected, answered: Answer) -> None:
    refused = refusal(answered, ASKED)

    assert isinstance(refused, ManifestRejected)
    assert refused.reason is reason
    assert "{" not in str(refused).replace("{...}", "")


UNAVAILABLE: list[tuple[Unavailable, Answer]] = [
    (Unavailable.CREDENTIAL_EXPIRED, said(401, "Unauthorized", "Unauthorized")),
    (Unavailable.CREDENTIAL_EXPIRED, answer(401, b"<html>", "text/html")),
    (Unavailable.THROTTLED, said(429, "too many requests")),
    (Unavailable.THROTTLED, answer(429, b"", "text/plain")),
    (Unavailable.LIST_EXPIRED, said(410, "The provided continue parameter is too old", "Expired")),
    (Unavailable.REDIRECTED, answer(302, b"")),
    (Unavailable.REDIRECTED, answer(304, b"")),
    (Unavailable.REDIRECTED, answer(101, b"")),
    (Unavailable.SERVER_ERROR, said(500, "etcdserver: leader changed")),
    (Unavailable.SERVER_ERROR, said(503, "apiserver not ready")),
    (Unavailable.SERVER_ERROR, said(504, "Timeout: Too large resource version: 99")),
    (Unavailable.SERVER_ERROR, answer(502, b"<html>Bad Gateway", "text/html")),
    (Unavailable.SERVER_ERROR, answer(500, b"{", "application/json")),
    (Unavailable.NOT_KUBERNETES, answer(404, b"<html>", "text/html")),
    (Unavailable.NOT_KUBERNETES, answer(403, b"<html>", "text/html")),
    (Unavailable.NOT_KUBERNETES, answer(400, {"kind": "Pod"})),
    (Unavailable.NOT_KUBERNETES, answer(400, [1])),
    (Unavailable.NOT_KUBERNETES, answer(418, b"")),
]


@pytest.mark.parametrize(("reason", "answered"), UNAVAILABLE)
def test_a_cluster_that_cannot_be_asked_is_told_from_one_that_refuses(
    reason: Unavailable, answered: Answer
) -> None:
    refused = refusal(answered, ASKED)

    assert isinstance(refused, ClusterUnavailable)
    assert refused.reason is reason


@pytest.mark.parametrize("code", [200, 201, 202, 204])
def test_success_is_no_refusal(code: int) -> None:
    assert refusal(answer(code, {}), ASKED) is None


def test_every_reason_that_an_answer_can_have_is_in_the_tables() -> None:
    assert {reason for reason, _ in REJECTED} == set(Rejected)


def test_a_right_that_is_missing_is_named() -> None:
    refused = refusal(REJECTED[0][1], Asked("x"))

    assert refused is not None
    assert "may not patch configmaps" in str(refused)


def test_a_conflict_names_managers_and_fields() -> None:
    causes = [
        {"reason": "FieldManagerConflict", "message": f'conflict with "{manager}"', "field": field}
        for manager, field in [("keda", ".spec.replicas"), ("alice", ".spec.paused")]
    ]

    refused = refusal(said(409, "2 conflicts", "Conflict", causes=causes), ASKED)

    assert isinstance(refused, ManifestRejected)
    assert refused.conflicts == (
        FieldConflict("alice", ".spec.paused"),
        FieldConflict("keda", ".spec.replicas"),
    )
    assert "alice, keda set fields" in str(refused)
    assert ".spec.replicas, .spec.paused" in str(refused)


@pytest.mark.parametrize(
    ("answered", "is_missing"),
    [
        (said(404, "not found", name="a", kind="configmaps"), True),
        (said(404, "not found", name="b", kind="configmaps"), False),
        (said(404, "not found", name="a", kind="namespaces"), False),
        (said(404, "the server could not find the requested resource"), False),
        (answer(404, b"404 page not found", "text/plain"), False),
        (said(410, "gone", name="a", kind="configmaps"), False),
    ],
)
def test_absence_of_the_object_is_told_from_absence_of_its_kind(
    answered: Answer, is_missing: bool
) -> None:
    assert is_missing_object(answered, ASKED) is is_missing


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1", 1.0),
        ("0", 0.0),
        ("999999999999999999", 300.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("3000000000 MAR 0 0:0", None),
        ("", None),
        ("٣", None),
        ("Mon, 01 Jun 2026 12:00:07 GMT", 7.0),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0.0),
        ("Mon, 01 Jun 2099 12:00:00 GMT", 300.0),
        ("Mon, 01 Jun 2026 12:00:07 -0000", 7.0),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str, seconds: float | None) -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)

    assert retry_after({"retry-after": text}, noon) == seconds


def test_a_server_that_asks_to_wait_is_heard() -> None:
    refused = refusal(answer(429, b"", "text/plain", **{"retry-after": "7"}), ASKED)

    assert isinstance(refused, ClusterUnavailable)
    assert refused.retry_after == 7.0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "message", "reason", "details", "causes", "name", "field"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(
    st.integers(100, 599),
    json_values | st.binary(max_size=30),
    st.sampled_from(["application/json", "text/html", ""]),
)
def test_whatever_comes_is_a_success_or_one_of_the_two_families(
    code: int, body: Any, kind: str
) -> None:
    if isinstance(body, dict):
        body = {"kind": "Status", **body}

    refused = refusal(answer(code, body, kind), ASKED)

    assert (refused is None) == (200 <= code < 300)
    assert refused is None or "{namespace}" not in str(refused)
