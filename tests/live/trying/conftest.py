"""A server, a route to try, and a session of its author."""

from collections.abc import Iterator

import pytest

from inference.accounts.models import Team, User
from inference.clusters.models import EgressRange
from tests.api import house as installation
from tests.api.callers import sign_in
from tests.live.house import House, serving
from tests.live.trying.tries import Try


@pytest.fixture
def house(database: str) -> Iterator[House]:
    with serving() as made:
        yield made


@pytest.fixture
def rows(database: str, chat: Team, author: User) -> installation.House:
    found = installation.furnish(chat, author)
    EgressRange.objects.get_or_create(cidr="127.0.0.0/8", defaults={"reason": "tests"})
    return found


@pytest.fixture
def key(author: User) -> str:
    return sign_in(author)


@pytest.fixture(autouse=True)
def left() -> Iterator[None]:
    yield
    while Try.opened:
        Try.opened.pop().leave()
