"""Who owns which field, and who may take it."""

from typing import Any

import pytest

from tests.contract.actors import JSON_PATCH, MERGE, Actor, Object
from tests.contract.samples import config_map, container, deployment, pool, role, service


def owners(obj: Object) -> dict[tuple[str, str], Any]:
    """The fields of each manager and operation."""
    return {
        (entry["manager"], entry["operation"]): entry["fieldsV1"]
        for entry in obj["metadata"]["managedFields"]
    }


def test_the_applied_fields_are_owned_and_defaults_are_not(product: Actor, place: str) -> None:
    engine = container("engine", ports=[{"containerPort": 80}], env=[{"name": "A", "value": "1"}])

    answer = product.apply(deployment(place, "engine", engine, replicas=2))

    (entry,) = answer.body["metadata"]["managedFields"]
    assert entry.pop("time")
    assert entry == {
        "manager": "waybill",
        "operation": "Apply",
        "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {
            "f:spec": {
                "f:replicas": {},
                "f:selector": {},
                "f:template": {
                    "f:metadata": {"f:labels": {"f:app": {}}},
                    "f:spec": {
                        "f:containers": {
                            'k:{"name":"engine"}': {
                                ".": {},
                                "f:env": {'k:{"name":"A"}': {".": {}, "f:name": {}, "f:value": {}}},
                                "f:image": {},
                                "f:name": {},
                                "f:ports": {
                                    'k:{"containerPort":80,"protocol":"TCP"}': {
                                        ".": {},
                                        "f:containerPort": {},
                                    }
                                },
                            }
                        }
                    },
                },
            }
        },
    }


def test_labels_and_annotations_are_owned_key_by_key(product: Actor, place: str) -> None:
    planned = service(place)
    planned["metadata"]["labels"] = {"app": "picker"}
    planned["metadata"]["annotations"] = {"example.com/note": "x"}

    answer = product.apply(planned)

    fields = owners(answer.body)["waybill", "Apply"]
    assert fields["f:metadata"] == {
        "f:annotations": {"f:example.com/note": {}},
        "f:labels": {"f:app": {}},
    }
    assert fields["f:spec"] == {
        "f:ports": {'k:{"port":9002,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:port": {}}},
        "f:selector": {},
    }


def test_fields_of_a_custom_object_are_owned_by_its_schema(product: Actor, place: str) -> None:
    answer = product.apply(pool(place))

    assert owners(answer.body)["waybill", "Apply"] == {
        "f:spec": {
            "f:endpointPickerRef": {"f:name": {}, "f:port": {"f:number": {}}},
            "f:selector": {"f:matchLabels": {"f:app": {}}},
            "f:targetPorts": {},
        }
    }


@pytest.mark.parametrize("rules", [[], None], ids=str)
def test_no_rules_at_all_are_owned_where_they_were_said(
    product: Actor, administrator: Actor, place: str, rules: Any
) -> None:
    said = {} if rules is None else {"rules": rules}
    applied = product.apply(bare(place, "applied") | said)
    posted = administrator.create(bare(place, "posted") | said)

    assert (applied.body["rules"], posted.body["rules"]) == (None, None)
    entries = [one.body["metadata"].get("managedFields", []) for one in (applied, posted)]
    assert [[one["fieldsV1"] for one in each] for each in entries] == [
        [{"f:rules": {}}] if said else []
    ] * 2


def bare(place: str, name: str) -> Object:
    return {key: part for key, part in role(place, name).items() if key != "rules"}


def test_force_takes_the_field(product: Actor, person: Actor, place: str) -> None:
    person.apply(config_map(place, colour="green", size="small"), manager="person")

    answer = product.apply(config_map(place, colour="blue"), force="true")

    assert answer.status == 200
    assert answer.body["data"] == {"colour": "blue", "size": "small"}
    assert owners(answer.body) == {
        ("person", "Apply"): {"f:data": {"f:size": {}}},
        ("waybill", "Apply"): {"f:data": {"f:colour": {}}},
    }


def test_two_managers_may_own_one_value(product: Actor, person: Actor, place: str) -> None:
    person.apply(config_map(place), manager="person")

    answer = product.apply(config_map(place))

    assert answer.status == 200
    assert owners(answer.body) == {
        ("person", "Apply"): {"f:data": {"f:colour": {}}},
        ("waybill", "Apply"): {"f:data": {"f:colour": {}}},
    }


def test_a_shared_value_stays_when_one_owner_leaves_it_out(
    product: Actor, person: Actor, place: str
) -> None:
    person.apply(config_map(place, colour="green"), manager="person")
    product.apply(config_map(place, colour="green", size="small"))

    answer = product.apply(config_map(place, size="small"))

    assert answer.body["data"] == {"colour": "green", "size": "small"}


def test_an_update_takes_what_it_changes(product: Actor, person: Actor, place: str) -> None:
    product.apply(config_map(place, colour="green", size="small"))
    patch = [{"op": "replace", "path": "/data/colour", "value": "blue"}]

    answer = person.patch(config_map(place), patch, JSON_PATCH, fieldManager="editor")

    assert owners(answer.body) == {
        ("waybill", "Apply"): {"f:data": {"f:size": {}}},
        ("editor", "Update"): {"f:data": {"f:colour": {}}},
    }


def test_a_created_object_is_owned_with_its_defaults(person: Actor, place: str) -> None:
    answer = person.create(service(place), fieldManager="creator")

    assert owners(answer.body) == {
        ("creator", "Update"): {
            "f:spec": {
                "f:internalTrafficPolicy": {},
                "f:ports": {
                    ".": {},
                    'k:{"port":9002,"protocol":"TCP"}': {
                        ".": {},
                        "f:name": {},
                        "f:port": {},
                        "f:protocol": {},
                        "f:targetPort": {},
                    },
                },
                "f:selector": {},
                "f:sessionAffinity": {},
                "f:type": {},
            }
        }
    }


def test_a_status_is_owned_apart(person: Actor, place: str) -> None:
    person.create(pool(place), fieldManager="creator")
    status = {"status": {"parents": []}}

    answer = person.patch(
        pool(place), status, MERGE, subresource="status", fieldManager="controller"
    )

    entries = {
        (entry["manager"], entry.get("subresource", "")): entry["fieldsV1"]
        for entry in answer.body["metadata"]["managedFields"]
    }
    assert entries["controller", "status"] == {"f:status": {".": {}, "f:parents": {}}}


def test_a_manager_without_a_name_is_named_after_the_user_agent(person: Actor, place: str) -> None:
    answer = person.create(config_map(place))

    (entry,) = answer.body["metadata"]["managedFields"]
    assert entry["manager"] == "python-urllib3"


def test_an_owner_of_nothing_is_forgotten(product: Actor, person: Actor, place: str) -> None:
    product.apply(config_map(place, colour="green"))

    answer = person.apply(config_map(place, colour="blue"), manager="person", force="true")

    assert owners(answer.body) == {("person", "Apply"): {"f:data": {"f:colour": {}}}}
