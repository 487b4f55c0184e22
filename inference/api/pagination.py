"""Pages by cursor: where the last page ended, signed, so that a page costs the same everywhere."""

from typing import Any

from django.core import signing
from django.db.models import Q
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from inference.api.refusals import Declined
from inference.messages import api as messages

USUAL = 50
MOST = 200
SALT = "waybill.cursor"


class CursorPagination(BasePagination):
    """Works on the view's `ordering`, whose last field is unique. No counts, no page numbers."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self._request = request
        self._ordering: tuple[str, ...] = view.ordering
        self._salt = f"{SALT}.{view.__class__.__name__}"
        limit = limit_of(request)
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            queryset = queryset.filter(self._after(cursor))
        names = [name.lstrip("-") for name in self._ordering]
        # What is shown as well is asked for once: a page spends its time on making values.
        columns = (*view.paths, *(name for name in names if name not in view.paths))
        rows = list(queryset.order_by(*self._ordering).values_list(*columns)[: limit + 1])
        self._last = None
        if len(rows) > limit:
            last = dict(zip(columns, rows[limit - 1], strict=True))
            self._last = [last[name] for name in names]
        width = len(view.paths)
        return rows[:limit] if width == len(columns) else [row[:width] for row in rows[:limit]]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"items": data, "next": self._next()})

    def _next(self) -> str | None:
        if self._last is None:
            return None
        cursor = signing.dumps([_plain(value) for value in self._last], salt=self._salt)
        address = replace_query_param(self._request.get_full_path(), "cursor", cursor)
        return str(address)

    def _after(self, cursor: str) -> Q:
        """Rows that come after those values, in the order of the view."""
        try:
            pairs = list(zip(self._ordering, signing.loads(cursor, salt=self._salt), strict=True))
        except (signing.BadSignature, ValueError):
            raise Declined(400, messages.CURSOR_INVALID) from None
        condition, same = Q(pk__in=[]), Q()
        for name, value in pairs:
            field = name.lstrip("-")
            beyond = "lt" if name.startswith("-") else "gt"
            condition |= same & Q(**{f"{field}__{beyond}": value})
            same &= Q(**{field: value})
        return condition


def limit_of(request: Request) -> int:
    text = request.query_params.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit() and len(text) <= 4):  # noqa: PLR2004  (of digits)
        raise Declined(400, messages.LIMIT_INVALID, most=MOST)
    if not 1 <= int(text) <= MOST:
        raise Declined(400, messages.LIMIT_INVALID, most=MOST)
    return int(text)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
