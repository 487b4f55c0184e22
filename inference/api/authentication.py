"""Who asks: a token in the Authorization header, or the session of a page of ours."""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone
from rest_framework import authentication
from rest_framework.request import Request

from inference.accounts import brakes, tokens
from inference.accounts.models import Token, User
from inference.api.refusals import Declined
from inference.messages import access
from inference.messages import api as messages

SAFE = {"GET", "HEAD", "OPTIONS"}
SCHEMES = {"bearer", "token"}
USED_EVERY = timedelta(minutes=1)


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer wbl_…`, or `Token wbl_…`.

    A header of these schemes that holds no valid token is refused: it never falls back to a
    session. Only failures are counted, so a valid token is never slowed by its neighbours.
    """

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        scheme, _, rest = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        if scheme.lower() not in SCHEMES:
            return None
        token = tokens.find(rest.strip())
        if token is None:
            brakes.count(None, request.META.get("REMOTE_ADDR", ""))
            raise Declined(401, access.TOKEN_UNKNOWN)
        _note_use(token)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        del request
        return 'Bearer realm="waybill"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The session cookie, with the CSRF token, from a page of this origin."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        if request.method not in SAFE:
            check_same_origin(request)
        return found

    def authenticate_header(self, request: Request) -> str:
        del request
        return 'Bearer realm="waybill"'


def check_same_origin(request: Request) -> None:
    """What the browser says about the asking page; scripts outside browsers say nothing."""
    if request.META.get("HTTP_SEC_FETCH_SITE", "none") not in {"same-origin", "none"}:
        raise Declined(403, messages.CROSS_SITE)


def _note_use(token: Token) -> None:
    """At most one write a minute for a token."""
    if token.last_used_at is None or timezone.now() - token.last_used_at > USED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=Now())
