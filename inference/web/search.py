"""Find or do anything: one list, as a page and in the palette."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.changes.visibility import visible
from inference.web.change_answers import WORDS
from inference.web.change_requests import matching
from inference.web.frame import NAVIGATION, show
from inference.web.htmx import ConsoleRequest, signed_in
from inference.web.lists import text

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
    return [("Changes", _changes(user, wanted)), ("Go to", _pages(wanted))]


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
