"""Sealing credentials: a data key for each, wrapped by a key of the installation.

AES-256-GCM twice. The associated data binds a ciphertext to its cluster and version, so that rows
cannot be swapped. The key-encryption keys come from settings, never from SECRET_KEY; only workers
and commands call `unseal`.
"""

import base64
import hashlib
import json
import os
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from inference.clusters.client.connection import Connection
from inference.clusters.expiry import expiry_of
from inference.clusters.models import Cluster, ClusterCredential
from inference.errors import Refusal
from inference.messages import connecting as messages

NONCE = 12
KEY_BYTES = 32


def seal(
    cluster: Cluster, connection: Connection, *, version: int, at: datetime
) -> ClusterCredential:
    """The unsaved row that holds what `connection` authenticates with."""
    secret = json.dumps(
        {
            "token": connection.token,
            "client_cert_pem": connection.client_cert_pem,
            "client_key_pem": connection.client_key_pem,
        }
    ).encode()
    key_id, key = _keys()[0]
    data_key = AESGCM.generate_key(bit_length=256)
    bound = _bound_to(cluster, version)
    kind = ClusterCredential.Kind
    return ClusterCredential(
        cluster=cluster,
        kind=kind.TOKEN if connection.token else kind.CLIENT_CERTIFICATE,
        version=version,
        key_id=key_id,
        wrapped_key=_encrypt(key, data_key, bound),
        sealed=_encrypt(data_key, secret, bound),
        expires_at=expiry_of(connection),
        replaced_at=at,
    )


def unseal(credential: ClusterCredential) -> Connection:
    """What was sealed. Raises Refusal when no key of this installation opens it."""
    cluster = credential.cluster
    bound = _bound_to(cluster, credential.version)
    key = dict(_keys()).get(credential.key_id)
    if key is None:
        raise Refusal(messages.CREDENTIAL_KEY_MISSING, key_id=credential.key_id)
    try:
        data_key = _decrypt(key, bytes(credential.wrapped_key), bound)
        secret = json.loads(_decrypt(data_key, bytes(credential.sealed), bound))
    except InvalidTag:
        raise Refusal(messages.CREDENTIAL_ALTERED, cluster=cluster.name) from None
    return Connection(
        server=cluster.server,
        ca_pem=cluster.ca_pem,
        tls_server_name=cluster.tls_server_name,
        **secret,
    )


def rewrap(credential: ClusterCredential) -> bool:
    """Wrap the data key with the newest key, in place and unsaved. False if it is so already."""
    key_id, key = _keys()[0]
    if credential.key_id == key_id:
        return False
    bound = _bound_to(credential.cluster, credential.version)
    old = dict(_keys()).get(credential.key_id)
    if old is None:
        raise Refusal(messages.CREDENTIAL_KEY_MISSING, key_id=credential.key_id)
    data_key = _decrypt(old, bytes(credential.wrapped_key), bound)
    credential.wrapped_key = _encrypt(key, data_key, bound)
    credential.key_id = key_id
    return True


def _keys() -> list[tuple[str, bytes]]:
    """Id and bytes of each key-encryption key, newest first. The id is of the key's hash."""
    keys = [base64.b64decode(text) for text in settings.KEY_ENCRYPTION_KEYS]
    if any(len(key) != KEY_BYTES for key in keys):
        raise Refusal(messages.CREDENTIAL_KEY_MALFORMED)
    return [(hashlib.sha256(key).hexdigest()[:16], key) for key in keys]


def _bound_to(cluster: Cluster, version: int) -> bytes:
    return f"waybill/credential/{cluster.pk}/{version}".encode()


def _encrypt(key: bytes, text: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
