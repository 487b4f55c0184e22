"""Those who look at pages, and the house and the change that the pages are about."""

from collections.abc import Callable

import pytest
from django.test import Client

from inference.accounts.models import Team, User
from inference.changes.models import ChangeRequest
from tests.api.callers import client, signed_in
from tests.api.house import House, furnish
from tests.web import scenes


@pytest.fixture
def house(chat: Team, author: User) -> House:
    return furnish(chat, author)


@pytest.fixture
def change(house: House, author: User) -> ChangeRequest:
    return scenes.in_review(house, author)


@pytest.fixture
def browse() -> Callable[[User | None], Client]:
    """A browser without script, signed in as somebody or as nobody."""

    def made(user: User | None) -> Client:
        return client() if user is None else signed_in(user)

    return made
