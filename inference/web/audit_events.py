"""Who did what, when: of the reader's teams; of the site for platform. Nothing here is edited."""

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
from inference.web.audit_words import Difference, deed_of, differences, verbs_saying
from inference.web.frame import scope_of, show
from inference.web.htmx import ConsoleRequest
from inference.web.lists import sheet_of, text
from inference.web.sessions import signed_in

ACTIVE = "audit-event-list"
ORDERS = {"newest": ("-at", "-sequence", "-pk"), "oldest": ("at", "sequence", "pk")}
CHANGE = "change-request"
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
        rows = rows.filter(Q(verb__istartswith=verb) | Q(verb__in=verbs_saying(verb)))
    given = {"q": wanted, "actor": who, "verb": verb, "team": scope.team}
    filters = {key: value for key, value in given.items() if value}
    sheet = sheet_of(request, rows.select_related("team"), filters=filters, orders=ORDERS)
    context = {"sheet": sheet, "rows": _rows(sheet.rows), "sent": given}
    return show(request, "audit_events/list.html", context, active=ACTIVE, part="list")


def _rows(events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
    return [
        {
            "event": event,
            "deed": deed_of(event.subject_kind, event.verb),
            "number": event.subject_id if event.subject_kind == CHANGE else "",
            "address": _address(event),
            "differences": _differences(event),
        }
        for event in events
    ]


def _address(event: AuditEvent) -> str:
    """The page of what it was done to, if it has one. It may be gone by now."""
    if event.subject_kind == CHANGE:
        return reverse("web:change-request-detail", args=[int(event.subject_id)])
    page = NAMED.get(event.subject_kind)
    return reverse(page, args=[event.subject_name]) if page else ""


def _differences(event: AuditEvent) -> list[Difference]:
    before, after = (orjson.loads(one) if one else None for one in (event.before, event.after))
    return differences(before, after or {})
