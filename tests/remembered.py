"""Rows that many tests begin with: the code writes them once in a process, their statements after.

Where the next key of each table is the same, the same statements write the same rows. Elsewhere the
code writes them anew: always on PostgreSQL, whose sequences go on when a test is rolled back.
"""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from io import BytesIO
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

T = TypeVar("T")

_WRITES = ("INSERT ", "UPDATE ", "DELETE ")


@dataclass(frozen=True)
class _Written:
    """What was said to the database, and what came of it but for the arguments."""

    statements: list[tuple[str, Any]]
    result: bytes

    def again(self, given: tuple[Any, ...]) -> Any:
        with connection.cursor() as cursor:
            for sql, params in self.statements:
                cursor.execute(sql, params).fetchall()
        unpickler = pickle.Unpickler(BytesIO(self.result))  # noqa: S301  (of this process)
        unpickler.persistent_load = lambda place: given[place]
        return unpickler.load()


def remembered(build: Callable[..., T]) -> Callable[..., T]:
    """For a function of plain values and saved rows that writes rows, and reads only older ones."""
    known: dict[Any, _Written] = {}

    @wraps(build)
    def built(*given: Any) -> T:
        if connection.vendor != "sqlite":
            return build(*given)
        key = (_keys(), *(_name(one) for one in given))
        if key in known:
            found: T = known[key].again(given)
            return found
        with _statements() as statements:
            result = build(*given)
        known[key] = _Written(statements, _without(given, result))
        return result

    return built


def _keys() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        return tuple(cursor.execute("select name, seq from sqlite_sequence order by name"))


def _name(value: Any) -> Any:
    return (type(value), value.pk) if isinstance(value, Model) else value


@contextmanager
def _statements() -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(_WRITES):
            found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def _without(given: tuple[Any, ...], result: Any) -> bytes:
    places = {id(one): place for place, one in enumerate(given) if isinstance(one, Model)}
    out = BytesIO()
    pickler = pickle.Pickler(out)
    pickler.persistent_id = lambda one: places.get(id(one))
    pickler.dump(result)
    return out.getvalue()
