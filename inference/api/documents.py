"""The OpenAPI document, and a readable answer at each problem's type. And what is nowhere."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inference import messages as catalogue
from inference.api.deeds import Operation, reads
from inference.api.errors import title_of
from inference.api.permissions import Anybody
from inference.api.refusals import Declined
from inference.api.rendering import JSONRenderer, Negotiation, YAMLRenderer, to_yaml
from inference.api.resources import Base
from inference.messages import api as messages


@cache
def openapi() -> dict[str, Any]:
    """Made once in a process: handlers do not change while it runs."""
    generator: Any = SchemaGenerator
    document: dict[str, Any] = generator().get_schema(request=None, public=True)
    return document


@cache
def openapi_yaml() -> str:
    return to_yaml(openapi())


class OpenAPI(Base):
    tag = "openapi"
    schema: Any = None  # it does not describe itself

    @reads(Operation("OpenAPI as JSON"))
    def as_json(self, request: Request) -> Response:
        del request
        return Response(openapi())

    @reads(Operation("OpenAPI as YAML", media="application/yaml"))
    def as_yaml(self, request: Request) -> Response:
        del request
        return Response(openapi_yaml())

    def get_renderers(self) -> list[Any]:
        if getattr(self, "action", "") == "as_yaml":
            return [YAMLRenderer()]
        return [JSONRenderer()]


class Nowhere(APIView):
    """Every address under /api/ that is not offered: a problem document, not a page."""

    permission_classes = [Anybody]
    authentication_classes: list[Any] = []
    content_negotiation_class = Negotiation
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Declined(404, messages.ROUTE_UNKNOWN)


def problem_type(request: HttpRequest, code: str) -> HttpResponse:
    """Public: it says what a code means, and nothing about the installation."""
    found = catalogue.known(code)
    if found is None:
        return render(request, "problems/detail.html", {"code": code}, status=404)
    context = {"code": code, "title": title_of(code), "sentence": found.sentence}
    return render(request, "problems/detail.html", context)
