"""What htmx says of a request, and which part of a page answers it.

A page works without script. Where htmx asks, the same view answers with one part of the same
template: a `partialdef` whose name is the `id` that it bears.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from inference.accounts.models import User


class ConsoleRequest(HttpRequest):
    """A request of somebody who is signed in: `sessions.signed_in` lets nobody else through."""

    user: User


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def go(request: HttpRequest, to: Any, *arguments: Any, **names: Any) -> HttpResponse:
    """Send the browser to a page of ours; htmx is told in its own way."""
    address = resolve_url(to, *arguments, **names)
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponse(status=302, headers={"Location": address})
