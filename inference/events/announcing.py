"""Saying what a transaction has changed, inside it: heard if it commits, and only then."""

from importlib import import_module

from django.db import connection, transaction

LONGEST = 200


class Announced:
    """Left with the transaction, so that it is known what it has announced already.

    Django forgets it with the transaction, or the savepoint, that is rolled back; and so does the
    database forget the announcement.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def __call__(self) -> None:
        """At commit there is nothing left to do."""


def announce(*names: str) -> None:
    """Tell whoever shows these rows that they have changed. One statement, or none.

    Must run inside the transaction that changes them. Safe to repeat: what the transaction has
    announced already costs nothing.
    """
    fresh = frozenset(names) - _announced()
    if not fresh:
        return
    for name in fresh:
        if not name or len(name) > LONGEST or any(letter.isspace() for letter in name):
            raise ValueError(f"{name!r} is no name of a notice.")
    import_module(f"inference.events.{connection.vendor}").send(sorted(fresh))
    transaction.on_commit(Announced(fresh))


def _announced() -> frozenset[str]:
    left = (entry[1] for entry in connection.run_on_commit)
    return frozenset().union(*(one.names for one in left if isinstance(one, Announced)))
