"""Writing many rows in one statement, in SQL that PostgreSQL and SQLite both speak.

The ORM takes each row through Python, field by field; with hundreds of rows that is most of what
recording a push would cost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


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

    The fields `each` take the other values, which stand there as the database takes them: JSON is
    text. The fields `same` have one value for all, and `counted` grows by one.
    """
    quoted, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001  (documented)
    field: Any = model._meta.get_field  # noqa: SLF001  (documented)
    column = field(counted).column
    changes = [f"{quoted(column)} = {table}.{quoted(column)} + 1"]
    params: list[Any] = []
    for name, value in same.items():
        one = field(name)
        changes.append(f"{quoted(one.column)} = %s")
        params.append(one.get_db_prep_save(value, connection))
    for place, name in enumerate(each, 2):
        one = field(name)
        kind = one.cast_db_type(connection)
        changes.append(f"{quoted(one.column)} = CAST(given.column{place} AS {kind})")
    row = f"({', '.join(['%s'] * (len(each) + 1))})"
    key = field(by).column
    statement = (
        f"UPDATE {table} SET {', '.join(changes)}"  # noqa: S608  (names of our own models)
        f" FROM (VALUES {', '.join([row] * len(rows))}) AS given"
        f" WHERE {table}.{quoted(key)} = given.column1"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, *(value for row in rows for value in row)])
