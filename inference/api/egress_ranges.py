"""Ranges of addresses that Waybill may dial although they are private. Platform's alone."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from pydantic import StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts.policies import check_platform
from inference.api.deeds import by, deed
from inference.api.resources import Listed, Shown
from inference.api.shapes import Body, Nothing, Shape
from inference.clusters import sharing
from inference.clusters.models import EgressRange
from inference.definitions.fields import LINE


class EgressRangeShape(Shape):
    id: int
    cidr: str
    reason: str
    created_at: datetime


class NewEgressRange(Body):
    cidr: Annotated[str, StringConstraints(max_length=43)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE)]


class EgressRanges(Listed, Shown):
    tag = "egress-ranges"
    noun = "egress range"
    shape = EgressRangeShape
    table = EgressRange
    lookup = {"number": "pk"}
    ordering = ("cidr", "pk")

    def rows(self) -> QuerySet[Any]:
        check_platform(self.user)
        return EgressRange.objects.all()

    @deed("Allow a range", NewEgressRange, scope="administer", platform=True, status=201)
    def create(self, request: Request, sent: NewEgressRange) -> Response:
        row = sharing.allow_range(cidr=sent.cidr, reason=sent.reason, **by(request))
        return self.show_one(row.pk, 201)

    @deed("Disallow a range", Nothing, scope="administer", platform=True, status=204)
    def destroy(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        sharing.disallow_range(row=self.find(), **by(request))
        return Response(status=204)
