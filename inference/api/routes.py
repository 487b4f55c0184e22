"""Routes: the public names, who answers behind them, and whether the gateway has taken them."""

from collections import defaultdict
from typing import Annotated
from uuid import UUID

from django_filters import rest_framework as filters

from inference.api.definitions import (
    DefinitionFilter,
    Definitions,
    DefinitionShape,
    ReadinessShape,
    readiness_of,
)
from inference.api.shapes import Column, Made, Row, Shape
from inference.definitions.documents import ROUTE
from inference.definitions.models import PublicName, Route, RouteMember
from inference.definitions.specs import RouteSpec
from inference.observation import readiness
from inference.observation.readiness import GatewayPlace, Subject


class MemberShape(Shape):
    placement: UUID
    model: str
    pool: str
    weight: int


class RouteShape(DefinitionShape):
    cluster: Annotated[str, Column("gateway__cluster__name")]
    environment: Annotated[str, Column("gateway__cluster__environment")]
    gateway: Annotated[str, Column("gateway__name")]
    gateway_namespace: Annotated[str, Column("gateway__namespace")]
    namespace: str
    object_name: str
    hostname: str
    path_prefix: str
    public_names: Annotated[list[str], Made()]
    members: Annotated[list[MemberShape], Made()]
    readiness: Annotated[ReadinessShape, Made()]
    document: RouteSpec


class RouteFilter(DefinitionFilter):
    cluster = filters.CharFilter(field_name="gateway__cluster__name", max_length=40)
    hostname = filters.CharFilter(max_length=253)


class Routes(Definitions):
    tag = "routes"
    noun = "route"
    kind = ROUTE
    shape = RouteShape
    table = Route
    filters = RouteFilter
    needs = ("gateway__cluster_id", "gateway__listener")

    def complete(self, rows: list[Row]) -> None:
        super().complete(rows)
        ids = [row["id"] for row in rows]
        members, names = _members(ids), _names(ids)
        found = readiness.routes(
            (
                Subject(
                    row["id"], row["gateway__cluster_id"], row["namespace"], row["object_name"]
                ),
                GatewayPlace(row["gateway_namespace"], row["gateway"], row["gateway__listener"]),
            )
            for row in rows
        )
        for row in rows:
            row["members"] = members.get(row["id"], [])
            row["public_names"] = names.get(row["id"], [])
            row["readiness"] = readiness_of(found[row["id"]])


def _members(routes: list[UUID]) -> dict[UUID, list[Row]]:
    made: dict[UUID, list[Row]] = defaultdict(list)
    rows = RouteMember.objects.filter(route__in=routes).order_by(
        "placement__served_model__name", "placement__pool__name"
    )
    names = tuple(MemberShape.model_fields)
    values = rows.values_list(
        "route_id",
        "placement_id",
        "placement__served_model__name",
        "placement__pool__name",
        "weight",
    )
    for route, *row in values:
        made[route].append(dict(zip(names, row, strict=True)))
    return made


def _names(routes: list[UUID]) -> dict[UUID, list[str]]:
    made: dict[UUID, list[str]] = defaultdict(list)
    rows = PublicName.objects.filter(route__in=routes).order_by("name")
    for route, name in rows.values_list("route_id", "name"):
        made[route].append(name)
    return made
