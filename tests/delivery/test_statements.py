"""What stands between an approval and its first request, in statements: somebody waits for that."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inference.accounts.models import User
from inference.changes import actions as decisions
from inference.changes.models import ChangeRequest
from inference.clusters.connecting import connect
from inference.clusters.models import Cluster
from inference.delivery import actions, converging
from inference.delivery.leases import lease
from inference.delivery.models import DesiredObject
from tests.conftest import NOON
from tests.delivery.peer import Peer
from tests.delivery.scenarios import pushed
from tests.factories.delivery import Put, approved, config_map, config_maps, in_review

pytestmark = pytest.mark.usefixtures("database")

OF_AN_APPROVAL = 11
OF_A_START = 19
OF_A_PUSH = 7
"""Before its first request, with a client that is warm."""
ANNOUNCED = 'UPDATE "inference_desiredobject" SET "creation_sent_at"'
"""The last statement before the request."""
AROUND = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def statements(call: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connections["default"]) as asked:
        call()
    return [one["sql"] for one in asked if not one["sql"].startswith(AROUND)]


def start(change: ChangeRequest) -> Callable[[], object]:
    return lambda: actions.start(change=change, at=timezone.now())


def approve(change: ChangeRequest, by: User) -> Callable[[], object]:
    plan = change.plan
    assert plan is not None
    return partial(decisions.approve, change=change, plan_hash=plan.hash, by=by, at=NOON)


def test_an_approval_costs_the_same_however_much_the_plan_is_about(
    author: User, approver: User, east: Cluster
) -> None:
    warm = in_review(author, [Put(config_map("warm"))], [east], NOON)
    one = in_review(author, [Put(config_map("one"))], [east], NOON)
    many = in_review(author, config_maps(12), [east], NOON)

    _, of_one, of_many = (statements(approve(change, approver)) for change in (warm, one, many))

    assert len(of_one) == len(of_many) <= OF_AN_APPROVAL, "\n".join(of_many)


def test_a_start_costs_the_same_however_many_definitions_there_are(
    author: User, approver: User, east: Cluster
) -> None:
    asked = {}
    for before in (1, 50):
        for number in range(before):
            start(
                approved(author, approver, [Put(config_map(f"{before}-{number}"))], cluster=east)
            )()
        change = approved(author, approver, [Put(config_map(f"of-{before}"))], cluster=east)
        asked[before] = statements(start(change))

    assert len(asked[1]) == len(asked[50]) <= OF_A_START, "\n".join(asked[50])


def test_a_start_costs_the_same_however_many_objects_it_is_about(
    author: User, approver: User, east: Cluster
) -> None:
    start(approved(author, approver, [Put(config_map("first"))], cluster=east))()

    one = statements(start(approved(author, approver, [Put(config_map("one"))], cluster=east)))
    many = statements(start(approved(author, approver, config_maps(12), cluster=east)))

    assert len(one) == len(many) <= OF_A_START, "\n".join(many)


def test_a_push_comes_to_its_first_request_in_few_statements(
    author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    pushed(approved(author, approver, [Put(config_map("warm"))], cluster=east), east)
    start(approved(author, approver, [Put(config_map("one"))], cluster=east))()

    def push() -> None:
        with lease(east.pk) as held:
            assert held is not None
            converging.converge(east.pk, held, connect)

    place = peer.journal.place()
    asked = statements(push)

    assert len(peer.asked_since(place)) == 1
    last = next(n for n, sql in enumerate(asked, 1) if sql.startswith(ANNOUNCED))
    assert last <= OF_A_PUSH, "\n".join(asked)


def test_a_push_of_more_objects_asks_no_other_statements(
    author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    names = [f"object-{number}" for number in range(12)]
    pushed(
        approved(author, approver, [Put(config_map(name)) for name in names], cluster=east), east
    )

    few, many = (forms(updates_of(names[:count], author, approver, east)) for count in (2, 12))

    assert few == many


def updates_of(
    names: list[str], author: User, approver: User, cluster: Cluster
) -> Callable[[], object]:
    uids = dict(DesiredObject.objects.values_list("name", "live_uid"))
    definition = uuid4()
    puts = [
        Put(config_map(name, answer=f"{len(names)}"), uid=uids[name], definition_id=definition)
        for name in names
    ]
    change = approved(author, approver, puts, cluster=cluster)
    return lambda: pushed(change, cluster)


def forms(call: Callable[[], object]) -> list[str]:
    """Statements with the places for their values; those are what is made ready once."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found.append(sql)
        return execute(sql, *rest)

    with connections["default"].execute_wrapper(note):
        call()
    return [sql for sql in found if not sql.startswith(AROUND)]
