"""Notices by NOTIFY: sent in the transaction, delivered at its commit and in commit order."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

import psycopg
import structlog
from django.conf import settings
from django.db import connection

from inference.events.listening import LOST

CHANNEL = "waybill"
LARGEST = 7000
"""Bytes of a payload; PostgreSQL takes less than 8000."""
SILENCE = 10.0
"""After so many seconds without a notice we ask whether the server is still there."""
AGAIN = 1.0

_log = structlog.get_logger("waybill.events")


def send(names: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for payload in payloads(names):
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def payloads(names: Sequence[str]) -> Iterator[str]:
    """All names in as few payloads as there is room for; nearly always one."""
    payload = ""
    for name in names:
        if payload and len(payload.encode()) + len(name.encode()) >= LARGEST:
            yield payload
            payload = ""
        payload = f"{payload} {name}" if payload else name
    yield payload


async def listen() -> AsyncIterator[frozenset[str]]:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                _address(), autocommit=True, connect_timeout=5
            ) as heard:
                await heard.execute(f"LISTEN {CHANNEL}")
                yield LOST
                async for names in _batches(heard):
                    yield names
        except (psycopg.Error, OSError, TimeoutError) as error:
            _log.warning("listener-interrupted", error=type(error).__name__)
        await asyncio.sleep(AGAIN)


async def _batches(
    heard: psycopg.AsyncConnection[tuple[object, ...]],
) -> AsyncIterator[frozenset[str]]:
    while True:
        async for notice in heard.notifies(timeout=SILENCE):
            yield frozenset(notice.payload.split())
        async with asyncio.timeout(SILENCE / 2):
            await heard.execute("SELECT 1")


def _address() -> str:
    """Straight to the server: a pooler that lends connections to transactions cannot LISTEN."""
    if settings.LISTEN_DATABASE_URL:
        return str(settings.LISTEN_DATABASE_URL)
    known = connection.settings_dict
    given = {
        "host": known["HOST"],
        "port": known["PORT"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "dbname": known["NAME"],
    }
    options = {
        key: value
        for key, value in known["OPTIONS"].items()
        if key.startswith("ssl") or key in {"service", "options", "target_session_attrs"}
    }
    filled = {key: value for key, value in given.items() if value} | options
    return psycopg.conninfo.make_conninfo("", **filled, application_name="waybill-live")
