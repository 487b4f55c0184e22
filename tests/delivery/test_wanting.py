"""From the steps of a plan to rows that say what is wanted."""

from uuid import uuid4

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.changes.models import ChangeRequest, PlanStep
from inference.clusters.models import Cluster
from inference.delivery import actions
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.planning.takes import Hold
from inference.rendering.objects import Phase
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.factories.delivery import NAMESPACE, Gone, Put, approved, config_map

pytestmark = pytest.mark.usefixtures("database")

COPIED = (
    *("cluster_id", "group", "api_version", "kind", "namespace", "name", "team_id", "body"),
    *("definition_kind", "definition_id", "placement_id", "uid", "plan_id"),
    *("force", "takes"),
)


@pytest.fixture
def west(database: None, author: User) -> Cluster:
    cluster: Cluster = ClusterFactory.create(name="west")
    team = author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=cluster, team=team, namespace=NAMESPACE)
    return cluster


def started(change: ChangeRequest) -> list[DesiredObject]:
    """The rows of its steps, in the order of the plan."""
    actions.start(change=change, at=timezone.now())
    return list(DesiredObject.objects.filter(plan=change.plan).order_by("step__ordinal"))


def check(row: DesiredObject, step: PlanStep, push: Push) -> None:
    assert {name: getattr(row, name) for name in COPIED} == {
        name: getattr(step, name) for name in COPIED
    }
    assert (row.hash, row.step, row.push) == (step.body_hash, step, push)
    assert (row.attempts, row.due_at, row.creation_sent_at) == (0, None, None)
    assert (row.problem_code, row.problem_params) == ("", {})
    outcome = PushOutcome.objects.get(step=step)
    assert (outcome.push, outcome.outcome, outcome.params) == (push, "pending", {})
    assert (outcome.code, outcome.uid, outcome.attempts, outcome.at) == ("", "", 0, None)


def test_each_step_is_wanted_in_the_order_of_the_plan(
    author: User, approver: User, west: Cluster
) -> None:
    placement = uuid4()
    made = Put(config_map("a", quoted='"\\ü%s'), placement_id=placement)
    change = approved(
        author, approver, [made, Put(config_map("b"), phase=Phase.ROUTE)], cluster=west
    )

    rows = started(change)

    steps = list(PlanStep.objects.filter(plan=change.plan).order_by("ordinal"))
    push = Push.objects.get(change=change)
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    for row, step in zip(rows, steps, strict=True):
        check(row, step, push)
        assert (row.wanted, row.phase, row.generation) == (True, step.phase, 1)
        assert (row.pushed_generation, row.live_uid, row.field_set) == (0, "", {})


def test_what_is_there_moves_to_its_next_generation_and_keeps_what_is_known_of_it(
    author: User, approver: User, west: Cluster
) -> None:
    first = approved(author, approver, [Put(config_map("a")), Put(config_map("b"))], cluster=west)
    started(first)
    known = {"live_uid": "uid-1", "live_generation": 7, "field_set": {"f:data": {}}}
    DesiredObject.objects.update(
        pushed_generation=1,
        attempts=3,
        due_at=timezone.now(),
        creation_sent_at=timezone.now(),
        problem_code="push.existed",
        problem_params={"object": "a"},
        **known,
    )
    Push.objects.update(state=Push.State.SUCCEEDED, finished_at=timezone.now())
    before = {row.name: row.pk for row in DesiredObject.objects.all()}
    taken = (Hold("data.answer", "kubectl", "44", "43"),)
    steps = [
        Put(config_map("a", answer="43"), uid="uid-1", taken=taken),
        Gone(config_map("b"), uid="uid-1"),
    ]
    change = approved(author, approver, steps, cluster=west)

    rows = {row.name: row for row in started(change)}

    assert {name: row.pk for name, row in rows.items()} == before
    for row in rows.values():
        check(row, PlanStep.objects.get(plan=change.plan, name=row.name), change.pushes.get())
        assert (row.generation, row.pushed_generation) == (2, 1)
        assert {name: getattr(row, name) for name in known} == known
    assert (rows["a"].wanted, rows["a"].phase) == (True, Phase.COMPUTE)
    assert (rows["b"].wanted, rows["b"].phase, rows["b"].body) == (False, 13, "")


def test_each_cluster_of_a_plan_has_its_own_rows(
    author: User, approver: User, west: Cluster
) -> None:
    other: Cluster = ClusterFactory.create(name="south")
    team = author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=other, team=team, namespace=NAMESPACE)
    change = approved(author, approver, [Put(config_map("a"))], clusters=[west, other])

    rows = started(change)

    assert {row.cluster for row in rows} == {west, other}
    assert all(row.push.cluster == row.cluster for row in rows)
    assert PushOutcome.objects.filter(push__change=change).count() == 2
