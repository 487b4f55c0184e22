"""The two families, their messages, and what is kept of a cluster's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.clusters.client.errors import (
    MESSAGES,
    Cause,
    ClusterUnavailable,
    FieldConflict,
    ManifestRejected,
    Rejected,
    Unavailable,
)
from inference.clusters.client.redaction import LONGEST, quotable
from inference.errors import Refusal
from inference.messages import Message
from inference.messages import clusters as messages

DEFINED = {one for one in vars(messages).values() if isinstance(one, Message)}
OF_THE_FAMILIES = {one for one in DEFINED if one.code.startswith(("cluster-", "manifest-"))}


def test_every_reason_has_one_message_and_every_message_one_reason() -> None:
    assert set(MESSAGES) == {*Unavailable, *Rejected}
    assert len(set(MESSAGES.values())) == len(MESSAGES)
    assert set(MESSAGES.values()) == OF_THE_FAMILIES


@pytest.mark.parametrize("reason", list(Unavailable))
def test_a_problem_type_is_made_of_the_reason(reason: Unavailable) -> None:
    assert MESSAGES[reason].code == f"cluster-{reason}"


@pytest.mark.parametrize("reason", list(Rejected))
def test_so_is_that_of_a_manifest(reason: Rejected) -> None:
    assert MESSAGES[reason].code == f"manifest-{reason}"


@pytest.mark.parametrize("message", sorted(DEFINED, key=lambda one: one.code))
def test_a_sentence_ends_as_one_and_says_what_to_do(message: Message) -> None:
    assert message.sentence.endswith((".", ": {detail}", "{detail}"))
    assert len(message.sentence) > 40


def test_both_are_refusals_with_code_and_parameters() -> None:
    unavailable = ClusterUnavailable(Unavailable.SERVER_ERROR, 2.5, "etcd", status=503)
    rejected = ManifestRejected(
        Rejected.FIELD_CONFLICT,
        causes=[Cause(".spec.replicas", "conflict")],
        conflicts=[FieldConflict("keda", ".spec.replicas")],
        managers="keda",
        fields=".spec.replicas",
    )

    assert isinstance(unavailable, Refusal)
    assert (unavailable.code, unavailable.retry_after) == ("cluster-server-error", 2.5)
    assert "503" in str(unavailable)
    assert rejected.params["managers"] == "keda"
    assert rejected.conflicts == (FieldConflict("keda", ".spec.replicas"),)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain words", "plain words"),
        ("two\nlines\r\n and\ttabs", "two lines and tabs"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("turned \u202e around", "turned around"),
        ("lone \ud800 half", "lone half"),
        ("nul \0 here", "nul here"),
        ("Authorization: Bearer abc.def", "Authorization: [redacted]"),
        ("token: s3cretvalue", "token[redacted]"),
        ('{"HF_TOKEN":"hunter22"}', '{"HF_TOKEN[redacted]"}'),
        ("hf_abcdefghijkl", "[redacted]"),
        ("eyJhbGciOiJFUzI1NiJ9.eyJhdWQiOi.sig-nature", "[redacted]"),
        ("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE", "[redacted]"),
    ],
)
def test_what_a_cluster_says_becomes_one_line_without_secrets(text: str, kept: str) -> None:
    assert quotable(text) == kept


@given(st.text(max_size=3000))
def test_any_text_becomes_a_short_line(text: str) -> None:
    line = quotable(text)

    assert len(line.encode()) <= LONGEST
    assert line.isprintable() or all(not c.isspace() or c == " " for c in line)
    assert "\n" not in line


def test_a_hostile_megabyte_is_cut_before_it_is_read() -> None:
    assert len(quotable("bearer " * 200_000)) <= LONGEST


def test_parameters_are_made_fit_too() -> None:
    refused = ManifestRejected(Rejected.FORBIDDEN, verb="patch\n\x1b[2J", resource="x" * 5000)

    assert refused.params["verb"] == "patch [2J"
    assert len(refused.params["resource"]) == LONGEST
