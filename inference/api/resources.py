"""What the modules of nouns are made of: lists and details of one shape, from one query each."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from inference.accounts.models import User
from inference.api.deeds import Operation, reads, user_of
from inference.api.filtering import Filtering, FilterSet, check_known
from inference.api.pagination import CursorPagination
from inference.api.preconditions import etag
from inference.api.refusals import missing
from inference.api.rendering import Negotiation
from inference.api.schema import Schema
from inference.api.shapes import Row, Shape, columns_of


class Base(ViewSet):
    """What all views share. No browsable pages, no OPTIONS with internals."""

    metadata_class = None
    content_negotiation_class: type[BaseContentNegotiation] = Negotiation
    schema = Schema()
    tag: ClassVar[str] = ""

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(*args, **kwargs)
        response["Cache-Control"] = "no-store"  # answers are for one reader and one moment
        return response

    @property
    def user(self) -> User:
        return user_of(self.request)


class Resource(Base):
    """One noun. `rows` is what this reader may see; everything else answers 404."""

    noun: ClassVar[str]
    shape: ClassVar[type[Shape]]
    table: ClassVar[type[Model]]
    # What the detail says beyond the list; the same where there is none.
    detail_shape: ClassVar[type[Shape] | None] = None
    # Columns that `complete` reads and no answer shows.
    needs: ClassVar[tuple[str, ...]] = ()
    # From the names in the address to fields of the table.
    lookup: ClassVar[Mapping[str, str]] = {}
    # The last field is unique, so that a cursor has one place.
    ordering: tuple[str, ...] = ("pk",)
    filters: ClassVar[type[FilterSet] | None] = None

    def rows(self) -> QuerySet[Any]:
        """The rows that `self.user` may see, with what `shape` asks of them."""
        raise NotImplementedError

    def complete(self, rows: list[Row]) -> None:
        """Fill in what the query could not, for a whole page in a fixed number of queries."""

    def complete_detail(self, row: Row) -> None:
        """Fill in what only the detail has."""

    @property
    def paths(self) -> list[str]:
        return [*columns_of(self.shape).values(), *self.needs]

    def find(self) -> Any:
        """The row that the address names, as an object for an action. Raises 404."""
        row = self.named(self.rows()).first()
        if row is None:
            raise missing(self.noun)
        return row

    def named(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{path: self.kwargs[key] for key, path in self.lookup.items()})

    def show(self, queryset: QuerySet[Any], status: int = 200) -> Response:
        """One row in the resource's shape, with its version as the ETag. Raises 404."""
        shape = self.detail_shape or self.shape
        values = queryset.values_list(*columns_of(shape).values(), *self.needs).first()
        return self._shown(values, shape, status)

    def _shown(
        self, values: tuple[Any, ...] | None, shape: type[Shape], status: int = 200
    ) -> Response:
        if values is None:
            raise missing(self.noun)
        [row] = self._present([values], shape)
        headers = {"ETag": etag(row["version"])} if "version" in row else {}
        return Response(row, status, headers=headers)

    def show_one(self, pk: Any, status: int = 200) -> Response:
        """What became of the row `pk`, after a deed."""
        return self.show(self.rows().filter(pk=pk), status)

    def _present(self, page: list[tuple[Any, ...]], shape: type[Shape]) -> list[Row]:
        names = [*columns_of(shape), *self.needs]
        rows: list[Row] = [dict(zip(names, values, strict=True)) for values in page]
        self.complete(rows)
        if shape is self.detail_shape:
            self.complete_detail(rows[0])
        for row in rows:
            for name in self.needs:
                row.pop(name, None)
        return rows


class Listed(Resource):
    """Offers the list."""

    @reads(Operation("List", many=True))
    def list(self, request: Request, **_kwargs: Any) -> Response:
        queryset = Filtering().filter_queryset(request, self.rows(), self)
        pages = CursorPagination()
        page = pages.paginate_queryset(queryset, request, self)
        return pages.get_paginated_response(self._present(page, self.shape))


class Shown(Resource):
    """Offers the detail."""

    @reads(Operation("Show one"))
    def retrieve(self, request: Request, **_kwargs: Any) -> Response:
        check_known(request, set())
        return self.show(self.named(self.rows()))
