"""What observers saw and what was pushed: live and desired objects, the inventory, readings."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django_filters import rest_framework as filters

from inference.accounts.policies import is_platform
from inference.api.filtering import FilterSet
from inference.api.plans import TakenField
from inference.api.resources import Listed, Shown
from inference.api.shapes import Column, Made, Reason, Row, Shape, reason
from inference.clusters import visibility
from inference.clusters.models import Inventory, LiveObject
from inference.definitions.models import Placement, Route
from inference.delivery.models import DesiredObject
from inference.observation.models import Reading
from inference.rendering.objects import PLACEMENT, ROUTE


class ObjectShape(Shape):
    id: int
    cluster: Annotated[str, Column("cluster__name")]
    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


class LiveObjectShape(ObjectShape):
    """`generation` and `observed_generation` are Kubernetes' own."""

    generation: int
    observed_generation: int
    labels: dict[str, str]
    other_managers: list[dict[str, Any]]
    summary: dict[str, Any]
    seen_at: datetime
    changed_at: datetime
    gone_at: datetime | None


class InventoryShape(ObjectShape):
    team: Annotated[str, Column("team__name")]
    definition_id: UUID
    placement_id: UUID | None
    adopted: bool
    entered_at: datetime
    superseded_at: datetime | None
    deleted_at: datetime | None


class DesiredObjectShape(ObjectShape):
    """Three generations, never confused: these are the desired object's."""

    team: Annotated[str, Column("team__name")]
    definition_kind: str
    definition_id: UUID
    placement_id: UUID | None
    phase: int
    wanted: bool
    hash: str
    force: bool
    takes: list[TakenField]
    change: Annotated[int, Column("plan__change_id")]
    plan_hash: Annotated[str, Column("plan__hash")]
    push: Annotated[int, Column("push_id")]
    generation: int
    pushed_generation: int
    attempts: int
    due_at: datetime | None
    problem: Annotated[Reason | None, Made()]


class DesiredObjectDetail(DesiredObjectShape):
    """`body` is what was approved and is sent, byte for byte."""

    body: str


class ReadingShape(Shape):
    """`replica` is a pod, where it is of one alone. Where a metrics source was asked, `name` is
    what answered, and `query` evaluated at `at` gives `value`. With `warnings` of the source the
    value may not be the whole; `infos` are about the query."""

    id: int
    cluster: Annotated[str, Column("cluster__name")]
    subject_kind: str
    subject_id: UUID
    signal: str
    value: float | None
    problem: Annotated[Reason | None, Made()]
    source: str
    at: datetime
    replica: str
    unit: str
    name: str
    query: str
    warnings: Annotated[list[str], Made()]
    infos: Annotated[list[str], Made()]


class ObjectFilter(FilterSet):
    cluster = filters.CharFilter(field_name="cluster__name", max_length=40)
    namespace = filters.CharFilter(max_length=63)
    kind = filters.CharFilter(max_length=63)
    name = filters.CharFilter(max_length=253)


class LiveObjectFilter(ObjectFilter):
    placement = filters.UUIDFilter(method="of_placement")
    route = filters.UUIDFilter(method="of_route")
    gone = filters.BooleanFilter(field_name="gone_at", lookup_expr="isnull", exclude=True)

    def of_placement(self, queryset: QuerySet[Any], _name: str, value: UUID) -> QuerySet[Any]:
        """By the label that each object and pod of a placement bears."""
        return _labelled(queryset, PLACEMENT, Placement.objects.filter(pk=value), "cluster_id")

    def of_route(self, queryset: QuerySet[Any], _name: str, value: UUID) -> QuerySet[Any]:
        rows = Route.objects.filter(pk=value)
        return _labelled(queryset, ROUTE, rows, "gateway__cluster_id")


class OwnedFilter(ObjectFilter):
    team = filters.CharFilter(field_name="team__name", max_length=40)
    definition = filters.UUIDFilter(field_name="definition_id")
    placement = filters.UUIDFilter(field_name="placement_id")


class ReadingFilter(FilterSet):
    subject = filters.UUIDFilter(field_name="subject_id")
    signal = filters.CharFilter(max_length=60)
    replica = filters.CharFilter(max_length=253)
    cluster = filters.CharFilter(field_name="cluster__name", max_length=40)
    since = filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")


class LiveObjects(Listed, Shown):
    tag = "live-objects"
    noun = "live object"
    shape = LiveObjectShape
    table = LiveObject
    lookup = {"number": "pk"}
    filters = LiveObjectFilter

    def rows(self) -> QuerySet[Any]:
        return visibility.live_objects(self.user)


class Inventories(Listed, Shown):
    tag = "inventory"
    noun = "object in the inventory"
    shape = InventoryShape
    table = Inventory
    lookup = {"number": "pk"}
    filters = OwnedFilter

    def rows(self) -> QuerySet[Any]:
        return visibility.owned(Inventory.objects.all(), self.user)


class DesiredObjects(Listed, Shown):
    tag = "desired-objects"
    noun = "desired object"
    shape = DesiredObjectShape
    detail_shape = DesiredObjectDetail
    table = DesiredObject
    lookup = {"number": "pk"}
    filters = OwnedFilter
    needs = ("problem_code", "problem_params")

    def rows(self) -> QuerySet[Any]:
        return visibility.owned(DesiredObject.objects.all(), self.user)

    def complete(self, rows: list[Row]) -> None:
        for row in rows:
            row["problem"] = reason(row["problem_code"], row["problem_params"])


class Readings(Listed):
    tag = "readings"
    noun = "reading"
    shape = ReadingShape
    table = Reading
    ordering = ("-at", "-pk")
    filters = ReadingFilter
    needs = ("code", "params")

    def rows(self) -> QuerySet[Any]:
        """Of routes and placements of the reader's teams; platform sees all."""
        if is_platform(self.user):
            return Reading.objects.all()
        subject = OuterRef("subject_id")
        route = visibility.owned(Route.objects.filter(pk=subject), self.user)
        placement = Placement.objects.filter(pk=subject)
        mine = placement.filter(served_model__team__in=visibility.teams(self.user))
        return Reading.objects.filter(Exists(route) | Exists(mine))

    def complete(self, rows: list[Row]) -> None:
        for row in rows:
            row["problem"] = reason(row["code"], row["params"])
            row["warnings"] = row["params"].get("warnings", [])
            row["infos"] = row["params"].get("infos", [])


def _labelled(
    queryset: QuerySet[Any], label: str, subjects: QuerySet[Any], cluster: str
) -> QuerySet[Any]:
    found = subjects.values_list("object_name", cluster).first()
    if found is None:
        return queryset.none()
    name, cluster_id = found
    return queryset.filter(cluster=cluster_id, **{f"labels__{label}": name})
