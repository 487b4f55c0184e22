"""Statements that are compiled once, for ways on which somebody waits.

Making SQL of a query takes the ORM longer than the database takes to answer it, and the SQL is the
same each time. Here it is made at the first use, with slots where values will stand.
"""

from collections.abc import Callable, Sequence
from copy import copy
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import AutoField, Expression, Field, Model, QuerySet
from django.db.models.constants import OnConflict
from django.db.models.sql import DeleteQuery, InsertQuery, UpdateQuery

R = TypeVar("R")
Statement = tuple[str, tuple[Any, ...]]


class Slot(Expression):
    """Where the value `name` will stand, written as `field` writes its values. For one value: SQL
    differs with the length of a list."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # passes itself on as the parameter
        del compiler, connection
        return "%s", [self]

    def write(self, values: dict[str, Any]) -> Any:
        """What the database is given; of a row its key."""
        value = values[self.name]
        key = value.pk if isinstance(value, Model) else value
        return self.field.get_db_prep_value(key, connection)


class Select(Generic[R]):
    """The rows of a query, as the query itself would give them."""

    def __init__(self, build: Callable[[], QuerySet[Any, R]]) -> None:
        self._build = build
        self._made: dict[str, tuple[QuerySet[Any, R], Any, Statement]] = {}

    def rows(self, **values: Any) -> list[R]:
        if connection.vendor not in self._made:
            self._made[connection.vendor] = self._make()
        queryset, compiler, (sql, params) = self._made[connection.vendor]
        bound = copy(compiler)
        bound.connection = connection
        statement = (sql, _filled(params, values))
        bound.as_sql = lambda *_with, **_how: statement
        return _rows(queryset, bound)

    def first(self, **values: Any) -> R | None:
        """The first of the rows; they are not limited to it."""
        return next(iter(self.rows(**values)), None)

    def _make(self) -> tuple[QuerySet[Any, R], Any, Statement]:
        queryset = self._build()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        compiler.connection = None  # of this thread; each use brings its own
        return queryset, compiler, (sql, tuple(params))


class Update:
    """An UPDATE of one table; `changes` are values, expressions and slots."""

    def __init__(self, build: Callable[[], QuerySet[Any]], **changes: Any) -> None:
        self._build = build
        self._changes = changes
        self._made: dict[str, Statement] = {}

    def update(self, **values: Any) -> int:
        """How many rows it has changed."""
        if connection.vendor not in self._made:
            self._made[connection.vendor] = self._make()
        return _execute(self._made[connection.vendor], values)

    def _make(self) -> Statement:
        query: Any = self._build().query.chain(UpdateQuery)
        query.add_update_values(self._changes)
        sql, params = query.get_compiler(connection=connection).as_sql()
        return sql, tuple(params)


class Delete:
    """A DELETE of rows that nothing refers to, in one statement."""

    def __init__(self, build: Callable[[], QuerySet[Any]]) -> None:
        self._build = build
        self._made: dict[str, Statement] = {}

    def delete(self, **values: Any) -> int:
        """How many rows it has deleted."""
        if connection.vendor not in self._made:
            self._made[connection.vendor] = self._make()
        return _execute(self._made[connection.vendor], values)

    def _make(self) -> Statement:
        query = self._build().query.chain(DeleteQuery)
        sql, params = query.get_compiler(connection=connection).as_sql()
        return sql, tuple(params)


class Upsert:
    """An INSERT of one row that changes the fields `update` where `unique` ones are taken.

    `values` are values, expressions and slots; other fields have their defaults.
    """

    def __init__(
        self, model: type[Model], *, unique: Sequence[str], update: Sequence[str], **values: Any
    ) -> None:
        self._model = model
        self._unique, self._update = unique, update
        self._values = values
        self._made: dict[str, Statement] = {}

    def create(self, **values: Any) -> None:
        if connection.vendor not in self._made:
            self._made[connection.vendor] = self._make()
        _execute(self._made[connection.vendor], values)

    def _make(self) -> Statement:
        meta = self._model._meta  # noqa: SLF001  (a documented part of models)
        query = InsertQuery(
            self._model,
            on_conflict=OnConflict.UPDATE,
            unique_fields=[meta.get_field(name) for name in self._unique],
            update_fields=[meta.get_field(name) for name in self._update],
        )
        row = self._model()
        for name, value in self._values.items():
            setattr(row, name, value)
        fields = [field for field in meta.concrete_fields if not isinstance(field, AutoField)]
        query.insert_values(fields, [row], raw=True)
        [(sql, params)] = query.get_compiler(connection=connection).as_sql()
        return sql, tuple(params)


def _execute(statement: Statement, values: dict[str, Any]) -> int:
    sql, params = statement
    with (
        transaction.mark_for_rollback_on_error(using=DEFAULT_DB_ALIAS),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, _filled(params, values))
        return int(cursor.rowcount)


def _filled(params: tuple[Any, ...], values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(one.write(values) if isinstance(one, Slot) else one for one in params)


def _rows(queryset: QuerySet[Any, R], compiler: Any) -> list[R]:
    """What the query set makes of the rows, with a compiler that has its SQL already."""

    query: Any = SimpleNamespace(get_compiler=lambda *_using, **_how: compiler)
    fresh: Any = type(queryset)(model=queryset.model, query=query)
    fresh.__dict__.update(
        {name: queryset.__dict__[name] for name in ("_iterable_class", "_fields")}
    )
    return list(fresh)
