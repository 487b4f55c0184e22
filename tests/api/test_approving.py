"""What an approval by REST asks of the database until it is committed: somebody waits for that."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from tests.api.callers import Caller
from tests.api.house import House
from tests.factories.changes import planned

pytestmark = pytest.mark.django_db

OF_AN_APPROVAL = 16
AROUND = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
POSTED = 'INSERT INTO "inference_outboxentry"'
"""The last statement before the commit."""


def test_an_approval_is_committed_after_few_statements(
    house: House, author: User, approver: User, rest: Callable[..., Caller]
) -> None:
    caller = rest(approver)
    approve(caller, planned(author, cluster=house.cluster))
    change = planned(author, cluster=house.cluster)

    with CaptureQueriesContext(connection) as asked:
        response = approve(caller, change)

    assert response.json()["state"] == "approved"
    said = [one["sql"] for one in asked if not one["sql"].startswith(AROUND)]
    last = next(number for number, sql in enumerate(said, 1) if sql.startswith(POSTED))
    assert last <= OF_AN_APPROVAL, "\n".join(said)


def approve(caller: Caller, change: ChangeRequest) -> Any:
    assert change.plan is not None
    body = {"plan_hash": change.plan.hash}
    return caller.post(f"change-requests/{change.pk}/approve/", body)
