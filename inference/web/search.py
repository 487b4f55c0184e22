"""Find or do anything: one list, as a page and in the palette."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from inference.accounts.models import User
from inference.accounts.policies import is_platform, teams_of
from inference.changes.models import ChangeRequest
from inference.changes.visibility import visible
from inference.clusters.visibility import clusters
from inference.definitions.models import HardwarePool, Route, ServedModel
from inference.web.change_answers import WORDS
from inference.web.change_lists import matching
from inference.web.definitions import may_draft
from inference.web.frame import NAVIGATION, show
from inference.web.htmx import ConsoleRequest
from inference.web.lists import text
from inference.web.sessions import signed_in

EACH = 6


@dataclass(frozen=True)
class Hit:
    """One line: where it leads, and the badge that stands beside it."""

    title: str
    address: str
    icon: str
    badge: tuple[str, str, str] | None = None
    remark: str = ""


@require_safe
@signed_in
def search(request: ConsoleRequest) -> HttpResponse:
    wanted = text(request)
    found = [(title, hits) for title, hits in _groups(request.user, wanted) if hits]
    return show(
        request, "search/page.html", {"q": wanted, "found": found}, active="search", part="found"
    )


def _groups(user: User, wanted: str) -> list[tuple[str, list[Hit]]]:
    """Eight queries. Without a word, what is newest and where one may go."""
    named = [
        ("Routes", _definitions(Route, user, wanted, "route", "routes")),
        ("Models", _definitions(ServedModel, user, wanted, "served-model", "models")),
        ("Pools", _definitions(HardwarePool, user, wanted, "hardware-pool", "pools")),
        ("Clusters", _clusters(user, wanted)),
    ]
    found = [
        ("Changes", _changes(user, wanted)),
        ("Do", _deeds(user, wanted)),
        ("Go to", _pages(wanted)),
    ]
    return [*named, *found] if wanted else found


def _definitions(table: Any, user: User, wanted: str, name: str, icon: str) -> list[Hit]:
    rows = table.objects.live().visible_to(teams_of(user)).select_related("team")
    rows = rows.filter(Q(name__icontains=wanted) | Q(title__icontains=wanted)).order_by("name")
    return [
        Hit(
            str(row), reverse(f"web:{name}-detail", args=[row.team.name, row.name]), icon,
            remark=row.team.name,
        )
        for row in rows[:EACH]
    ]  # fmt: skip


def _clusters(user: User, wanted: str) -> list[Hit]:
    rows = clusters(user).filter(Q(name__icontains=wanted) | Q(title__icontains=wanted))
    return [
        Hit(
            str(row),
            reverse("web:cluster-detail", args=[row.name]),
            "clusters",
            remark=row.environment,
        )
        for row in rows.order_by("name")[:EACH]
    ]


EDITORS, PLATFORM = "for editors of a team", "for platform"
DEEDS = (
    ("Draft a served model", "served-model-new", "models", EDITORS),
    ("Draft a hardware pool", "hardware-pool-new", "pools", EDITORS),
    ("Draft a route", "route-new", "routes", EDITORS),
    ("Connect a cluster", "cluster-new", "clusters", PLATFORM),
    ("Issue a token", "token-list", "key", ""),
)
"""What, where, and whose right it is."""


def _deeds(user: User, wanted: str) -> list[Hit]:
    """Whoever lacks the right is told whose it is."""
    held = {EDITORS: may_draft(user), PLATFORM: is_platform(user)}
    return [
        Hit(title, reverse(f"web:{name}"), icon, remark="" if held.get(right, True) else right)
        for title, name, icon, right in DEEDS
        if wanted.lower() in title.lower()
    ]


def _changes(user: User, wanted: str) -> list[Hit]:
    rows = visible(user)
    if wanted:
        rows = rows.filter(matching(wanted))
    return [
        Hit(
            f"#{row.pk} {row.title}",
            reverse("web:change-request-detail", args=[row.pk]),
            "changes",
            WORDS[ChangeRequest.State(row.state)],
        )
        for row in rows.order_by("-pk")[:EACH]
    ]


def _pages(wanted: str) -> list[Hit]:
    entries = [entry for _, group in NAVIGATION for entry in group]
    return [
        Hit(entry.title, reverse(f"web:{entry.name}"), entry.icon)
        for entry in entries
        if wanted.lower() in entry.title.lower()
    ]
