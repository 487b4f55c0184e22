"""Reads a kubeconfig for what Waybill needs; refuses whatever would run, read or send more."""

import base64
import binascii
import re
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from inference.clusters.client import safe_yaml
from inference.clusters.client.connection import Connection
from inference.clusters.client.egress import parse_server
from inference.errors import Invalid
from inference.messages import Message
from inference.messages import clusters as messages

_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}\Z")
_SERVER_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z")

_CLUSTER_FIELDS = {
    "server",
    "certificate-authority-data",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "disable-compression",
    "extensions",
}
_USER_FIELDS = {"token", "client-certificate-data", "client-key-data", "extensions"}
_REFUSED_IN_CLUSTER: dict[str, Message] = {
    "certificate-authority": messages.KUBECONFIG_FILE,
    "proxy-url": messages.KUBECONFIG_PROXY,
}
_REFUSED_IN_USER: dict[str, Message] = {
    "exec": messages.KUBECONFIG_EXEC,
    "auth-provider": messages.KUBECONFIG_AUTH_PROVIDER,
    "tokenFile": messages.KUBECONFIG_TOKEN_FILE,
    "client-certificate": messages.KUBECONFIG_FILE,
    "client-key": messages.KUBECONFIG_FILE,
    "username": messages.KUBECONFIG_PASSWORD,
    "password": messages.KUBECONFIG_PASSWORD,
    "as": messages.KUBECONFIG_IMPERSONATION,
    "as-uid": messages.KUBECONFIG_IMPERSONATION,
    "as-groups": messages.KUBECONFIG_IMPERSONATION,
    "as-user-extra": messages.KUBECONFIG_IMPERSONATION,
}


def parse_kubeconfig(text: str | bytes, context: str | None = None) -> Connection:
    """The connection of one context: the named one, the current one, or the only one.

    Other contexts of the file are not looked at. Raises Invalid; each refusal has its own message.
    """
    config = _mapping(safe_yaml.load(text), "The document")
    chosen = _context(config, context)
    cluster = _named(config, "clusters", "cluster", chosen.get("cluster"))
    user = _named(config, "users", "user", chosen.get("user"))
    _check_fields(cluster, _REFUSED_IN_CLUSTER, _CLUSTER_FIELDS)
    _check_fields(user, _REFUSED_IN_USER, _USER_FIELDS)
    server, server_name, ca_pem = _endpoint(cluster)
    token, cert_pem, key_pem = _credential(user)
    return Connection(server, ca_pem, token, cert_pem, key_pem, server_name)


def _context(config: dict[str, Any], wanted: str | None) -> dict[str, Any]:
    names = [str(entry.get("name", "")) for entry in _entries(config, "contexts")]
    wanted = wanted or config.get("current-context") or (names[0] if len(names) == 1 else None)
    if wanted not in names:
        raise Invalid(
            messages.KUBECONFIG_NO_CONTEXT,
            context=str(wanted or "")[:100],
            contexts=", ".join(sorted(name[:100] for name in names)[:20]),
        )
    return _named(config, "contexts", "context", wanted)


def _entries(config: dict[str, Any], section: str) -> list[dict[str, Any]]:
    entries = config.get(section)
    if not isinstance(entries, list):
        raise Invalid(messages.KUBECONFIG_SHAPE, where=section)
    return [_mapping(entry, section) for entry in entries]


def _named(config: dict[str, Any], section: str, key: str, name: Any) -> dict[str, Any]:
    found = [entry for entry in _entries(config, section) if entry.get("name") == name]
    if len(found) != 1:
        where = f"{section}, under the name {str(name)[:100]!r},"
        raise Invalid(messages.KUBECONFIG_SHAPE, where=where)
    return _mapping(found[0].get(key), f"{section}.{key}")


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(messages.KUBECONFIG_SHAPE, where=where)
    return value


def _check_fields(entry: dict[str, Any], refused: dict[str, Message], known: set[str]) -> None:
    for name, message in refused.items():
        if entry.get(name):
            raise Invalid(message, field=name)
    if entry.get("insecure-skip-tls-verify"):
        raise Invalid(messages.KUBECONFIG_INSECURE)
    for name in sorted(entry.keys() - known - refused.keys()):
        raise Invalid(messages.KUBECONFIG_UNKNOWN_FIELD, field=name[:100])


def _endpoint(cluster: dict[str, Any]) -> tuple[str, str, str]:
    server = _text(cluster, "server")
    parse_server(server)
    server_name = _text(cluster, "tls-server-name")
    if server_name and not _SERVER_NAME.match(server_name):
        raise _bad("tls-server-name", "it is no DNS name")
    ca_pem = _pem(cluster, "certificate-authority-data")
    if not ca_pem:
        raise Invalid(messages.KUBECONFIG_NO_CA)
    _certificates("certificate-authority-data", ca_pem)
    return server, server_name, ca_pem


def _credential(user: dict[str, Any]) -> tuple[str, str, str]:
    token = _text(user, "token").strip()
    cert_pem = _pem(user, "client-certificate-data")
    key_pem = _pem(user, "client-key-data")
    if token and (cert_pem or key_pem):
        raise Invalid(messages.KUBECONFIG_TWO_CREDENTIALS)
    if token:
        if not _TOKEN.match(token):
            raise _bad("token", "it holds spaces or unknown characters")
        return token, "", ""
    if not (cert_pem and key_pem):
        raise Invalid(messages.KUBECONFIG_NO_CREDENTIAL)
    _check_pair(cert_pem, key_pem)
    return "", cert_pem, key_pem


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name) or ""
    if not isinstance(value, str):
        raise _bad(name, "it is not text")
    return value


def _pem(entry: dict[str, Any], name: str) -> str:
    try:
        return base64.b64decode("".join(_text(entry, name).split()), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise _bad(name, "it is not base64 of a PEM text") from None


def _certificates(name: str, pem: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise _bad(name, "it holds no PEM certificate") from None


def _check_pair(cert_pem: str, key_pem: str) -> None:
    certificate = _certificates("client-certificate-data", cert_pem)[0]
    try:
        key = serialization.load_pem_private_key(key_pem.encode(), password=None)
    except TypeError:
        raise _bad("client-key-data", "it is encrypted") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _bad("client-key-data", "it holds no PEM private key") from None
    if _public(key.public_key()) != _public(certificate.public_key()):
        raise _bad("client-key-data", "it does not belong to the certificate")


def _public(key: Any) -> bytes:
    encoded: bytes = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def _bad(name: str, problem: str) -> Invalid:
    return Invalid(messages.KUBECONFIG_BAD_DATA, field=name, problem=problem)
