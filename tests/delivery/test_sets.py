"""Many rows in one statement, against the same rows written one by one."""

from datetime import UTC, datetime
from json import dumps

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inference.accounts.models import User
from inference.delivery import actions, sets
from inference.delivery.models import DesiredObject, PushOutcome
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.factories.delivery import NAMESPACE, approved, config_maps

pytestmark = pytest.mark.usefixtures("database")

AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
WORDS = ["", "plain", 'of "quotes" and \\', "per cent: %s %(a)s", "ünïcödé 💡", "it's; -- no"]


@pytest.fixture
def outcomes(database: None, author: User, approver: User) -> list[PushOutcome]:
    cluster = ClusterFactory.create(name="west")
    team = author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=cluster, team=team, namespace=NAMESPACE)
    change = approved(author, approver, config_maps(len(WORDS)), cluster=cluster)
    actions.start(change=change, at=timezone.now())
    return list(PushOutcome.objects.order_by("pk"))


def test_each_row_has_its_own_values_and_all_have_the_same(outcomes: list[PushOutcome]) -> None:
    *written, left = outcomes
    words = [{"word": word, "number": number} for number, word in enumerate(WORDS)]
    rows = [
        (one.step_id, "updated", word["word"], dumps(word))
        for one, word in zip(written, words, strict=False)
    ]

    with CaptureQueriesContext(connections["default"]) as queries:
        sets.update_each(
            PushOutcome,
            rows,
            by="step",
            each=("outcome", "uid", "params"),
            same={"epoch": 2**40, "at": AT, "code": "100 %s"},
            counted="attempts",
        )

    assert len(queries) == 1
    for one, word in zip(written, words, strict=False):
        one.refresh_from_db()
        assert (one.outcome, one.uid, one.params) == ("updated", word["word"], word)
        assert (one.epoch, one.at, one.code, one.attempts) == (2**40, AT, "100 %s", 1)
    left.refresh_from_db()
    assert (left.outcome, left.attempts, left.at) == ("pending", 0, None)


def test_numbers_and_nothing_are_written_as_such(outcomes: list[PushOutcome]) -> None:
    DesiredObject.objects.update(due_at=AT, generation=2**40)
    row = DesiredObject.objects.order_by("pk").first()
    assert row is not None

    sets.update_each(
        DesiredObject,
        [(row.pk, 2**40, 5, '{"f:data": {".": {}}}')],
        by="id",
        each=("pushed_generation", "live_generation", "field_set"),
        same={"due_at": None, "problem_params": {}},
        counted="attempts",
    )

    row.refresh_from_db()
    assert (row.pushed_generation, row.live_generation, row.due_at) == (2**40, 5, None)
    assert row.field_set == {"f:data": {".": {}}}
    assert DesiredObject.objects.filter(due_at=AT).count() == len(outcomes) - 1
