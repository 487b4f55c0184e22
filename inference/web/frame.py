"""What stands around every page: navigation, scope, what waits for the reader, theme."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from inference.accounts.models import Environment, User
from inference.web.htmx import is_htmx
from inference.web.surroundings import MOST_CHOICES, surroundings_of

THEMES = ("system", "light", "dark")


@dataclass(frozen=True)
class Scope:
    """What the reader looks at, from the address: empty is all."""

    team: str = ""
    environment: str = ""
    cluster: str = ""

    @property
    def query(self) -> str:
        """To be put behind an address, so that links keep the scope."""
        given = {key: value for key, value in vars(self).items() if value}
        return f"?{urlencode(given)}" if given else ""

    @property
    def title(self) -> str:
        team = self.team or "All teams"
        where = self.cluster or (self.environment and f"all of {self.environment}")
        return f"{team}, {where or 'all clusters'}"


def scope_of(request: HttpRequest) -> Scope:
    given = {name: request.GET.get(name, "")[:40] for name in ("team", "environment", "cluster")}
    return Scope(**given)


@dataclass(frozen=True)
class Entry:
    """One line of the navigation."""

    title: str
    icon: str
    name: str
    count: int = 0


NAVIGATION = (
    ("Operate", (Entry("Overview", "overview", "home"),)),
    (
        "Define",
        (
            Entry("Models", "models", "served-model-list"),
            Entry("Pools", "pools", "hardware-pool-list"),
            Entry("Routes", "routes", "route-list"),
        ),
    ),
    ("Change", (Entry("Changes", "changes", "change-request-list"),)),
    (
        "Govern",
        (
            Entry("Clusters", "clusters", "cluster-list"),
            Entry("Audit", "audit", "audit-event-list"),
            Entry("Settings", "settings", "token-list"),
        ),
    ),
)
"""In groups; a page is here when there is one."""


def navigation(active: str, waiting: int, scope: Scope) -> list[dict[str, Any]]:
    return [
        {
            "title": group,
            "entries": [
                {
                    "title": entry.title,
                    "icon": entry.icon,
                    "address": reverse(f"web:{entry.name}") + scope.query,
                    "is_here": entry.name == active,
                    "count": waiting if entry.name == "change-request-list" else 0,
                }
                for entry in entries
            ],
        }
        for group, entries in NAVIGATION
    ]


def frame(request: HttpRequest, active: str = "") -> dict[str, Any]:
    """For a reader who is signed in: three queries, whatever the page."""
    shown: dict[str, Any] = {"theme": theme_of(request), "request_id": request_id()}
    user = getattr(request, "user", None)  # none yet where the name of the host was refused
    if not isinstance(user, User):
        return shown
    scope = scope_of(request)
    found = surroundings_of(user)
    return shown | {
        "navigation": navigation(active, found.waiting, scope),
        "waiting": found.waiting,
        "scope": scope,
        "teams": found.teams,
        "environments": Environment.values,
        "clusters": found.clusters,
        "has_choices": len(found.clusters) <= MOST_CHOICES,
    }


def show(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    active: str = "",
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    """A page in its frame; or, where htmx asks, its `part` alone."""
    if part and is_htmx(request):
        response = render(request, f"{template}#{part}", context, status=status)
    else:
        response = render(
            request, template, context | {"frame": frame(request, active)}, status=status
        )
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Cookie, HX-Request"
    return response


def theme_of(request: HttpRequest) -> str:
    found = request.COOKIES.get("theme", "")
    return found if found in THEMES else "system"


def request_id() -> str:
    """By which the log knows this request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
