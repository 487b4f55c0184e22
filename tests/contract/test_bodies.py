"""What is not well formed, too large, or of the wrong kind."""

from tests.contract.actors import APPLY, Actor
from tests.contract.kinds import path_of
from tests.contract.samples import config_map, deployment


def test_json_that_ends_early_is_refused(person: Actor, place: str) -> None:
    answer = person.request("POST", path_of("ConfigMap", place), b'{"apiVersion": "v1", ')

    assert answer.status == 400
    assert answer.body["reason"] == "BadRequest"


def test_an_apply_that_is_no_yaml_is_refused(product: Actor, place: str) -> None:
    path = path_of("ConfigMap", place, "settings")

    answer = product.request("PATCH", path, b"{{{", media=APPLY, fieldManager="waybill")

    assert answer.status == 400
    assert answer.message.startswith("error decoding YAML")


def test_an_apply_without_a_kind_is_refused(product: Actor, place: str) -> None:
    path = path_of("ConfigMap", place, "settings")
    body = {"metadata": {"name": "settings"}}

    answer = product.request("PATCH", path, body, media=APPLY, fieldManager="waybill")

    assert answer.status == 400


def test_an_apply_of_another_kind_is_refused(product: Actor, place: str) -> None:
    path = path_of("ConfigMap", place, "engine")

    answer = product.request("PATCH", path, deployment(place), media=APPLY, fieldManager="waybill")

    assert answer.status in {400, 500}


def test_a_body_of_another_kind_is_refused(person: Actor, place: str) -> None:
    answer = person.request("POST", path_of("ConfigMap", place), deployment(place))

    assert answer.status == 400
    assert answer.body["reason"] == "BadRequest"


def test_an_unknown_media_type_is_refused(person: Actor, place: str) -> None:
    answer = person.request("POST", path_of("ConfigMap", place), config_map(place), media="text/x")

    assert answer.status == 415
    assert answer.body["reason"] == "UnsupportedMediaType"


def test_an_unknown_patch_type_is_refused(person: Actor, place: str) -> None:
    person.create(config_map(place))

    answer = person.patch(config_map(place), {}, "application/json")

    assert answer.status == 415


def test_an_answer_that_nobody_can_give_is_not_acceptable(person: Actor, place: str) -> None:
    answer = person.request("GET", path_of("ConfigMap", place), accept="text/html")

    assert answer.status == 406
    assert answer.body["reason"] == "NotAcceptable"


def test_a_body_may_be_yaml(person: Actor, place: str) -> None:
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n"

    answer = person.request("POST", path_of("ConfigMap", place), text, media="application/yaml")

    assert answer.status == 201


def test_a_body_over_three_megabytes_is_too_large(product: Actor, place: str) -> None:
    answer = product.apply(config_map(place, big="x" * (3 * 1024 * 1024 + 1)))

    assert answer.status == 413
    assert answer.body["reason"] == "RequestEntityTooLarge"


def test_a_config_map_over_a_megabyte_is_refused(product: Actor, place: str) -> None:
    answer = product.apply(config_map(place, big="x" * (1024 * 1024 + 1)))

    assert answer.status == 422
    assert answer.causes == [("", "FieldValueTooLong")] or answer.causes


def test_annotations_over_a_quarter_megabyte_are_refused(product: Actor, place: str) -> None:
    obj = config_map(place)
    obj["metadata"]["annotations"] = {"big": "x" * (256 * 1024 + 1)}

    answer = product.apply(obj)

    assert answer.status == 422
    assert set(answer.causes) == {("metadata.annotations", "FieldValueTooLong")}


def test_a_kind_that_is_not_said_is_that_of_the_path(person: Actor, place: str) -> None:
    answer = person.request("POST", path_of("ConfigMap", place), {"metadata": {"name": "settings"}})

    assert answer.status == 201
    assert answer.body["kind"] == "ConfigMap"


def test_deep_json_is_refused(person: Actor, place: str) -> None:
    text = b'{"apiVersion":"v1","kind":"ConfigMap","data":' + b"[" * 20_000 + b"]" * 20_000 + b"}"

    answer = person.request("POST", path_of("ConfigMap", place), text)

    assert answer.status == 400
