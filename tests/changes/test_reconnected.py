"""A cluster that was removed and connected anew, under its name: what was planned is of the old."""

from typing import Any, Never

import pytest

from inference.accounts.models import Team, User
from inference.changes import actions, planning
from inference.changes.evidence import Evidence
from inference.clusters.models import Cluster
from inference.definitions.models import Route
from inference.planning.values import Origin, Seen, Target
from tests.api.house import House, furnish
from tests.changes.asking import asked_for, placed_anew
from tests.conftest import NOON
from tests.factories.clusters import ClusterFactory, GrantFactory


def of_new_objects(**asked: Any) -> Evidence:
    """As clusters answer in which nothing of it is there yet."""
    found = Evidence()
    for fact in asked["facts"]:
        target = Target(fact.name, fact.identity, fact.environment, str(fact.id))
        found.targets.append(target)
    for part in asked["parts"]:
        origin = Origin(
            part.cluster, part.team, part.definition_kind, part.definition_id, part.placement_id
        )
        found.seen += [
            Seen(origin, one.ref, int(one.phase), one.body, one.hash, preview=one.manifest)
            for one in part.objects
        ]
    return found


def nobody(cluster: Cluster) -> Never:
    pytest.fail(f"{cluster} was asked")


def connected_anew(house: House, environment: str = "") -> Cluster:
    old = house.cluster
    Cluster.objects.filter(pk=old.pk).update(state="removed", removed_at=NOON)
    new = ClusterFactory.create(
        name=old.name,
        identity=old.identity,
        environment=environment or old.environment,
        capabilities=old.capabilities,
    )
    GrantFactory.create(cluster=new, team=house.team, namespace=house.grant.namespace)
    return new


def test_a_plan_for_a_removed_cluster_is_not_taken_for_one_of_its_successor(
    chat: Team, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its steps name the old one: the gate would send them back to planning for ever."""
    house = furnish(chat, author)
    Route.objects.filter(pk=house.route.pk).delete()
    change = asked_for(placed_anew(house.model, house.pool), chat, author, "it grows")
    change = actions.submit(change=change, version=change.version, by=author, at=NOON)
    monkeypatch.setattr(planning, "gather", of_new_objects)
    planned = planning.make(change, connect=nobody, at=NOON)
    assert planned.plan
    assert planned.plan.steps.exists()
    new = connected_anew(house)

    again = planning.make(planned, connect=nobody, at=NOON)

    assert again.plan
    assert again.plan != planned.plan
    assert {step.cluster for step in again.plan.steps.all()} == {new}


def test_a_change_without_objects_is_decided_for_where_its_cluster_is_now(
    chat: Team, author: User
) -> None:
    """A new pool alone: no step and no cluster of its plan says that it is in production now."""
    house = furnish(chat, author)
    change = actions.submit(change=house.draft, version=house.draft.version, by=author, at=NOON)
    Cluster.objects.filter(pk=house.cluster.pk).update(environment="dev")
    planned = planning.make(change, connect=nobody, at=NOON)
    assert planned.plan
    assert not planned.plan.steps.exists()
    connected_anew(house, "prod")

    again = planning.make(planned, connect=nobody, at=NOON)

    assert again.plan
    assert [one.environment for one in again.plan.touches.all()] == ["prod"]
