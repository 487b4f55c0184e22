"""Gateways that routes may attach to; platform owns them, Waybill only reads them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from pydantic import StringConstraints
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

Pem = Annotated[str, StringConstraints(max_length=262_144)]


class GatewayShape(Shape):
    id: UUID
    cluster: Annotated[str, Column("cluster__name")]
    namespace: str
    name: str
    listener: str
    ca_pem: str
    version: int
    created_at: datetime


class NewGateway(Body):
    """Without a listener, routes attach to all of them.

    `ca_pem`: whom Waybill trusts where it sends requests of its own over https, to probe routes and
    to try them; empty: the machine's authorities.
    """

    cluster: Name
    namespace: Label
    name: Subdomain
    listener: Subdomain | None = None
    ca_pem: Pem = ""


class GatewayAuthority(Body):
    """The certificates of an authority, as PEM; empty: those of the machine."""

    ca_pem: Pem


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
            ca_pem=sent.ca_pem,
            **by(request),
        )
        return self.show_one(row.pk, 201)

    @deed(
        "Trust another authority at a gateway",
        GatewayAuthority,
        scope="administer",
        platform=True,
        versioned=True,
    )
    def update(self, request: Request, sent: GatewayAuthority, **_names: Any) -> Response:
        row = self.find()
        version = matching(request, row.version)
        sharing.trust_gateway(row=row, version=version, ca_pem=sent.ca_pem, **by(request))
        return self.show_one(row.pk)

    @deed(
        "Remove a gateway", Nothing, scope="administer", platform=True, versioned=True, status=204
    )
    def destroy(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        row = self.find()
        matching(request, row.version)
        sharing.remove_gateway(row=row, **by(request))
        return Response(status=204)
