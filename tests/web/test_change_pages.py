"""What pages of changes read, whom they name, and that they stay true while they are open."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inference.accounts.models import Membership, User
from inference.changes.models import ChangeRequest
from inference.live.registry import feed_of
from inference.web.deciders import deciders_of
from tests.conftest import member
from tests.factories.changes import decided
from tests.web.changes import Browse, address


def test_whoever_has_approved_is_not_asked_again(
    change: ChangeRequest, author: User, approver: User
) -> None:
    member(change.team, "second", Membership.Role.APPROVER)
    change.plan.quorum = 2
    decided(change, approver)

    shown = deciders_of(change, author)

    assert [one.name for one in shown.people] == ["approver", "second"]
    assert shown.others == "second"


@pytest.mark.parametrize("where", ["/", "/change-requests/?view=all", "page", "arrival", "rows"])
def test_nothing_reads_what_a_plan_was_hashed_from(
    where: str, change: ChangeRequest, approver: User, browse: Browse
) -> None:
    """Of thousands of objects that is megabytes, for each row and each rendering."""
    browser = browse(approver)

    with CaptureQueriesContext(connection) as asked:
        if where in {"arrival", "rows"}:
            kind = {"rows": "change-request-rows"}.get(where, where)
            feed = feed_of(approver, f"{kind}:{change.pk}")
            assert feed is not None
            feed.look()
        else:
            browser.get(where if where != "page" else address(change))

    assert [one["sql"] for one in asked if '"contents"' in one["sql"]] == []


def test_ages_count_on_while_a_page_is_open(
    change: ChangeRequest, approver: User, browse: Browse
) -> None:
    """As an element that script counts: a text would be seconds old for hours."""
    page, overview = (
        browse(approver).get(where).content.decode() for where in (address(change), "/")
    )

    verdicts = page[page.index('class="cells verdicts"') :]
    waiting = overview[overview.index('id="waiting"') :]
    assert verdicts[: verdicts.index("</ol>")].count("data-ago") == 7
    assert waiting[: waiting.index("</ol>")].count("data-ago") == 2
