"""Signing in and out. Failures are braked per account and per network, as those of tokens are."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from inference.accounts import brakes
from inference.errors import Refusal
from inference.web.frame import THEMES, show
from inference.web.htmx import ConsoleRequest, is_htmx

P = ParamSpec("P")
View = Callable[Concatenate[ConsoleRequest, P], HttpResponse]

WRONG = "No account has this username and this password. Capitals count in both."
YEAR = 365 * 24 * 3600
SIGNED_OUT = "signed-out"
"""What the page hears, whose script asks for a session that has ended."""
SECRETS = ("kubeconfig", "token", "client_key_pem", "bearer", "password")
"""Fields of any form that no page gives back, and no report of a failure names."""


def signed_in(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Send others to the sign-in page, and back afterwards. Every page but that one has it.

    Sessions end while somebody types: what they send then is kept, and a page that asks by script
    stays as it is.
    """

    @wraps(view)
    def check(request: HttpRequest, *arguments: P.args, **names: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(cast("ConsoleRequest", request), *arguments, **names)
        if is_htmx(request):
            return HttpResponse(status=204, headers={"HX-Trigger": SIGNED_OUT})
        if request.method == "POST":
            return _kept(request)
        return redirect_to_login(request.get_full_path(), reverse("web:sign-in"))

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", check)


def _kept(request: HttpRequest) -> HttpResponse:
    """A form of somebody whose session has ended, to be sent again."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in {"csrfmiddlewaretoken", *SECRETS}
        for value in values
    ]
    context = {"fields": fields, "has_secrets": any(map(request.POST.get, SECRETS))}
    return show(request, "sessions/kept.html", context, status=401)


class SignInForm(forms.Form):
    username = forms.CharField(max_length=150)
    password = forms.CharField(max_length=1000, strip=False)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Let somebody in, and lead them where they wanted to go."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(_next(request))
        return _page(request, {}, 200)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, {"problem": "Both are needed: username and password."}, 422)
    name, address = form.cleaned_data["username"], request.META.get("REMOTE_ADDR", "")
    try:
        brakes.count(name, address)
    except Refusal as refusal:
        return _page(request, {"problem": str(refusal), "username": name}, 429)
    user = authenticate(request, username=name, password=form.cleaned_data["password"])
    if user is None:
        return _page(request, {"problem": WRONG, "username": name}, 401)
    brakes.forgive(name, address)
    login(request, user)
    request.session.clear_expired()  # those of others: nobody else takes them away
    return redirect(_next(request))


@require_http_methods(["GET", "HEAD"])
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Django's admin site has no door of its own: a second one would have no brake.

    Raises PermissionDenied for those who are signed in and no staff: signing in again is no help.
    """
    if not request.user.is_authenticated:
        wanted = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(wanted, reverse("web:sign-in"))
    if not (request.user.is_active and request.user.is_staff):
        raise PermissionDenied
    return redirect(_next(request, "admin:index"))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("web:sign-in")


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember dark, light or what the system says; a cookie, so that no script is needed."""
    theme = request.POST.get("theme", "")
    response = redirect(_next(request))
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", httponly=True)
    return response


def _page(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    context["next"] = request.POST.get("next") or request.GET.get("next", "")
    return show(request, "sessions/sign_in.html", context, status=status)


def _next(request: HttpRequest, otherwise: str = "web:home") -> str:
    """Only a page of this host: an address that leads elsewhere is ignored."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and safe else resolve_url(otherwise)
