"""Notices as rows of a ring, found by a question that costs microseconds: has anybody written?"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import closing
from urllib.parse import quote

import structlog
from django.db import connection

from inference.events.listening import LOST
from inference.events.models import Notice

KEPT = 1024
"""Rows that stay for listeners; who sleeps through more of them looks at everything."""
SWEPT_EVERY = 256
LOOK = 0.03
AGAIN = 1.0

_log = structlog.get_logger("waybill.events")


def send(names: Sequence[str]) -> None:
    row = Notice.objects.create(names=" ".join(names))
    if row.pk % SWEPT_EVERY == 0:
        Notice.objects.filter(pk__lte=row.pk - KEPT).delete()


async def listen() -> AsyncIterator[frozenset[str]]:
    """On a connection of its own, read only: a reader waits for nobody here, and nobody for it."""
    while True:
        try:
            with closing(_open(str(connection.settings_dict["NAME"]))) as reader:
                async for names in _batches(reader):
                    yield names
        except sqlite3.Error as error:
            _log.warning("listener-interrupted", error=type(error).__name__)
        await asyncio.sleep(AGAIN)


def _open(name: str) -> sqlite3.Connection:
    address = f"{name if name.startswith('file:') else f'file:{quote(name)}'}"
    return sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None)


async def _batches(reader: sqlite3.Connection) -> AsyncIterator[frozenset[str]]:
    version, last = _version(reader), _last(reader)
    yield LOST
    while True:
        await asyncio.sleep(LOOK)
        seen = _version(reader)
        if seen == version:
            continue
        version = seen
        rows = reader.execute(
            "SELECT id, names FROM inference_notice WHERE id > ? ORDER BY id", [last]
        ).fetchall()
        if not rows:
            continue
        is_whole = rows[0][0] == last + 1
        last = rows[-1][0]
        yield _names(row[1] for row in rows) if is_whole else LOST


def _version(reader: sqlite3.Connection) -> int:
    """Changes with every commit of any other connection."""
    return int(reader.execute("PRAGMA data_version").fetchone()[0])


def _last(reader: sqlite3.Connection) -> int:
    found = reader.execute("SELECT seq FROM sqlite_sequence WHERE name = 'inference_notice'")
    row = found.fetchone()
    return int(row[0]) if row else 0


def _names(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(name for text in texts for name in text.split())
