"""Both databases: a SQLite file, and PostgreSQL where it is installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import on_file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(
    request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path
) -> Iterator[str]:
    """A database that threads may use at once."""
    if request.param == "postgres":
        request.getfixturevalue("on_postgres")
        yield "postgres"
    else:
        with on_file(tmp_path):
            yield "sqlite"
