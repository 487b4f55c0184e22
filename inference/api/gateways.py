"""Gateways that routes may attach to; platform owns them, Waybill only reads them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from inference.api.deeds import by, deed
from inference.api.filtering import FilterSet
from inference.api.preconditions import matching
from inference.api.refusals import missing
from inference.api.resources import Listed, Shown
from inference.api.shapes import Body, Column, Name, Nothing, Shape
from inference.clusters import sharing, visibility
from inference.clusters.models import Gateway
from inference.definitions.fields import Label, Subdomain


class GatewayShape(Shape):
    id: UUID
    cluster: Annotated[str, Column("cluster__name")]
    namespace: str
    name: str
    listener: str
    version: int
    created_at: datetime


class NewGateway(Body):
    """Without a listener, routes attach to all of them."""

    cluster: Name
    namespace: Label
    name: Subdomain
    listener: Subdomain | None = None


class GatewayFilter(FilterSet):
    cluster = filters.CharFilter(field_name="cluster__name", max_length=40)


class Gateways(Listed, Shown):
    tag = "gateways"
    noun = "gateway"
    shape = GatewayShape
    table = Gateway
    lookup = {"id": "pk"}
    ordering = ("cluster__name", "namespace", "name", "pk")
    filters = GatewayFilter

    def rows(self) -> QuerySet[Any]:
        return visibility.gateways(self.user)

    @deed("Register a gateway", NewGateway, scope="administer", platform=True, status=201)
    def create(self, request: Request, sent: NewGateway) -> Response:
        cluster = visibility.clusters(self.user).filter(name=sent.cluster).first()
        if cluster is None:
            raise missing("cluster")
        row = sharing.register_gateway(
            cluster=cluster,
            namespace=sent.namespace,
            name=sent.name,
            listener=sent.listener or "",
            **by(request),
        )
        return self.show_one(row.pk, 201)

    @deed(
        "Remove a gateway", Nothing, scope="administer", platform=True, versioned=True, status=204
    )
    def destroy(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        row = self.find()
        matching(request, row.version)
        sharing.remove_gateway(row=row, **by(request))
        return Response(status=204)
