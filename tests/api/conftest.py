"""The house that tests of the REST door are about, and those who knock."""

from collections.abc import Callable

import pytest

from inference.accounts.models import Team, User
from tests.api.callers import Caller
from tests.api.house import House, furnish, token_for


@pytest.fixture
def house(chat: Team, author: User) -> House:
    return furnish(chat, author)


@pytest.fixture
def rest() -> Callable[..., Caller]:
    """`rest(user, *scopes)`: every scope that the user may have, unless some are named."""
    return lambda user, *scopes: Caller(token_for(user, *scopes))
