"""Writing many rows in one statement, which is the same however many rows there are.

The ORM takes each row through Python, field by field, and a place for each value makes another
statement of each number of rows: with hundreds of rows that is most of what recording a push would
cost. Here all rows are one value, as JSON.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from django.db import connection
from django.db.models import JSONField, Model


def update_each(
    model: type[Model],
    rows: Sequence[Sequence[str | int]],
    *,
    by: str,
    each: Sequence[str],
    same: Mapping[str, Any],
    counted: str,
) -> None:
    """Change the rows that the first value of each of `rows` names, in the field `by`.

    The fields `each` take the other values, of which JSON is text. The fields `same` have one value
    for all, and `counted` grows by one.
    """
    fields = [_field(model, name) for name in (by, *each)]
    given = [
        {
            one.column: orjson.Fragment(str(value)) if isinstance(one, JSONField) else value
            for one, value in zip(fields, row, strict=True)
        }
        for row in rows
    ]
    params = [
        _field(model, name).get_db_prep_save(value, connection) for name, value in same.items()
    ]
    statement = _statement(connection.vendor, model, by, tuple(each), tuple(same), counted)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, orjson.dumps(given).decode()])


@cache
def _statement(
    vendor: str,
    model: type[Model],
    by: str,
    each: tuple[str, ...],
    same: tuple[str, ...],
    counted: str,
) -> str:
    quoted = connection.ops.quote_name
    table = quoted(model._meta.db_table)  # noqa: SLF001  (documented)
    count, key = (quoted(_field(model, name).column) for name in (counted, by))
    kinds = {
        quoted(one.column): one.cast_db_type(connection)
        for one in (_field(model, name) for name in (by, *each))
    }
    changes = [
        f"{count} = {table}.{count} + 1",
        *(f"{quoted(_field(model, name).column)} = %s" for name in same),
        *(f"{column} = given.{column}" for column in kinds if column != key),
    ]
    given = _on_postgresql(kinds) if vendor == "postgresql" else _on_sqlite(kinds)
    return (
        f"UPDATE {table} SET {', '.join(changes)} FROM {given}"  # noqa: S608  (names of our own models)
        f" WHERE {table}.{key} = given.{key}"
    )


def _on_postgresql(kinds: Mapping[str, str]) -> str:
    columns = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
    return f"json_to_recordset(%s) AS given({columns})"


def _on_sqlite(kinds: Mapping[str, str]) -> str:
    columns = ", ".join(
        f"CAST(json_extract(value, '$.{column}') AS {kind}) AS {column}"
        for column, kind in kinds.items()
    )
    return f"(SELECT {columns} FROM json_each(%s)) AS given"  # noqa: S608  (likewise)


def _field(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)  # noqa: SLF001  (documented)
