"""Statements that are compiled once, for ways on which somebody waits.

Making SQL of a query takes the ORM longer than the database takes to answer it, and the SQL is the
same each time. Here it is made at the first use, with slots where values will stand.
"""

from collections.abc import Callable, Collection, Sequence
from copy import copy
from functools import cache
from threading import local
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import AutoField, BigAutoField, Expression, Field, Model, QuerySet
from django.db.models.constants import OnConflict
from django.db.models.sql import DeleteQuery, InsertQuery, UpdateQuery

R = TypeVar("R")
M = TypeVar("M", bound=Model)
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

    def write(self, values: dict[str, Any], database: Any) -> Any:
        """What the database is given; of a row its key."""
        value = values[self.name]
        key = value.pk if isinstance(value, Model) else value
        return self.field.get_db_prep_value(key, database)


class Select(Generic[R]):
    """The rows of a query, as the query itself would give them."""

    def __init__(self, build: Callable[[], QuerySet[Any, R]]) -> None:
        self._build = build
        self._made: dict[str, tuple[QuerySet[Any, R], Any, Statement]] = {}
        self._here = local()

    def rows(self, **values: Any) -> list[R]:
        database: Any = connections[DEFAULT_DB_ALIAS]
        bound = getattr(self._here, "bound", None)
        if bound is None or bound.compiler.connection is not database:
            bound = self._here.bound = self._bind(database)
        return bound.rows(_filled(bound.params, values, database))

    def first(self, **values: Any) -> R | None:
        """The first of the rows; they are not limited to it."""
        return next(iter(self.rows(**values)), None)

    def _bind(self, database: Any) -> "_Bound[R]":
        made = self._made.get(database.vendor)
        if made is None:
            made = self._made[database.vendor] = self._make(database)
        queryset, compiler, (sql, params) = made
        mine = copy(compiler)
        mine.connection = database
        return _Bound(queryset, mine, sql, params)

    def _make(self, database: Any) -> tuple[QuerySet[Any, R], Any, Statement]:
        queryset = self._build()
        compiler: Any = queryset.query.get_compiler(connection=database)
        sql, params = compiler.as_sql()
        columns = [column for column, _, _ in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)
        compiler.get_converters = lambda _columns: converters
        compiler.connection = None  # of this thread; each thread's copy has its own
        return queryset, compiler, (sql, tuple(params))


class Beside(Generic[R]):
    """Rows that refer to others by `field`; of a single other one by a statement compiled once."""

    def __init__(self, field: str, build: Callable[[], QuerySet[Any, R]]) -> None:
        self._field = field
        self._build = build
        self._of_one = Select(lambda: build().filter(**{field: Slot("key", BigAutoField())}))

    def rows(self, keys: Collection[int | None]) -> list[R]:
        if len(keys) == 1:
            return self._of_one.rows(key=next(iter(keys)))
        return list(self._build().filter(**{f"{self._field}__in": keys}))


class _Bound(Generic[R]):
    """A statement at one connection, so of one thread. Its rows are all read before its next use:
    there is one place for the values."""

    def __init__(
        self, queryset: QuerySet[Any, R], compiler: Any, sql: str, params: tuple[Any, ...]
    ) -> None:
        self.compiler = compiler
        self.params = params
        self._sql = sql
        self._filled: tuple[Any, ...] = ()
        compiler.as_sql = lambda *_with, **_how: (self._sql, self._filled)
        query: Any = SimpleNamespace(get_compiler=lambda *_using, **_how: compiler)
        self._fresh: Any = type(queryset)(model=queryset.model, query=query)
        self._fresh.__dict__.update(
            {name: queryset.__dict__[name] for name in ("_iterable_class", "_fields")}
        )

    def rows(self, filled: tuple[Any, ...]) -> list[R]:
        """What the query set makes of the rows, with a compiler that has its SQL already."""
        self._filled = filled
        return list(self._fresh._iterable_class(self._fresh))  # noqa: SLF001  (as it does itself)


