"""Fields that are unknown, repeated, empty, without their key, or of another type."""

import pytest

from tests.contract.actors import APPLY, MERGE, Actor
from tests.contract.kinds import RBAC, path_of
from tests.contract.samples import config_map, container, deployment, gateway, named, pool

REPEATED = (
    b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},'
    b'"data":{"a":"1","a":"2"}}'
)


def test_a_repeated_key_is_refused_where_asked(product: Actor, place: str) -> None:
    path = path_of("ConfigMap", place, "settings")

    strict = product.request(
        "PATCH", path, REPEATED, media=APPLY, fieldManager="waybill", fieldValidation="Strict"
    )

    assert strict.status == 400
    assert strict.message == (
        "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n"
        '  line 1: key "a" already set in map'
    )


def test_a_repeated_key_of_an_apply_is_warned_of(product: Actor, place: str) -> None:
    path = path_of("ConfigMap", place, "settings")

    answer = product.request("PATCH", path, REPEATED, media=APPLY, fieldManager="waybill")

    assert answer.status == 201
    assert answer.body["data"] == {"a": "2"}
    assert answer.headers["Warning"] == '299 - "line 1: key \\"a\\" already set in map"'


def test_an_unknown_field_of_an_apply_is_refused(product: Actor, place: str) -> None:
    answer = product.apply(deployment(place, colour="green"))

    assert answer.status == 500
    assert answer.message == (
        f"failed to create typed patch object ({place}/engine; apps/v1, Kind=Deployment): "
        ".spec.colour: field not declared in schema"
    )


def test_an_unknown_field_of_a_custom_apply_is_refused(product: Actor, place: str) -> None:
    answer = product.apply(pool(place, colour="green"))

    assert answer.status == 500
    assert ".spec.colour: field not declared in schema" in answer.message


def test_a_value_of_another_type_is_refused(product: Actor, place: str) -> None:
    answer = product.apply(deployment(place, replicas="two"))

    assert answer.status == 500
    assert ".spec.replicas: expected numeric (int or float), got string" in answer.message


@pytest.mark.parametrize(
    ("validation", "status"), [("Strict", 400), ("Warn", 201), ("Ignore", 201)]
)
def test_unknown_fields_of_a_new_object(
    person: Actor, place: str, validation: str, status: int
) -> None:
    answer = person.create(deployment(place, colour="green"), fieldValidation=validation)

    assert answer.status == status
    if status == 400:
        assert answer.message == (
            'Deployment in version "v1" cannot be handled as a Deployment: '
            'strict decoding error: unknown field "spec.colour"'
        )
    else:
        assert "colour" not in answer.body["spec"]
    warning = answer.headers.get("Warning", "")
    assert ('299 - "unknown field \\"spec.colour\\""' in warning) == (validation == "Warn")


def test_unknown_fields_are_told_in_their_order(person: Actor, place: str) -> None:
    planned = deployment(place, "engine", container(shape="round"), colour="green")
    planned["metadata"]["mood"] = "good"
    planned["wing"] = {"a": 1}

    answer = person.create(planned, fieldValidation="Strict")

    assert answer.status == 400
    assert answer.message.partition("strict decoding error: ")[2] == (
        'unknown field "metadata.mood", unknown field "spec.template.spec.containers[0].shape", '
        'unknown field "spec.colour", unknown field "wing"'
    )


@pytest.mark.parametrize(
    ("validation", "status"), [("Strict", 400), ("Warn", 201), ("Ignore", 201)]
)
def test_a_repeated_key_of_a_new_object(
    person: Actor, place: str, validation: str, status: int
) -> None:
    answer = person.request(
        "POST", path_of("ConfigMap", place), REPEATED, fieldValidation=validation
    )

    assert answer.status == status
    if status == 400:
        assert answer.message == (
            'ConfigMap in version "v1" cannot be handled as a ConfigMap: '
            'strict decoding error: duplicate field "data.a"'
        )
    else:
        assert answer.body["data"] == {"a": "2"}
    warning = answer.headers.get("Warning", "")
    assert (warning == '299 - "duplicate field \\"data.a\\""') == (validation == "Warn")


def test_a_value_of_another_type_in_a_new_object_is_refused(person: Actor, place: str) -> None:
    answer = person.create(deployment(place, replicas="two"))

    assert answer.status == 400
    assert answer.body["reason"] == "BadRequest"
    assert answer.message.startswith(
        'Deployment in version "v1" cannot be handled as a Deployment: '
        "json: cannot unmarshal string into Go struct field "
    )
    assert answer.message.endswith(".spec.replicas of type int32")


def test_a_value_of_another_type_in_a_new_custom_object_is_refused(
    person: Actor, place: str
) -> None:
    answer = person.create(pool(place, targetPorts="x"))

    assert answer.status == 422
    assert answer.causes[0] == ("spec.targetPorts", "FieldValueTypeInvalid")
    assert (
        'spec.targetPorts: Invalid value: "string": '
        'spec.targetPorts in body must be of type array: "string"'
    ) in answer.message


