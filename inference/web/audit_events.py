"""Who did what, when: of the reader's teams; of the site for platform. Nothing here is edited."""

import re
from collections.abc import Sequence
from typing import Any

import orjson
from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from inference.accounts.policies import is_platform
from inference.audit.models import AuditEvent
from inference.clusters.visibility import of_teams
from inference.web.field_words import label, words
from inference.web.frame import scope_of, show
from inference.web.htmx import ConsoleRequest
from inference.web.lists import sheet_of, text
from inference.web.sessions import signed_in
from inference.web.tags import groups

ACTIVE = "audit-event-list"
ORDERS = {"newest": ("-at", "-sequence", "-pk"), "oldest": ("at", "sequence", "pk")}
CHANGE = "change-request"
HASH = re.compile(r"[0-9a-f]{64}")
NAMED = {"cluster": "web:cluster-detail", "team": "web:team-detail"}
"""Kinds that have a page under the name that an event keeps."""


@require_safe
@signed_in
def audit_event_list(request: ConsoleRequest) -> HttpResponse:
    mine = of_teams(request.user)
    if is_platform(request.user):
        mine |= Q(team__isnull=True)
    rows = AuditEvent.objects.filter(mine)
    scope, wanted = scope_of(request), text(request)
    who, verb = text(request, "actor"), text(request, "verb")
    if scope.team:
        rows = rows.filter(team__name=scope.team)
    if wanted:
        rows = rows.filter(Q(subject_name__icontains=wanted) | Q(request_id=wanted))
    if who:
        rows = rows.filter(actor__username=who)
    if verb:
        rows = rows.filter(verb=verb)
    given = {"q": wanted, "actor": who, "verb": verb, "team": scope.team}
    filters = {key: value for key, value in given.items() if value}
    sheet = sheet_of(request, rows.select_related("team"), filters=filters, orders=ORDERS)
    context = {"sheet": sheet, "rows": _rows(sheet.rows), "sent": given}
    return show(request, "audit_events/list.html", context, active=ACTIVE, part="list")


def _rows(events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
    return [
        {
            "event": event,
            "kind": _kind(event),
            "address": _address(event),
            "differences": _differences(event),
        }
        for event in events
    ]


def _shown(value: Any) -> str:
    """In words; a hash by its beginning, as pages name it."""
    return groups(value) if isinstance(value, str) and HASH.fullmatch(value) else words(value)


def _kind(event: AuditEvent) -> str:
    """As people call it; nothing where the deed says it."""
    kind = event.subject_kind.removesuffix("-request").replace("-", " ")
    return "" if event.verb.startswith(kind) else kind


def _address(event: AuditEvent) -> str:
    """The page of what it was done to, if it has one. It may be gone by now."""
    if event.subject_kind == CHANGE:
        return reverse("web:change-request-detail", args=[int(event.subject_id)])
    page = NAMED.get(event.subject_kind)
    return reverse(page, args=[event.subject_name]) if page else ""


def _differences(event: AuditEvent) -> list[tuple[str, str, str]]:
    """Field, before and after, where they differ."""
    before, after = (orjson.loads(one) if one else {} for one in (event.before, event.after))
    return [
        (label(name), _shown(before.get(name)), _shown(after.get(name)))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]
