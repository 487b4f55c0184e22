"""Who asks: the holder of a token or of a certificate, or nobody in particular."""

from starlette.datastructures import Headers

from inference.simulator.api.tokens import Tokens
from inference.simulator.authorization import ANONYMOUS, UNAUTHENTICATED, UserInfo
from inference.simulator.certificates import Authority
from inference.simulator.errors import ApiError

_NOBODY = UserInfo(ANONYMOUS, (UNAUTHENTICATED,))


class Authentication:
    def __init__(self, authority: Authority, tokens: Tokens) -> None:
        self._authority = authority
        self._tokens = tokens
        self._known: dict[bytes, UserInfo] = {}

    def user(self, headers: Headers, certificate: bytes | None) -> UserInfo:
        """Raises ApiError, 401, for credentials that prove nothing."""
        found: UserInfo | None = _NOBODY
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if certificate:
            found = self._holder(certificate)
        elif scheme.lower() == "bearer" and token.strip():
            found = self._tokens.holder(token.strip())
        if found is None:
            raise ApiError(401, "Unauthorized", "Unauthorized")
        return found

    def _holder(self, certificate: bytes) -> UserInfo | None:
        known = self._known.get(certificate)
        if known is None:
            known = self._authority.user_of(certificate)
            if known is not None:
                self._known[certificate] = known
        return known