class _Writing:
    """A statement that changes rows. It answers how many, or what `returning` says of each then."""

    def __init__(self, returning: Sequence[str] = ()) -> None:
        self._returning = returning
        self._made: dict[str, tuple[Any, Statement]] = {}

    def _count(self, values: dict[str, Any]) -> int:
        return self._execute(values, lambda _compiler, cursor: int(cursor.rowcount))

    def _rows(self, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._execute(values, self._told)

    def _told(self, compiler: Any, cursor: Any) -> list[tuple[Any, ...]]:
        table = compiler.query.model._meta  # noqa: SLF001  (a documented part of models)
        columns = [table.get_field(name).get_col(table.db_table) for name in self._returning]
        converters = compiler.get_converters(columns)
        return [tuple(row) for row in compiler.apply_converters(cursor.fetchall(), converters)]

    def _execute(self, values: dict[str, Any], answer: Callable[[Any, Any], R]) -> R:
        database: Any = connections[DEFAULT_DB_ALIAS]
        made = self._made.get(database.vendor)
        if made is None:
            made = self._made[database.vendor] = self._make(database)
        compiler, (sql, params) = made
        bound = copy(compiler)
        bound.connection = database
        with (
            transaction.mark_for_rollback_on_error(using=DEFAULT_DB_ALIAS),
            database.cursor() as cursor,
        ):
            cursor.execute(sql, _filled(params, values, database))
            return answer(bound, cursor)

    def _make(self, database: Any) -> tuple[Any, Statement]:
        compiler, (sql, params) = self._compile(database)
        if self._returning:
            table = compiler.query.model._meta  # noqa: SLF001  (a documented part of models)
            fields = [table.get_field(name) for name in self._returning]
            sql = f"{sql} {database.ops.return_insert_columns(fields)[0]}"
        compiler.connection = None  # of this thread; each use brings its own
        return compiler, (sql, tuple(params))

    def _compile(self, database: Any) -> tuple[Any, Statement]:
        raise NotImplementedError


class Update(_Writing):
    """An UPDATE of one table; `changes` are values, expressions and slots."""

    def __init__(
        self, build: Callable[[], QuerySet[Any]], *, returning: Sequence[str] = (), **changes: Any
    ) -> None:
        super().__init__(returning)
        self._build = build
        self._changes = changes

    def update(self, **values: Any) -> int:
        """How many rows it has changed."""
        return self._count(values)

    def changed(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the rows that it has changed say now in the fields `returning`."""
        return self._rows(values)

    def _compile(self, database: Any) -> tuple[Any, Statement]:
        query: Any = self._build().query.chain(UpdateQuery)
        query.add_update_values(self._changes)
        compiler = query.get_compiler(connection=database)
        return compiler, compiler.as_sql()


class Delete(_Writing):
    """A DELETE of rows that nothing refers to, in one statement."""

    def __init__(self, build: Callable[[], QuerySet[Any]]) -> None:
        super().__init__()
        self._build = build

    def delete(self, **values: Any) -> int:
        """How many rows it has deleted."""
        return self._count(values)

    def _compile(self, database: Any) -> tuple[Any, Statement]:
        query: Any = self._build().query.chain(DeleteQuery)
        compiler = query.get_compiler(connection=database)
        return compiler, compiler.as_sql()


class Insert(_Writing):
    """An INSERT of one row; where the fields `unique` are taken already, it changes `update`.

    `values` are values, expressions and slots; other fields have their defaults.
    """

    def __init__(
        self,
        model: type[Model],
        *,
        unique: Sequence[str] = (),
        update: Sequence[str] = (),
        returning: Sequence[str] = (),
        **values: Any,
    ) -> None:
        super().__init__(returning)
        self._model = model
        self._unique, self._update = unique, update
        self._values = values

    def create(self, **values: Any) -> None:
        self._count(values)

    def created(self, **values: Any) -> tuple[Any, ...]:
        """What the new row says in the fields `returning`."""
        [row] = self._rows(values)
        return row

    def _compile(self, database: Any) -> tuple[Any, Statement]:
        meta = self._model._meta  # noqa: SLF001  (a documented part of models)
        query: Any = InsertQuery(
            self._model,
            on_conflict=OnConflict.UPDATE if self._update else None,
            unique_fields=[meta.get_field(name) for name in self._unique],
            update_fields=[meta.get_field(name) for name in self._update],
        )
        row = self._model()
        for name, value in self._values.items():
            setattr(row, name, value)
        query.insert_values(_given(self._model), [row], raw=True)
        compiler = query.get_compiler(connection=database)
        [statement] = compiler.as_sql()
        return compiler, statement


def add(row: M) -> M:
    """INSERT the row as its first `save` would, by a statement compiled once for its table."""
    insert, fields = _of_whole_rows(type(row))
    [row.pk] = insert.created(**{one.attname: one.pre_save(row, add=True) for one in fields})
    row._state.adding = False  # noqa: SLF001  (a documented part of models)
    row._state.db = DEFAULT_DB_ALIAS  # noqa: SLF001  (likewise)
    return row


@cache
def _of_whole_rows(model: type[Model]) -> tuple[Insert, list[Any]]:
    fields = _given(model)
    slots: dict[str, Any] = {one.attname: Slot(one.attname, one) for one in fields}
    key = model._meta.pk.name  # noqa: SLF001  (a documented part of models)
    return Insert(model, returning=[key], **slots), fields


def _given(model: type[Model]) -> list[Any]:
    """The fields that an INSERT names: the database makes the others."""
    fields = model._meta.concrete_fields  # noqa: SLF001  (a documented part of models)
    return [field for field in fields if not isinstance(field, AutoField)]


def _filled(params: tuple[Any, ...], values: dict[str, Any], database: Any) -> tuple[Any, ...]:
    return tuple(one.write(values, database) if isinstance(one, Slot) else one for one in params)
