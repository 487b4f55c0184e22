"""The part of the world that edits are about says of them what the whole world says."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inference.accounts.models import Team, User
from inference.changes.edits import propose, propose_nearby, reference_faults
from inference.changes.models import Edit, Revision
from inference.errors import Conflict
from tests.api.house import POOL_DOCUMENT, House, furnish, model_document
from tests.conftest import NOON
from tests.factories.accounts import MembershipFactory
from tests.remembered import remembered

Put = tuple[str, str, dict[str, Any]]
"""Kind, name and document of a definition to create."""


@pytest.fixture
def house(chat: Team, author: User) -> House:
    made = furnish(chat, author)
    made.route.document["public_names"] = ["llama"]
    made.route.save()
    others(1)
    return made


@remembered
def others(number: int) -> None:
    """One of everything, of another team."""
    member = MembershipFactory.create(environment="prod", role="editor")
    furnish(member.team, member.user, number)


def route_document(house: House, **other: Any) -> dict[str, Any]:
    gateway = house.gateway
    place = {"cluster": "east-0", "namespace": gateway.namespace, "name": gateway.name}
    member = {"model": "llama-0", "pool": "h100-0"}
    return {"gateway": place, "hostname": "new.example", "members": [member], **other}


def revision(house: House, *edits: Edit) -> int:
    """Frozen past all checks, as if the world had moved since."""
    row = Revision.objects.create(
        change=house.draft, number=9, author=house.draft.author, hash="0" * 64, created_at=NOON
    )
    for place, edit in enumerate(edits):
        edit.revision, edit.ordinal, edit.team = row, place, house.team
        edit.save()
    return row.pk


def create(kind: str, name: str, document: dict[str, Any]) -> Edit:
    return Edit(
        verb="create",
        definition_kind=kind,
        definition_id=uuid4(),
        name=name,
        document={"title": "", "spec": document},
    )


def change(verb: str, row: Any, kind: str, generation: int = 1) -> Edit:
    return Edit(
        verb=verb,
        definition_kind=kind,
        definition_id=row.pk,
        name=row.name,
        base_generation=generation,
        document={} if verb == "delete" else {"title": "", "spec": row.document},
    )


def edits(house: House) -> dict[str, list[Edit]]:
    pool, model, route = "hardware-pool", "served-model", "route"
    two = [{"model": "llama-0", "pool": "h100-0"}, {"model": "new", "pool": "h100-0"}]
    elsewhere = {"cluster": "east-0", "namespace": "x", "name": "none"}
    return {
        "pool": [create(pool, "new", {**POOL_DOCUMENT})],
        "pool-taken": [create(pool, "h100-0", {**POOL_DOCUMENT})],
        "pool-nowhere": [create(pool, "new", {**POOL_DOCUMENT, "cluster": "none"})],
        "model": [create(model, "new", model_document())],
        "model-taken": [create(model, "llama-0", model_document())],
        "model-on-new-pool": [
            create(pool, "new", {**POOL_DOCUMENT}),
            create(model, "new", model_document("new")),
        ],
        "model-nowhere": [create(model, "new", model_document("none"))],
        "model-on-pool-of-others": [create(model, "new", model_document("h100-1"))],
        "route": [create(route, "new", route_document(house))],
        "route-taken": [create(route, "chat-0", route_document(house))],
        "hostname-taken": [create(route, "new", route_document(house, hostname="chat.example"))],
        "public-name-taken": [create(route, "new", route_document(house, public_names=["llama"]))],
        "gateway-unknown": [create(route, "new", route_document(house, gateway=elsewhere))],
        "member-unknown": [
            create(route, "new", route_document(house, members=[{"model": "no", "pool": "h100-0"}]))
        ],
        "member-not-there": [
            create(
                route, "new", route_document(house, members=[{"model": "llama-0", "pool": "no"}])
            )
        ],
        "all-at-once": [
            create(model, "new", {**model_document(), "served_names": ["other"]}),
            create(route, "new", route_document(house, members=two)),
        ],
        "updated": [change("update", house.model, model), change("update", house.route, route)],
        "moved-on": [change("update", house.pool, pool, 7)],
        "pool-in-use": [change("delete", house.pool, pool)],
        "model-in-use": [change("delete", house.model, model)],
        "model-with-its-route": [
            change("delete", house.model, model),
            change("delete", house.route, route),
        ],
        "route-gone": [change("delete", house.route, route)],
    }


CASES = [
    *("pool", "pool-taken", "pool-nowhere", "model", "model-taken", "model-on-new-pool"),
    *("model-nowhere", "model-on-pool-of-others", "route", "route-taken", "hostname-taken"),
    *("public-name-taken", "gateway-unknown", "member-unknown", "member-not-there"),
    *("all-at-once", "updated", "moved-on", "pool-in-use", "model-in-use"),
    *("model-with-its-route", "route-gone"),
]
FINE = {"pool", "model", "model-on-new-pool", "route", "updated", "model-with-its-route"}
FINE |= {"route-gone"}


def judged(made: Any, pk: int) -> list[tuple[str, dict[str, Any]]]:
    try:
        return [(one.code, one.params) for one in reference_faults(made(pk))]
    except Conflict as refusal:
        return [(refusal.code, refusal.params)]


def test_every_case_is_judged(house: House) -> None:
    assert list(edits(house)) == CASES


@pytest.mark.parametrize("case", CASES)
def test_nearby_finds_the_faults_that_the_whole_world_finds(house: House, case: str) -> None:
    pk = revision(house, *edits(house)[case])

    found = judged(propose_nearby, pk)

    assert found == judged(propose, pk)
    assert bool(found) == (case not in FINE)


@pytest.mark.parametrize("case", sorted(FINE))
def test_nearby_costs_the_same_among_many(house: House, case: str) -> None:
    pk = revision(house, *edits(house)[case])
    with CaptureQueriesContext(connection) as alone:
        few = propose_nearby(pk).before.entries
    for number in range(2, 7):
        others(number)

    with CaptureQueriesContext(connection) as among_many:
        found = propose_nearby(pk).before.entries

    assert len(among_many) == len(alone) <= 7
    assert found == few
