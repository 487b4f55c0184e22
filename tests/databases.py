"""A SQLite file instead of memory, for tests that use threads.

In memory, SQLite's connections share one cache, whose locks know no busy timeout: threads meet
errors there that no installation can meet.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections


@contextmanager
def on_file(folder: Path) -> Iterator[None]:
    """Have this test and its threads work on a file. On PostgreSQL there is nothing to do."""
    if connection.vendor != "sqlite":
        yield
        return
    path = folder / "waybill.sqlite3"
    connection.ensure_connection()
    with sqlite3.connect(path) as copy:
        connection.connection.backup(copy)
    copy.close()
    known, in_memory = connections.settings["default"], connections["default"]
    name, known["NAME"] = known["NAME"], str(path)
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        known["NAME"] = name
        connections["default"] = in_memory
