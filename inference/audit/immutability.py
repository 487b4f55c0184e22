"""Tables of history: rows are added and read. Triggers say so where no constraint can.

The same on SQLite and PostgreSQL; a migration installs them.
"""

from collections.abc import Callable, Iterable

Execute = Callable[[str], object]
"""A schema editor's, or a cursor's."""


_SQLITE = """
CREATE TRIGGER {table}_is_never_{done} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is never {done}.'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION waybill_history() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION USING
  MESSAGE = TG_TABLE_NAME || ' is never changed or deleted.',
  ERRCODE = 'restrict_violation'; END$$
"""
_POSTGRES = """
CREATE TRIGGER {table}_is_history BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION waybill_history()
"""
_DONE = {"UPDATE": "changed", "DELETE": "deleted"}


def install(vendor: str, execute: Execute, tables: Iterable[str]) -> None:
    """Refuse every UPDATE and DELETE on `tables`."""
    if vendor == "postgresql":
        execute(_POSTGRES_FUNCTION)
    for table in tables:
        if vendor == "postgresql":
            execute(_POSTGRES.format(table=table))
        else:
            for verb, done in _DONE.items():
                execute(_SQLITE.format(table=table, verb=verb, done=done))


def remove(vendor: str, execute: Execute, tables: Iterable[str]) -> None:
    for table in tables:
        if vendor == "postgresql":
            execute(f"DROP TRIGGER IF EXISTS {table}_is_history ON {table}")
        else:
            for done in _DONE.values():
                execute(f"DROP TRIGGER IF EXISTS {table}_is_never_{done}")
