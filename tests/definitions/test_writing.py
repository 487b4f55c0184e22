"""What was approved becomes what is defined: in one go, and never at the cost of others."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from inference.accounts.models import Team, User
from inference.changes import actions
from inference.changes.edits import Proposal, propose, reference_faults
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.definitions.models import HardwarePool, Placement, PublicName, Route, ServedModel
from inference.definitions.writing import write
from inference.errors import Conflict, Invalid
from tests.api.house import POOL_DOCUMENT, House, furnish, model_document
from tests.conftest import NOON, member
from tests.factories.accounts import TeamFactory
from tests.factories.clusters import ClusterFactory, GatewayFactory, GrantFactory


@pytest.fixture
def house(chat: Team, author: User) -> House:
    return furnish(chat, author)


@pytest.fixture
def rival(house: House) -> User:
    """An editor of another team, which may use the pool and has a namespace of its own."""
    team = TeamFactory.create(name="rival")
    GrantFactory.create(cluster=house.cluster, team=team, namespace="llm-rival")
    document = {**house.pool.document, "teams": ["rival"]}
    HardwarePool.objects.filter(pk=house.pool.pk).update(document=document)
    house.pool.granted_teams.add(team)
    return member(team, "rival", "editor")


def edit(verb: str, row: Any = None, **given: Any) -> Proposal:
    kinds = {HardwarePool: "hardware-pool", ServedModel: "served-model", Route: "route"}
    about = {"kind": kinds[type(row)], "name": row.name, "document": row.document} if row else {}
    return Proposal(verb=verb, **{**about, **given})


def drafted(by: User, *edits: Proposal) -> ChangeRequest:
    membership = by.memberships.first()
    assert membership
    return actions.draft(
        team=membership.team, title="", reason="asked for", edits=edits, by=by, at=NOON
    )


@transaction.atomic
def written(change: ChangeRequest) -> None:
    assert change.revision
    proposed = propose(change.revision)
    assert reference_faults(proposed) == []
    write(proposed.after, proposed.put, proposed.delete, NOON)


def new_model(name: str, placement: UUID | None = None) -> Proposal:
    document = model_document(placement=placement)
    return Proposal(verb="create", kind="served-model", name=name, document=document)


def refused(by: User, *edits: Proposal) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        drafted(by, *edits)
    return {path: found[0].code for path, found in refusal.value.fields.items()}


def test_a_copy_of_a_model_does_not_take_its_placements(house: House, author: User) -> None:
    path = "edits.0.placements.0.id"

    assert refused(author, new_model("copy", house.placement.pk)) == {path: "placement-id-taken"}


def test_no_team_takes_the_placement_of_another(house: House, rival: User) -> None:
    path = "edits.0.placements.0.id"

    assert refused(rival, new_model("mine", house.placement.pk)) == {path: "placement-id-taken"}


def test_a_placement_that_was_taken_meanwhile_stays_whose_it_is(house: House, rival: User) -> None:
    wanted = uuid4()
    change = drafted(rival, new_model("late", wanted))
    Placement.objects.create(
        id=wanted,
        served_model=house.model,
        pool=house.pool,
        cluster=house.cluster,
        namespace="llm-chat",
        object_name="taken",
        ready_within=house.placement.ready_within,
        deleted_at=NOON,
    )

    with pytest.raises(Conflict, match="another model's placement"):
        written(change)

    assert Placement.objects.get(pk=wanted).served_model == house.model
    assert not ServedModel.objects.filter(name="late").exists()


@pytest.mark.parametrize("noun", ["pool", "model", "route"])
def test_a_new_definition_takes_the_id_of_none_that_ever_was(
    noun: str, house: House, rival: User
) -> None:
    row = getattr(house, noun)
    type(row).objects.filter(pk=row.pk).update(deleted_at=NOON)
    spare = Proposal(
        verb="create", kind="hardware-pool", name="spare", id=row.pk, document=POOL_DOCUMENT
    )

    assert refused(rival, spare) == {"edits.0.id": "definition-id-taken"}


def test_one_change_replaces_a_definition_by_another_of_its_name(
    house: House, author: User
) -> None:
    written(drafted(author, edit("create", house.route), edit("delete", house.route)))

    (route,) = Route.objects.live()
    assert route.pk != house.route.pk
    assert (route.name, route.hostname) == (house.route.name, house.route.hostname)
    assert route.members.get().placement == house.placement


def test_one_change_swaps_hostnames_and_names_between_routes(house: House, author: User) -> None:
    here = {**house.route.document, "hostname": "a.example.com", "public_names": ["a"]}
    there = {**house.route.document, "hostname": "b.example.com", "public_names": ["b"]}
    written(
        drafted(
            author,
            edit("update", house.route, document=here),
            edit("create", house.route, name="beside", document=there),
        )
    )
    beside = Route.objects.get(name="beside")

    written(
        drafted(
            author,
            edit("update", house.route, document=there),
            edit("update", beside, document=here),
        )
    )

    assert dict(Route.objects.live().values_list("name", "hostname")) == {
        house.route.name: "b.example.com",
        "beside": "a.example.com",
    }
    assert PublicName.objects.get(name="a").route == beside
    assert sorted(Route.objects.values_list("generation", flat=True)) == [2, 3]


def test_a_placement_gets_another_id_on_the_same_pool(house: House, author: User) -> None:
    wanted = uuid4()
    members = [{"model": house.model.name, "pool": house.pool.name}]

    written(
        drafted(
            author,
            edit("update", house.model, document=model_document(placement=wanted)),
            edit("update", house.route, document={**house.route.document, "members": members}),
        )
    )

    assert Placement.objects.live().get().pk == wanted
    assert house.route.members.get().placement_id == wanted


def test_a_pool_that_moves_takes_its_placements_along(house: House, author: User) -> None:
    west = ClusterFactory.create(name="west")
    moved = edit("update", house.pool, document={**house.pool.document, "cluster": "west"})
    assert refused(author, moved) == {"edits.0.cluster": "no-grant"}

    GrantFactory.create(cluster=west, team=house.team, namespace="llm-west")
    written(drafted(author, moved))

    house.placement.refresh_from_db()
    assert (house.placement.cluster, house.placement.namespace) == (west, "llm-west")


def test_a_cluster_that_was_removed_lends_its_name_and_nothing_else(
    house: House, author: User
) -> None:
    name = house.cluster.name
    Cluster.objects.filter(pk=house.cluster.pk).update(state="removed", removed_at=NOON)
    again = ClusterFactory.create(name=name)
    assert refused(author, edit("update", house.route)) == {
        "edits.0.gateway.name": "gateway-unknown"
    }

    gateway = GatewayFactory.create(
        cluster=again, namespace=house.gateway.namespace, name=house.gateway.name
    )
    GrantFactory.create(cluster=again, team=house.team, namespace="zz-again")
    written(drafted(author, edit("update", house.pool), edit("update", house.route)))

    house.route.refresh_from_db()
    assert (house.route.gateway, house.route.namespace) == (gateway, "zz-again")
