"""The command as a person types it, against a server that listens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from console.cli import main
from inference.accounts.models import Team, User
from tests.api.house import House, furnish, token_for


@dataclass(frozen=True)
class Said:
    """How one command ended: its exit status and what it said."""

    status: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def house(transactional_db: None, chat: Team, author: User) -> House:
    return furnish(chat, author)


@pytest.fixture
def waybill(
    live_server: LiveServer, house: House, capsys: pytest.CaptureFixture[str]
) -> Callable[[User | None], Run]:
    """`waybill(user)("list", "team")`: as that user, with every scope; None is nobody."""

    def of(user: User | None, *scopes: str) -> Run:
        environment = {"WAYBILL_URL": live_server.url}
        if user is not None:
            environment["WAYBILL_TOKEN"] = token_for(user, *scopes)

        def run(*words: Any) -> Said:
            capsys.readouterr()
            status = main([str(word) for word in words], environment)
            told = capsys.readouterr()
            return Said(status, told.out, told.err)

        return run

    return of
