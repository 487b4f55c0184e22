"""A change that a team sees, a topic that shows it, and a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.databases import on_file
from tests.factories.changes import drafted
from tests.live.house import House, Topic, entered, serving


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


@pytest.fixture
def shown() -> Iterator[Topic]:
    with entered(Topic()) as made:
        yield made


@pytest.fixture
def change(database: str, author: User) -> ChangeRequest:
    return drafted(author)


@pytest.fixture
def house(database: str, shown: Topic) -> Iterator[House]:
    with serving() as made:
        yield made
