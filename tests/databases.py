"""Databases for tests that use threads or processes: a SQLite file, or PostgreSQL.

In memory, SQLite's connections share one cache, whose locks know no busy timeout: threads meet
errors there that no installation can meet.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from console.database_options import POSTGRESQL, SQLITE
from tests import servers

ROOT = Path(__file__).resolve().parents[1]

_numbers = count(1)


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


@dataclass(frozen=True)
class Postgres:
    """A server whose first database holds the tables, as the migrations make them."""

    url: str

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Have this test, its threads and other processes work on a copy of those tables."""
        name = f"test_{next(_numbers)}"
        address = urlsplit(self.url)
        with psycopg.connect(address._replace(path="/postgres").geturl(), autocommit=True) as ask:
            ask.execute(f"create database {name} template {address.path.strip('/')}")
        with _in_place_of_default(address._replace(path=f"/{name}").geturl(), POSTGRESQL):
            yield


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    with servers.postgres(folder) as url:
        _migrate(url)
        yield Postgres(url)


@contextmanager
def shared_file(folder: Path) -> Iterator[None]:
    """Have all tests of a module, and other processes, work on one file: nothing is rolled back.

    Its tables are made from the models, as those of the other tests are.
    """
    without = {one.label: None for one in apps.get_app_configs()}
    with _in_place_of_default(f"sqlite:///{folder / 'shared.sqlite3'}", SQLITE):
        with override_settings(MIGRATION_MODULES=without):
            call_command("migrate", run_syncdb=True, verbosity=0)
        yield


def _migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        check=True,
    )


@contextmanager
def _in_place_of_default(url: str, options: dict[str, Any]) -> Iterator[None]:
    opened = {**environ.Env.db_url_config(url), "CONN_MAX_AGE": 0, "OPTIONS": {**options}}
    settings = {"default": opened}
    known = connections.settings["default"]
    before, before_connection = dict(known), connections["default"]
    known.clear()
    known.update(connections.configure_settings(settings)["default"])
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        known.clear()
        known.update(before)
        connections["default"] = before_connection


def url() -> str:
    """What another process needs as DATABASE_URL to work on the rows of this test."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgres://{known['USER']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
