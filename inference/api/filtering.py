"""Filters are lists of what may be asked: a name that is not on it is refused, never ignored."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from inference.api.refusals import Declined
from inference.messages import api as messages

OF_PAGES = {"cursor", "limit"}


class FilterSet(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Declares its filters one by one: none is derived from a table."""


class Filtering(BaseFilterBackend):
    """Costs nothing while no filter is given."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        given = request.query_params
        check_known(request, {*OF_PAGES, *declared(view)})
        if not given.keys() - OF_PAGES:
            return queryset
        made = view.filters(given, queryset=queryset, request=request)
        if not made.form.is_valid():
            name, reasons = next(iter(made.form.errors.items()))
            raise Declined(400, messages.FILTER_INVALID, name=name, reason=" ".join(reasons))
        found: QuerySet[Any] = made.qs
        return found


def declared(view: Any) -> dict[str, filters.Filter]:
    """The filters of a view by name."""
    filterset = getattr(view, "filters", None)
    return dict(filterset.base_filters) if filterset else {}


def check_known(request: Request, known: set[str]) -> None:
    for name, values in request.query_params.lists():
        if name not in known:
            raise Declined(
                400, messages.FILTER_UNKNOWN, name=name[:60], known=", ".join(sorted(known))
            )
        if len(values) > 1:
            raise Declined(400, messages.FILTER_TWICE, name=name)
