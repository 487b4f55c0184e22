"""One way to carry out a deed that a form asks for, and to say on its page why it was not done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from inference.errors import Invalid, NotAllowed, Refusal
from inference.web.htmx import ConsoleRequest


@dataclass(frozen=True)
class Problem:
    """Why a deed was not done, for the page that asked for it."""

    text: str
    status: int


def attempt(request: ConsoleRequest, deed: Callable[..., Any], **sent: Any) -> Any:
    """What `deed` returns, or the Problem that it met."""
    try:
        return deed(by=request.user, at=timezone.now(), **sent)
    except NotAllowed as refusal:
        return Problem(str(refusal), 403)
    except Invalid as refusal:
        return Problem(str(refusal), 422)
    except Refusal as refusal:
        return Problem(str(refusal), 409)
    except ValidationError as error:
        return Problem(" ".join(error.messages), 422)


def field(request: ConsoleRequest, name: str, longest: int = 300) -> str:
    """What was typed into a field of a form."""
    return request.POST.get(name, "").strip().replace("\0", "")[:longest]


def version(request: ConsoleRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0  # noqa: PLR2004
