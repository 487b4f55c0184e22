"""Lists: page, order and filters stand in the address. As many queries at any length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 50
FURTHEST = 100_000
MOST = 8
"""So many of one kind are named on the overview; the rest is a number that leads to the list."""


@dataclass(frozen=True)
class Sheet:
    """One page of rows; `total` is of the whole list under its filters."""

    rows: Sequence[Any]
    number: int
    total: int
    filters: Mapping[str, str]
    order: str = ""

    @property
    def first(self) -> int:
        return (self.number - 1) * PER_PAGE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def earlier(self) -> int:
        return self.number - 1

    @property
    def later(self) -> int:
        return self.number + 1 if self.last < self.total else 0

    @property
    def to_come(self) -> int:
        """Rows of the next page."""
        return min(PER_PAGE, self.total - self.last)

    @property
    def final(self) -> int:
        """The number of the last page that has rows."""
        return max(1, -(-self.total // PER_PAGE))

    @property
    def is_paged(self) -> bool:
        return self.total > PER_PAGE

    @property
    def is_beyond(self) -> bool:
        """Whether the address names a page after the last one."""
        return bool(self.total) and not self.rows

    @property
    def is_filtered(self) -> bool:
        return any(self.filters.values())


def sheet_of(
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    filters: Mapping[str, str],
    orders: Mapping[str, tuple[str, ...]],
) -> Sheet:
    """One page of `queryset`, in the order that the address names; the first is the usual one.

    Two queries. A page beyond the end is empty, and says so. What stands beside a row is looked up
    for the rows of the page alone: joined first, it would be sorted with all others.
    """
    wanted = request.GET.get("order", "")
    order = wanted if wanted in orders else next(iter(orders))
    total = queryset.count()
    number = _number(request)
    start = (number - 1) * PER_PAGE
    ordered = queryset.order_by(*orders[order])
    rows = list(ordered.filter(pk__in=ordered.values("pk")[start : start + PER_PAGE]))
    return Sheet(rows, number, total, filters, order)


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 6):  # noqa: PLR2004  (of digits)
        return 1
    return min(max(1, int(text)), FURTHEST)


def chosen(request: HttpRequest, name: str, choices: Sequence[str]) -> str:
    """The value of a filter, if it is one that there is."""
    value = request.GET.get(name, "")
    return value if value in choices else ""


def text(request: HttpRequest, name: str = "q") -> str:
    """What was typed into a field of the address; NUL is in no column."""
    return request.GET.get(name, "").strip().replace("\0", "")[:100]


def named(found: Sequence[Any], most: int = MOST) -> dict[str, Any]:
    """The first of them, how many there are, and how many are not named: never one alone."""
    shown = found if len(found) <= most + 1 else found[:most]
    return {"shown": shown, "total": len(found), "more": len(found) - len(shown)}
