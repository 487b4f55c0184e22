"""Pages for what went wrong: what happened, what it means, what to do; and the request's id."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

from inference.errors import Invalid, NotAllowed, Refusal
from inference.web.frame import request_id, show

TEMPLATE = "problems/problem.html"


def bad_request(request: HttpRequest) -> HttpResponse:
    return _problem(
        request,
        400,
        "This request could not be read.",
        "Go back, load the page again and repeat what you did.",
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = str(exception) if isinstance(exception, Refusal) else ""
    return _problem(
        request,
        403,
        "You may not see this.",
        sentence or "Ask an admin of the team, or platform, for the role that it needs.",
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of an old session, or of another site."""
    del reason
    return _problem(
        request,
        403,
        "This form has expired.",
        "Nothing was done. Load the page again, sign in if you are asked to, and repeat it.",
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    return _problem(
        request,
        404,
        "There is no such page that you may see.",
        "Look at the address. If a colleague sent it, ask them which team it belongs to: what"
        " belongs to teams of others is not shown.",
    )


@requires_csrf_token
def failed(request: HttpRequest) -> HttpResponse:
    """Without the frame: whatever failed may fail there too."""
    context = {
        "status": 500,
        "fact": "This page could not be made.",
        "advice": "Models go on serving; only the console has failed. Try again. If it stays,"
        " tell whoever runs Waybill which request this was.",
        "frame": {"theme": "system", "request_id": request_id()},
    }
    return render(request, TEMPLATE, context, status=500)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A deed that has no page of its own to say no on."""
    status = (
        403 if isinstance(refusal, NotAllowed) else 422 if isinstance(refusal, Invalid) else 409
    )
    return _problem(request, status, "This was not done.", str(refusal))


def _problem(request: HttpRequest, status: int, fact: str, advice: str) -> HttpResponse:
    context: dict[str, Any] = {"status": status, "fact": fact, "advice": advice}
    return show(request, TEMPLATE, context, status=status)