def test_a_quantity_that_is_none_is_refused(person: Actor, product: Actor, place: str) -> None:
    planned = deployment(place, "engine", container(resources={"limits": {"memory": "a lot"}}))
    why = (
        "quantities must match the regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )
    what = "apps/v1, Kind=Deployment"

    created = person.create(planned)
    applied = product.apply(planned)

    assert created.status == 400
    assert created.message == (
        f'Deployment in version "v1" cannot be handled as a Deployment: {why}'
    )
    assert applied.status == 500
    assert applied.message == (
        f"failed to convert new object ({place}/engine; {what}) to proper version: "
        f"unable to convert unstructured object to {what}: {why}"
    )


def test_two_items_with_one_key_in_a_new_object_are_refused(person: Actor, place: str) -> None:
    listener = {"name": "http", "port": 80, "protocol": "HTTP"}

    built_in = person.create(deployment(place, "engine", container(), container()))
    custom = person.create(gateway(place, listeners=[listener, {**listener, "port": 81}]))

    assert built_in.status == 422
    assert built_in.causes == [
        ("spec.template.spec.containers[1].name", "FieldValueDuplicate"),
    ]
    assert custom.status == 422
    assert custom.message.endswith(
        'is invalid: [spec.listeners[1]: Duplicate value: {"name":"http"}, '
        "spec.listeners: Invalid value: Listener name must be unique within the Gateway]"
    )


def test_two_mounts_at_one_path_of_a_new_object_are_refused(person: Actor, place: str) -> None:
    mount = {"name": "models", "mountPath": "/models"}
    planned = deployment(place, "engine", container(volumeMounts=[mount, mount]))
    planned["spec"]["template"]["spec"]["volumes"] = [{"name": "models", "emptyDir": {}}]

    answer = person.create(planned)

    assert answer.status == 422
    assert answer.message.endswith(
        'containers[0].volumeMounts[1].mountPath: Invalid value: "/models": must be unique'
    )


def test_an_item_without_its_key_in_a_new_object_is_refused(person: Actor, place: str) -> None:
    answer = person.create(gateway(place, listeners=[{"port": 80, "protocol": "HTTP"}]))

    assert answer.status == 422
    assert answer.causes[0] == ("spec.listeners[0].name", "FieldValueRequired")


def test_null_in_a_map_is_an_empty_text(person: Actor, product: Actor, place: str) -> None:
    planned = config_map(place)
    planned["metadata"]["labels"] = {"note": None}

    applied = product.apply(planned, dryRun="All")
    created = person.create(planned)

    assert applied.body["metadata"]["labels"] == {"note": ""}
    assert created.body["metadata"]["labels"] == {"note": ""}


def test_null_in_a_list_is_an_empty_value(person: Actor, product: Actor, place: str) -> None:
    planned = deployment(place, "engine", container(args=["a", None]))

    applied = product.apply(planned, dryRun="All")
    created = person.create(planned)
    refused = person.create(named(RBAC, "Role", place, "reader", rules=[None]))

    for answer in (applied, created):
        (engine,) = answer.body["spec"]["template"]["spec"]["containers"]
        assert engine["args"] == ["a", ""]
    assert refused.status == 422
    assert refused.causes[0] == ("rules[0].verbs", "FieldValueRequired")


def test_zero_says_nothing_in_a_probe(product: Actor, place: str) -> None:
    probe = {"tcpSocket": {"port": 80}, "periodSeconds": 0, "timeoutSeconds": 0}

    answer = product.apply(deployment(place, "engine", container(readinessProbe=probe)))

    (engine,) = answer.body["spec"]["template"]["spec"]["containers"]
    assert engine["readinessProbe"] == {
        "tcpSocket": {"port": 80},
        "failureThreshold": 3,
        "periodSeconds": 10,
        "successThreshold": 1,
        "timeoutSeconds": 1,
    }


def test_values_of_other_types_of_an_apply_are_told_together(product: Actor, place: str) -> None:
    planned = deployment(place, "engine", container(args="--port=8000"), paused="yes")

    answer = product.apply(planned)

    assert answer.status == 500
    assert set(answer.message.splitlines()[1:]) == {
        "  .spec.paused: expected boolean, got &{yes}",
        '  .spec.template.spec.containers[name="engine"].args: expected list, got &{--port=8000}',
    }


def test_unknown_fields_of_a_new_custom_object(person: Actor, place: str) -> None:
    strict = person.create(pool(place, colour="green"), fieldValidation="Strict")
    warned = person.create(pool(place, colour="green"), fieldValidation="Warn")

    assert strict.status == 400
    assert 'strict decoding error: unknown field "spec.colour"' in strict.message
    assert warned.status == 201
    assert "colour" not in warned.body["spec"]


def test_unknown_fields_of_a_patch(person: Actor, place: str) -> None:
    person.create(deployment(place))

    answer = person.patch(
        deployment(place), {"spec": {"colour": "green"}}, MERGE, fieldValidation="Strict"
    )

    assert answer.status == 422
    assert 'strict decoding error: unknown field "spec.colour"' in answer.message
