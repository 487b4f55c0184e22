"""What htmx says of a request, and which part of a page answers it.

A page works without script. Where htmx asks, the same view answers with one part of the same
template: a `partialdef` whose name is the `id` that it bears.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse

from inference.accounts.models import User

P = ParamSpec("P")


class ConsoleRequest(HttpRequest):
    """A request of somebody who is signed in: `signed_in` lets nobody else through."""

    user: User


View = Callable[Concatenate[ConsoleRequest, P], HttpResponse]


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def page_or_part(request: HttpRequest, template: str, part: str) -> str:
    """The template, or the part of it that htmx swaps."""
    return f"{template}#{part}" if is_htmx(request) else template


def signed_in(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Send others to the sign-in page, and back afterwards. Every page but that one has it."""

    @wraps(view)
    def check(request: HttpRequest, *arguments: P.args, **names: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(cast("ConsoleRequest", request), *arguments, **names)
        if is_htmx(request):
            return go(request, reverse("web:sign-in"))
        return redirect_to_login(request.get_full_path(), reverse("web:sign-in"))

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", check)


def go(request: HttpRequest, to: Any, *arguments: Any, **names: Any) -> HttpResponse:
    """Send the browser to a page of ours; htmx is told in its own way."""
    address = resolve_url(to, *arguments, **names)
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponse(status=302, headers={"Location": address})
