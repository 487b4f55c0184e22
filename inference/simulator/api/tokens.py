"""Tokens of service accounts: signed, bound to the account as it is, and over at their time."""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from inference.simulator.api.bodies import parsed
from inference.simulator.api.calls import Call, Reply
from inference.simulator.authorization import UserInfo, service_account
from inference.simulator.errors import Cause, Object, invalid
from inference.simulator.resources import Resource
from inference.simulator.store import Store

ISSUER = "https://kubernetes.default.svc"
REQUEST = Resource("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests")
_SHORTEST, _USUAL, _LONGEST = 600, 3600, 1 << 32


class Tokens:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._key = secrets.token_bytes(32)

    def issue(self, namespace: str, name: str, seconds: int) -> tuple[str, datetime]:
        """Raises ApiError where there is no such account."""
        account = self._store.get("v1", "ServiceAccount", namespace, name)
        now = int(self._store.clock().timestamp())
        claims = {
            "aud": [ISSUER],
            "exp": now + seconds,
            "iat": now,
            "iss": ISSUER,
            "jti": secrets.token_hex(8),
            "kubernetes.io": {
                "namespace": namespace,
                "serviceaccount": {"name": name, "uid": account["metadata"]["uid"]},
            },
            "sub": f"system:serviceaccount:{namespace}:{name}",
        }
        head = _coded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        signed = f"{head}.{_coded(json.dumps(claims).encode())}"
        return f"{signed}.{self._signature(signed)}", datetime.fromtimestamp(now + seconds, UTC)

    def revoke(self) -> None:
        """Every token that was issued proves nothing any more."""
        self._key = secrets.token_bytes(32)

    def holder(self, token: str) -> UserInfo | None:
        """None for a token that is false, over, or of an account that is gone."""
        signed, _, signature = token.rpartition(".")
        if not signed or not hmac.compare_digest(self._signature(signed), signature):
            return None
        claims = json.loads(_decoded(signed.partition(".")[2]))
        if claims["exp"] <= self._store.clock().timestamp():
            return None
        bound = claims["kubernetes.io"]
        name, uid = bound["serviceaccount"]["name"], bound["serviceaccount"]["uid"]
        account = self._store.find("v1", "ServiceAccount", bound["namespace"], name)
        if account is None or account["metadata"]["uid"] != uid:
            return None
        return service_account(bound["namespace"], name, uid)

    def request(self, call: Call) -> Reply:
        """`serviceaccounts/token`."""
        asked = parsed(call, REQUEST)
        spec: dict[str, Any] = asked.get("spec") or {}
        seconds = spec.get("expirationSeconds", _USUAL)
        if seconds < _SHORTEST or seconds > _LONGEST:
            raise _too_short(seconds)
        target = call.target
        token, until = self.issue(target.namespace, target.name, seconds)
        audiences = spec.get("audiences") or [ISSUER]
        body: Object = {
            "kind": "TokenRequest",
            "apiVersion": REQUEST.api_version,
            "metadata": {
                "name": target.name,
                "namespace": target.namespace,
                "creationTimestamp": self._store.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": None},
            "status": {
                "token": token,
                "expirationTimestamp": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        }
        return Reply(body, 201)

    def _signature(self, signed: str) -> str:
        return _coded(hmac.digest(self._key, signed.encode(), hashlib.sha256))


def _too_short(seconds: int) -> Exception:
    why = "may not specify a duration less than 10 minutes"
    if seconds > _LONGEST:
        why = "may not specify a duration larger than 2^32 seconds"
    cause = Cause("FieldValueInvalid", f"Invalid value: {seconds}: {why}", "spec.expirationSeconds")
    return invalid(REQUEST.kind, REQUEST.group, "", [cause])


def _coded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
