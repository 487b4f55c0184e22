"""How a conflict of two managers is told, and what is told before it."""

import pytest

from tests.contract.actors import MERGE, Actor, Object
from tests.contract.samples import config_map, container, deployment, pool
from tests.contract.test_apply import ANOTHER_UID


def test_a_conflict_names_the_manager_and_the_field(
    product: Actor, person: Actor, place: str
) -> None:
    person.apply(deployment(place, replicas=2), manager="person")

    answer = product.apply(deployment(place, replicas=3))

    assert answer.status == 409
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'Apply failed with 1 conflict: conflict with "person": .spec.replicas',
        "reason": "Conflict",
        "details": {
            "causes": [
                {
                    "reason": "FieldManagerConflict",
                    "message": 'conflict with "person"',
                    "field": ".spec.replicas",
                }
            ]
        },
        "code": 409,
    }


@pytest.mark.parametrize("stale", [{"uid": ANOTHER_UID}, {"resourceVersion": "1"}], ids=str)
def test_a_conflict_is_told_before_another_uid_or_version(
    product: Actor, person: Actor, place: str, stale: Object
) -> None:
    person.apply(config_map(place, a="1"), manager="person")
    person.apply(pool(place), manager="person")
    settings, engine = config_map(place, a="2"), pool(place, targetPorts=[{"number": 9000}])
    settings["metadata"] |= stale
    engine["metadata"] |= stale

    told = [product.apply(one) for one in (settings, engine)]

    assert [(one.status, one.message.split(": ", 1)[1]) for one in told] == [
        (409, 'conflict with "person": .data.a'),
        (409, 'conflict with "person": .spec.targetPorts'),
    ]


def test_another_uid_is_refused_although_it_is_forced(
    product: Actor, person: Actor, place: str
) -> None:
    person.apply(config_map(place, a="1"), manager="person")
    planned = config_map(place, a="2")
    planned["metadata"]["uid"] = ANOTHER_UID

    answer = product.apply(planned, force="true")

    assert answer.status == 422
    assert set(answer.causes) == {("metadata.uid", "FieldValueInvalid")}


def test_conflicts_with_two_managers_are_told_together(
    product: Actor, person: Actor, place: str
) -> None:
    person.apply(config_map(place, a="1", b="1"), manager="one")
    person.apply(config_map(place, c="1"), manager="two")

    answer = product.apply(config_map(place, a="2", b="2", c="2"))

    assert answer.status == 409
    assert answer.message == (
        'Apply failed with 3 conflicts: conflicts with "one":\n- .data.a\n- .data.b\n'
        'conflicts with "two":\n- .data.c'
    )
    assert sorted(answer.causes) == [
        (".data.a", "FieldManagerConflict"),
        (".data.b", "FieldManagerConflict"),
        (".data.c", "FieldManagerConflict"),
    ]


def test_a_conflict_in_a_list_names_the_item(product: Actor, person: Actor, place: str) -> None:
    person.apply(deployment(place, "engine", container("engine")), manager="person")

    answer = product.apply(
        deployment(place, "engine", container("engine", image="registry.example/other:1"))
    )

    assert answer.causes == [
        ('.spec.template.spec.containers[name="engine"].image', "FieldManagerConflict")
    ]


def test_a_conflict_with_an_updater_names_its_version(
    product: Actor, person: Actor, place: str
) -> None:
    product.apply(deployment(place, replicas=2))
    person.patch(deployment(place), {"spec": {"replicas": 4}}, MERGE, fieldManager="kubectl-edit")

    answer = product.apply(deployment(place, replicas=2))

    assert answer.status == 409
    assert answer.message == (
        'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas'
    )


def test_a_conflict_with_a_subresource_names_it(product: Actor, person: Actor, place: str) -> None:
    product.apply(deployment(place, replicas=2))
    path_patch = {"spec": {"replicas": 4}}
    person.patch(deployment(place), path_patch, MERGE, subresource="scale", fieldManager="kubectl")

    answer = product.apply(deployment(place, replicas=2))

    assert answer.status == 409
    assert answer.message == (
        'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" '
        "using apps/v1: .spec.replicas"
    )
