"""A change that a team sees, a topic that shows it, and a server."""

from collections.abc import Iterator

import pytest

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.factories.changes import drafted
from tests.live.house import House, Topic, entered, serving


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
