"""Sealing secrets: a data key for each, wrapped by a key of the installation.

AES-256-GCM twice. The associated data binds a ciphertext to whom it belongs and its version, so
that rows cannot be swapped. The key-encryption keys come from settings, never from SECRET_KEY.
"""

import base64
import hashlib
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from inference.errors import Refusal
from inference.messages import connecting as messages

NONCE = 12
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Sealed:
    """A ciphertext, its data key in a wrap, and which key of the installation opens that."""

    key_id: str
    wrapped_key: bytes
    sealed: bytes


def seal(secret: bytes, bound: bytes) -> Sealed:
    """Raises Refusal where the keys of this installation are malformed."""
    key_id, key = _keys()[0]
    data_key = AESGCM.generate_key(bit_length=256)
    return Sealed(key_id, _encrypt(key, data_key, bound), _encrypt(data_key, secret, bound))


def unseal(given: Sealed, bound: bytes, cluster: str) -> bytes:
    """What was sealed. Raises Refusal, in words about `cluster`, when nothing here opens it."""
    key = dict(_keys()).get(given.key_id)
    if key is None:
        raise Refusal(messages.CREDENTIAL_KEY_MISSING, key_id=given.key_id)
    try:
        data_key = _decrypt(key, given.wrapped_key, bound)
        return _decrypt(data_key, given.sealed, bound)
    except InvalidTag:
        raise Refusal(messages.CREDENTIAL_ALTERED, cluster=cluster) from None


def rewrap(given: Sealed, bound: bytes) -> Sealed:
    """The same under the newest key; `given` itself where it is so already."""
    key_id, key = _keys()[0]
    if given.key_id == key_id:
        return given
    old = dict(_keys()).get(given.key_id)
    if old is None:
        raise Refusal(messages.CREDENTIAL_KEY_MISSING, key_id=given.key_id)
    data_key = _decrypt(old, given.wrapped_key, bound)
    return Sealed(key_id, _encrypt(key, data_key, bound), given.sealed)


def _keys() -> list[tuple[str, bytes]]:
    """Id and bytes of each key-encryption key, newest first. The id is of the key's hash."""
    keys = [base64.b64decode(text) for text in settings.KEY_ENCRYPTION_KEYS]
    if any(len(key) != KEY_BYTES for key in keys):
        raise Refusal(messages.CREDENTIAL_KEY_MALFORMED)
    return [(hashlib.sha256(key).hexdigest()[:16], key) for key in keys]


def _encrypt(key: bytes, text: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
