"""P13 for pages: the first page of each list among 10,000 rows, to the same among 50.

On PostgreSQL, each of the two sizes in a database of its own; their requests take turns.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import databases
from tests.benchmarks import installation
from tests.benchmarks.long_lists import fill
from tests.benchmarks.report import Row, prepared_pairs

LISTS = ("change-requests", "served-models", "hardware-pools", "routes", "clusters", "audit-events")
FEW, MANY = 50, 10_000
RUNS = 9


def measure() -> Iterator[Row]:
    with installation.folder() as where, databases.postgres(where) as server, server.fresh():
        few = _reader(FEW)
        small = connections["default"]
        with server.fresh():
            many = _reader(MANY)
            with connection.cursor() as cursor:
                cursor.execute("analyze")
            large = connections["default"]
            for name in LISTS:
                yield from _compare(name, (many, large), (few, small))
            connections["default"] = large


def _reader(count: int) -> Client:
    """Somebody of a team that has `count` of each."""
    who = installation.people()
    fill(who.author.memberships.get(environment="prod").team, who.author, count)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(who.author)
    return client


def _compare(name: str, many: tuple[Client, Any], few: tuple[Client, Any]) -> Iterator[Row]:
    mine, theirs, wall, _ = prepared_pairs(_asks(name, *many), _asks(name, *few), runs=RUNS)
    queries = [_queries(name, *one) for one in (many, few)]
    notes = f"{mine.wall * 1000:.0f} ms and {theirs.wall * 1000:.0f} ms a page of {FEW}"
    yield Row(f"list-{name}", wall, 1.5, notes)
    yield Row(
        f"queries-{name}", queries[0] / queries[1], 1.0, f"{queries[0]} at {MANY}, {queries[1]}"
    )


def _asks(name: str, client: Client, database: Any) -> Callable[[], Callable[[], object]]:
    def prepare() -> Callable[[], object]:
        connections["default"] = database
        return lambda: _ask(name, client)

    return prepare


def _ask(name: str, client: Client) -> None:
    response = client.get(f"/{name}/")
    rows = response.content.count(b"<tr")
    if response.status_code != 200 or rows < FEW:
        raise RuntimeError(f"/{name}/ answered {response.status_code} with {rows} rows.")


def _queries(name: str, client: Client, database: Any) -> int:
    connections["default"] = database
    with CaptureQueriesContext(connection) as queries:
        _ask(name, client)
    return len(queries)
