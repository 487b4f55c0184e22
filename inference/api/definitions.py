"""What the three kinds of definition have in common: read here, changed by change requests."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts.policies import teams_of
from inference.api.deeds import Operation, reads
from inference.api.filtering import FilterSet, check_known
from inference.api.rendering import JSONRenderer, YAMLRenderer
from inference.api.resources import Listed, Shown
from inference.api.shapes import Column, Made, Row, Shape
from inference.definitions.models.definitions import Definition
from inference.delivery import sync
from inference.observation.assessment import Readiness


class ReadinessShape(Shape):
    """The rung of the ladder that was reached, and why it is not the next one."""

    rung: str
    is_ready: bool
    is_known: bool
    code: str
    detail: str
    params: dict[str, Any]


class SyncShape(Shape):
    """`drifted` objects have a live value that was not pushed; `gone` ones are not there."""

    state: Literal["in-sync", "drift", "contended", "pushing", "not-pushed"]
    objects: int
    pending: int
    drifted: int
    gone: int


class DefinitionShape(Shape):
    id: UUID
    team: Annotated[str, Column("team__name")]
    name: str
    title: str
    generation: int
    sync: Annotated[SyncShape, Made()]
    created_at: datetime
    updated_at: datetime


class ExportShape(Shape):
    """With a verb it is an edit."""

    kind: str
    team: str
    name: str
    title: str
    id: UUID
    generation: int
    document: dict[str, Any]


class DefinitionFilter(FilterSet):
    team = filters.CharFilter(field_name="team__name", max_length=40)
    name = filters.CharFilter(max_length=40)


class Definitions(Listed, Shown):
    """Of the reader's teams, without the deleted ones."""

    kind: ClassVar[str]
    table: ClassVar[Any]
    lookup = {"team": "team__name", "name": "name"}
    ordering = ("team__name", "name", "pk")
    filters: ClassVar[type[FilterSet] | None] = DefinitionFilter

    def rows(self) -> QuerySet[Any]:
        found: QuerySet[Any] = self.table.objects.live().visible_to(teams_of(self.user))
        return found

    def complete(self, rows: list[Row]) -> None:
        found = sync.of_definitions(row["id"] for row in rows)
        for row in rows:
            row["sync"] = found.get(row["id"], sync.NOTHING)

    @reads(Operation("Export as YAML", answer=ExportShape, media="application/yaml"))
    def export(self, request: Request, **_names: Any) -> Response:
        """What an edit takes back unchanged: add a verb, and a reason for the change."""
        check_known(request, set())
        row: Definition = self.find()
        return Response(
            {
                "kind": self.kind,
                "team": row.team.name,
                "name": row.name,
                "title": row.title,
                "id": row.pk,
                "generation": row.generation,
                "document": row.document,
            }
        )

    def get_renderers(self) -> list[Any]:
        if getattr(self, "action", "") == "export":
            return [YAMLRenderer()]
        return [JSONRenderer()]


def readiness_of(found: Readiness) -> Row:
    return {
        "rung": found.rung.label.replace(" ", "-"),
        "is_ready": found.is_ready,
        "is_known": found.is_known,
        "code": found.message.code,
        "detail": found.sentence,
        "params": found.params,
    }
