"""How each kind of database is talked to; for settings, and for whoever opens another database."""

from typing import Any

SQLITE: dict[str, Any] = {
    # One writer at a time, known from the start of the transaction: no late "locked".
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
POSTGRESQL: dict[str, Any] = {
    # Values apart from the statement, which the server then plans at its first uses only: that is
    # half of its work on small ones.
    "server_side_binding": True,
    "prepare_threshold": 5,
}
