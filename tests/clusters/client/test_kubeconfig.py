"""What of a kubeconfig is taken, and how each other part of it is refused."""

import base64
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from inference.clusters.client.connection import Connection
from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.errors import Invalid
from inference.messages import Message
from inference.messages import clusters as messages
from tests.clusters.client.authority import Authority, private_pem

AUTHORITY = Authority()
PAIR = AUTHORITY.issue()
TOKEN = "canary-token"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CLUSTER = {
    "server": "https://api.example.com:6443",
    "certificate-authority-data": b64(AUTHORITY.pem),
}
CERTIFICATE = {
    "client-certificate-data": b64(PAIR.certificate),
    "client-key-data": b64(PAIR.key),
}


def config(
    cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, **changes: Any
) -> str:
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "clusters": [{"name": "c", "cluster": CLUSTER | (cluster or {})}],
        "users": [{"name": "u", "user": {"token": TOKEN} if user is None else user}],
        "contexts": [{"name": "main", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "main",
    }
    return yaml.dump(document | changes, Dumper=yaml.CSafeDumper)


def test_a_token_with_its_ca_is_taken() -> None:
    found = parse_kubeconfig(config({"tls-server-name": "kubernetes.default.svc"}))

    assert found == Connection(
        "https://api.example.com:6443",
        AUTHORITY.pem,
        token=TOKEN,
        tls_server_name="kubernetes.default.svc",
    )


def test_a_client_certificate_with_its_key_is_taken() -> None:
    found = parse_kubeconfig(config(user=CERTIFICATE).encode())

    assert (found.client_cert_pem, found.client_key_pem) == (PAIR.certificate, PAIR.key)
    assert found.token == ""


@pytest.mark.parametrize("user", [None, CERTIFICATE])
def test_a_connection_does_not_show_its_secrets(user: dict[str, Any] | None) -> None:
    found = parse_kubeconfig(config(user=user))

    shown = f"{found!r} {found}"

    assert not any(secret in shown for secret in found.secrets)
    assert "PRIVATE KEY" not in shown


REFUSED: list[tuple[dict[str, Any], dict[str, Any], Message]] = [
    ({}, {"exec": {"command": "sh"}}, messages.KUBECONFIG_EXEC),
    ({}, {"token": TOKEN, "exec": {"command": "sh"}}, messages.KUBECONFIG_EXEC),
    ({}, {"auth-provider": {"name": "gcp"}}, messages.KUBECONFIG_AUTH_PROVIDER),
    ({}, {"tokenFile": "/var/run/secrets/token"}, messages.KUBECONFIG_TOKEN_FILE),
    ({}, {"token": TOKEN, "tokenFile": "/etc/passwd"}, messages.KUBECONFIG_TOKEN_FILE),
    ({}, {"client-certificate": "/etc/a.crt"}, messages.KUBECONFIG_FILE),
    ({}, {"client-key": "/etc/a.key"}, messages.KUBECONFIG_FILE),
    ({"certificate-authority": "/etc/ca.crt"}, {"token": TOKEN}, messages.KUBECONFIG_FILE),
    ({"proxy-url": "http://127.0.0.1:3128"}, {"token": TOKEN}, messages.KUBECONFIG_PROXY),
    ({"insecure-skip-tls-verify": True}, {"token": TOKEN}, messages.KUBECONFIG_INSECURE),
    ({"insecure-skip-tls-verify": "yes"}, {"token": TOKEN}, messages.KUBECONFIG_INSECURE),
    ({}, {"username": "admin", "password": "x"}, messages.KUBECONFIG_PASSWORD),
    ({}, {"token": TOKEN, "password": "x"}, messages.KUBECONFIG_PASSWORD),
    ({}, {"token": TOKEN, "as": "root"}, messages.KUBECONFIG_IMPERSONATION),
    ({}, {"token": TOKEN, "as-groups": ["system:masters"]}, messages.KUBECONFIG_IMPERSONATION),
    ({}, {"token": TOKEN, "as-uid": "1"}, messages.KUBECONFIG_IMPERSONATION),
    ({}, {"token": TOKEN, "surprise": 1}, messages.KUBECONFIG_UNKNOWN_FIELD),
    ({"surprise": 1}, {"token": TOKEN}, messages.KUBECONFIG_UNKNOWN_FIELD),
    ({"server": "http://api.example.com"}, {"token": TOKEN}, messages.ADDRESS_NOT_HTTPS),
    ({"server": ""}, {"token": TOKEN}, messages.ADDRESS_NOT_HTTPS),
    ({"server": 5}, {"token": TOKEN}, messages.KUBECONFIG_BAD_DATA),
    ({"server": "https://a@b"}, {"token": TOKEN}, messages.ADDRESS_HAS_CREDENTIALS),
    ({"certificate-authority-data": ""}, {"token": TOKEN}, messages.KUBECONFIG_NO_CA),
    ({"certificate-authority-data": "%%%"}, {"token": TOKEN}, messages.KUBECONFIG_BAD_DATA),
    ({"certificate-authority-data": b64("x")}, {"token": TOKEN}, messages.KUBECONFIG_BAD_DATA),
    ({"tls-server-name": "a b"}, {"token": TOKEN}, messages.KUBECONFIG_BAD_DATA),
    ({}, {}, messages.KUBECONFIG_NO_CREDENTIAL),
    ({}, {"token": "  "}, messages.KUBECONFIG_NO_CREDENTIAL),
    ({}, {"client-key-data": b64(PAIR.key)}, messages.KUBECONFIG_NO_CREDENTIAL),
    ({}, {"token": TOKEN, **CERTIFICATE}, messages.KUBECONFIG_TWO_CREDENTIALS),
    ({}, {"token": "a\r\nX-Evil: 1"}, messages.KUBECONFIG_BAD_DATA),
    ({}, {"token": ["a"]}, messages.KUBECONFIG_BAD_DATA),
    ({}, {**CERTIFICATE, "client-key-data": b64("x")}, messages.KUBECONFIG_BAD_DATA),
    (
        {},
        {**CERTIFICATE, "client-key-data": b64(AUTHORITY.issue().key)},
        messages.KUBECONFIG_BAD_DATA,
    ),
    (
        {},
        {
            **CERTIFICATE,
            "client-key-data": b64(private_pem(ec.generate_private_key(ec.SECP256R1()), b"secret")),
        },
        messages.KUBECONFIG_BAD_DATA,
    ),
]


@pytest.mark.parametrize(("cluster", "user", "message"), REFUSED)
def test_what_would_run_read_or_send_more_is_refused_in_its_own_words(
    cluster: dict[str, Any], user: dict[str, Any], message: Message
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_kubeconfig(config(cluster, user))

    assert refused.value.message == message
    assert TOKEN not in repr((refused.value, refused.value.params))
    assert "{" not in str(refused.value)


def test_each_family_of_refusals_has_a_message_of_its_own() -> None:
    assert len({message for *_, message in REFUSED}) == 15


@pytest.mark.parametrize(
    ("changes", "context", "message"),
    [
        ({}, "other", messages.KUBECONFIG_NO_CONTEXT),
        ({"current-context": "gone"}, None, messages.KUBECONFIG_NO_CONTEXT),
        ({"contexts": []}, None, messages.KUBECONFIG_NO_CONTEXT),
        ({"contexts": None}, None, messages.KUBECONFIG_SHAPE),
        ({"contexts": [5]}, None, messages.KUBECONFIG_SHAPE),
        ({"contexts": [{"name": "main", "context": 5}]}, None, messages.KUBECONFIG_SHAPE),
        ({"clusters": []}, None, messages.KUBECONFIG_SHAPE),
        ({"clusters": [{"name": "c", "cluster": "x"}]}, None, messages.KUBECONFIG_SHAPE),
        ({"users": [{"name": "u"}, {"name": "u"}]}, None, messages.KUBECONFIG_SHAPE),
    ],
)
def test_a_kubeconfig_of_another_shape_is_refused(
    changes: dict[str, Any], context: str | None, message: Message
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_kubeconfig(config(**changes), context)

    assert refused.value.message == message


@pytest.mark.parametrize("text", ["", "[]", "just text", "5", b"\xff\xfe", "a: 1\0"])
def test_what_is_no_kubeconfig_at_all_is_refused(text: str | bytes) -> None:
    with pytest.raises(Invalid):
        parse_kubeconfig(text)


def test_the_only_context_needs_no_name() -> None:
    assert parse_kubeconfig(config(**{"current-context": ""})).token == TOKEN


def test_a_named_context_comes_before_the_current_one() -> None:
    contexts = [
        {"name": "main", "context": {"cluster": "c", "user": "u"}},
        {"name": "other", "context": {"cluster": "c", "user": "v"}},
    ]
    users = [
        {"name": "u", "user": {"exec": {"command": "sh"}}},
        {"name": "v", "user": {"token": "another"}},
    ]

    found = parse_kubeconfig(config(contexts=contexts, users=users), "other")

    assert found.token == "another"


def test_ten_megabytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(Invalid) as refused:
        parse_kubeconfig("a" * (10 * 1024 * 1024))

    assert refused.value.message == messages.YAML_TOO_LARGE


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(
    st.sampled_from(["clusters", "users", "contexts", "current-context"]),
    json,
    st.sampled_from(["server", "certificate-authority-data", "tls-server-name", "extensions"]),
    json,
)
def test_no_value_in_no_place_is_more_than_refused(
    section: str, value: Any, name: str, other: Any
) -> None:
    for text in (config(**{section: value}), config({name: other}), config(user={"token": value})):
        try:
            found = parse_kubeconfig(text)
        except Invalid:
            continue
        assert found.server.startswith("https://")


@pytest.mark.parametrize(
    "arguments",
    [
        {"token": ""},
        {"token": "t", "client_cert_pem": "c", "client_key_pem": "k"},
        {"client_cert_pem": "c"},
        {"client_key_pem": "k", "token": "t"},
        {"token": "t", "ca_pem": " "},
    ],
)
def test_a_connection_has_one_whole_credential_and_a_ca(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        Connection(**{"server": "https://a", "ca_pem": "pem", **arguments})
