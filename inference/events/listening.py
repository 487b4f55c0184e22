"""Hearing what was announced, in commit order, wherever it was announced."""

from collections.abc import AsyncIterator
from importlib import import_module

from django.db import connection

LOST: frozenset[str] = frozenset()
"""Announcements may have been missed: look at everything."""


async def listen() -> AsyncIterator[frozenset[str]]:
    """Names of notices, batch by batch, until it is closed. Never ends by itself, raises nothing.

    Yields LOST first, once it listens, and again after every interruption. Uses one connection of
    its own, and no table of the app but, on SQLite, the ring of notices.
    """
    source = import_module(f"inference.events.{connection.vendor}")
    async for names in source.listen():
        yield names
