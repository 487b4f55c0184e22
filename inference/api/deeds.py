"""What every write has in common: its scope, its body, its key. Declared beside the handler."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts.models import Token, User
from inference.accounts.policies import check_platform, check_scope
from inference.api.idempotency import once
from inference.api.shapes import Body, Nothing, Shape, take

V = TypeVar("V")
B = TypeVar("B", bound=Body)
P = ParamSpec("P")


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
    return By(by=request.user, token=request.auth, at=timezone.now())


def reads(operation: Operation) -> Callable[[V], V]:
    """Declare a handler that changes nothing."""

    def enter(handler: V) -> V:
        handler.operation = operation  # type: ignore[attr-defined]  # read by `schema`
        return handler

    return enter


def deed(
    summary: str,
    body: type[B] | None = None,
    *,
    scope: str,
    platform: bool = False,
    answer: type[Shape] | None = None,
    status: int = 200,
    versioned: bool = False,
    secrets: tuple[str, ...] = (),
) -> Callable[
    [Callable[Concatenate[Any, Request, B, P], Response]],
    Callable[Concatenate[Any, Request, P], Response],
]:
    """Declare a handler that changes something; it is called with the body that was sent.

    Refused in this order: the token's scope, the site role, the body; then by the action. A POST
    with an Idempotency-Key is carried out once.
    """
    wanted: type[Body] = body or Nothing

    def enter(
        handler: Callable[Concatenate[Any, Request, B, P], Response],
    ) -> Callable[Concatenate[Any, Request, P], Response]:
        @wraps(handler)
        def run(view: Any, request: Request, *args: P.args, **kwargs: P.kwargs) -> Response:
            check_scope(request.auth, scope)
            if platform:
                check_platform(request.user)
            sent: Any = take(wanted, _sent(request, wanted))
            call = partial(handler, view, request, sent, *args, **kwargs)
            return once(request, call, secrets) if request.method == "POST" else call()

        run.operation = Operation(  # type: ignore[attr-defined]  # read by `schema`
            summary, wanted, answer, status, scope, versioned, secrets=secrets
        )
        return run

    return enter


def _sent(request: Request, wanted: type[Body]) -> Any:
    """The body; one that needs no field may be left out."""
    if wanted is Nothing and not request.data:
        return {}
    return request.data
