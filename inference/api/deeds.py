"""What every write has in common: its scope, its body, its key. Declared beside the handler."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial, wraps
from typing import Any, TypedDict, TypeVar, cast

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts.models import Token, User
from inference.accounts.policies import check_platform, check_scope
from inference.api.idempotency import once
from inference.api.shapes import Body, Nothing, Shape, take

V = TypeVar("V")
Handler = Callable[..., Response]


@dataclass(frozen=True)
class Operation:
    """What OpenAPI says of a handler. `media` names what it answers when that is no JSON."""

    summary: str
    body: type[Body] | None = None
    answer: type[Shape] | None = None
    status: int = 200
    scope: str = "read"
    versioned: bool = False
    many: bool = False
    media: str = "application/json"
    public: bool = False
    secrets: tuple[str, ...] = ()


class By(TypedDict):
    """Who does it, with what, and when: what every action wants to know."""

    by: User
    token: Token | None
    at: datetime


def by(request: Request) -> By:
    return By(by=user_of(request), token=token_of(request), at=timezone.now())


def user_of(request: Request) -> User:
    """Of a request that `SignedIn` let through."""
    return cast("User", request.user)


def token_of(request: Request) -> Token | None:
    """None where a session asks."""
    return cast("Token | None", request.auth)


def reads(operation: Operation) -> Callable[[V], V]:
    """Declare a handler that changes nothing."""

    def enter(handler: V) -> V:
        handler.operation = operation  # type: ignore[attr-defined]  # read by `schema`
        return handler

    return enter


def deed(
    summary: str,
    body: type[Body],
    *,
    scope: str,
    platform: bool = False,
    answer: type[Shape] | None = None,
    status: int = 200,
    versioned: bool = False,
    secrets: tuple[str, ...] = (),
) -> Callable[[Handler], Handler]:
    """Declare a handler that changes something; it is called with the body that was sent.

    Refused in this order: the token's scope, the site role, the body; then by the action. A POST
    with an Idempotency-Key is carried out once.
    """

    def enter(handler: Handler) -> Handler:
        @wraps(handler)
        def run(view: Any, request: Request, **names: Any) -> Response:
            check_scope(token_of(request), scope)
            if platform:
                check_platform(user_of(request))
            sent = take(body, _sent(request, body))
            call = partial(handler, view, request, sent, **names)
            return once(request, call, secrets) if request.method == "POST" else call()

        run.operation = Operation(  # type: ignore[attr-defined]  # read by `schema`
            summary, body, answer, status, scope, versioned, secrets=secrets
        )
        return run

    return enter


def _sent(request: Request, wanted: type[Body]) -> Any:
    """The body; one that needs no field may be left out."""
    if wanted is Nothing and not request.data:
        return {}
    return request.data
