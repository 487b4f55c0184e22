"""A server that is told to stop: open pages do not hold it up."""

import pytest

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.api.callers import sign_in
from tests.factories.changes import planned
from tests.live.house import Page, console


@pytest.fixture
def change(database: str, author: User) -> ChangeRequest:
    return planned(author)


@pytest.mark.parametrize("server", ["uvicorn", pytest.param("granian", marks=pytest.mark.real)])
def test_a_server_that_gets_a_signal_sends_pages_away_and_ends(
    server: str, database: str, author: User, change: ChangeRequest
) -> None:
    with console(server) as (port, process):
        topic = f"change-request:{change.pk}"
        with Page(port, sign_in(author), "/live/", (topic,)) as page:
            page.until(f"changed-change-request-{change.pk}")
            process.terminate()

            assert page.rest()[-1]["event"] == "restart"
            assert process.wait(20) is not None
