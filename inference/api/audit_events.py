"""Who did what, when: events of the reader's teams; those of the site for platform."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from inference.accounts.policies import is_platform
from inference.api.filtering import FilterSet
from inference.api.resources import Listed, Shown
from inference.api.shapes import Column, Row, Shape
from inference.audit.models import AuditEvent
from inference.clusters import visibility


class AuditEventShape(Shape):
    """`hash` chains it to the event before it in its stream."""

    id: UUID
    stream: Annotated[str, Column("stream_id")]
    sequence: int
    at: datetime
    actor: Annotated[str | None, Column("actor__username")]
    actor_name: str
    token: Annotated[str | None, Column("token__prefix")]
    verb: str
    subject_kind: str
    subject_id: str
    subject_name: str
    team: Annotated[str | None, Column("team__name")]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str
    previous_hash: str
    hash: str


class AuditEventFilter(FilterSet):
    team = filters.CharFilter(field_name="team__name", max_length=40)
    actor = filters.CharFilter(field_name="actor__username", max_length=150)
    verb = filters.CharFilter(max_length=60)
    subject_kind = filters.CharFilter(max_length=60)
    subject_id = filters.CharFilter(max_length=60)
    since = filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")


class AuditEvents(Listed, Shown):
    tag = "audit-events"
    noun = "audit event"
    shape = AuditEventShape
    table = AuditEvent
    lookup = {"id": "pk"}
    ordering = ("-at", "-pk")
    filters = AuditEventFilter

    def rows(self) -> QuerySet[Any]:
        mine = visibility.of_teams(self.user)
        if is_platform(self.user):
            mine |= Q(team__isnull=True)
        return AuditEvent.objects.filter(mine)

    def complete(self, rows: list[Row]) -> None:
        for row in rows:
            for name in ("before", "after"):
                row[name] = orjson.loads(row[name]) if row[name] else None
