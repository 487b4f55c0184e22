"""POST and PUT, as kubectl and controllers send them."""

from tests.contract.actors import Actor
from tests.contract.kinds import path_of
from tests.contract.samples import config_map, container, deployment, pool


def test_creating_twice_is_refused(person: Actor, place: str) -> None:
    first = person.create(config_map(place))
    second = person.create(config_map(place))

    assert first.status == 201
    assert second.status == 409
    assert second.body["reason"] == "AlreadyExists"
    assert second.message == 'configmaps "settings" already exists'
    assert second.body["details"] == {"name": "settings", "kind": "configmaps"}


def test_a_name_may_be_generated(person: Actor, place: str) -> None:
    obj = config_map(place)
    del obj["metadata"]["name"]
    obj["metadata"]["generateName"] = "made-"

    answer = person.create(obj)

    assert answer.status == 201
    assert answer.body["metadata"]["name"].startswith("made-")
    assert len(answer.body["metadata"]["name"]) == len("made-") + 5


def test_a_name_is_required(person: Actor, place: str) -> None:
    obj = config_map(place)
    del obj["metadata"]["name"]

    answer = person.request("POST", path_of("ConfigMap", place), obj)

    assert answer.status == 422
    assert answer.causes == [("metadata.name", "FieldValueRequired")]
    assert answer.message == (
        'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'
    )


def test_a_dry_run_creates_nothing(person: Actor, place: str) -> None:
    answer = person.create(config_map(place), dryRun="All")

    assert answer.status == 201
    assert person.get(config_map(place)).status == 404


def test_a_replacement_of_the_latest_version_is_accepted(person: Actor, place: str) -> None:
    live = person.create(config_map(place)).body

    answer = person.update({**live, "data": {"colour": "red"}})

    assert answer.status == 200
    assert answer.body["data"] == {"colour": "red"}


def test_a_stale_replacement_is_refused(person: Actor, place: str) -> None:
    live = person.create(config_map(place)).body
    person.update({**live, "data": {"colour": "red"}})

    answer = person.update({**live, "data": {"colour": "blue"}})

    assert answer.status == 409
    assert answer.body["reason"] == "Conflict"
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "settings": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    assert answer.body["details"] == {"name": "settings", "kind": "configmaps"}


def test_a_replacement_without_a_version_is_accepted(person: Actor, place: str) -> None:
    person.create(config_map(place))

    answer = person.update(config_map(place, colour="red"))

    assert answer.status == 200


def test_a_replacement_of_a_custom_object_needs_a_version(person: Actor, place: str) -> None:
    person.create(pool(place))

    answer = person.update(pool(place))

    assert answer.status == 422
    assert answer.causes == [("metadata.resourceVersion", "FieldValueInvalid")]


def test_a_replacement_creates_nothing(person: Actor, place: str) -> None:
    answer = person.update(config_map(place))

    assert answer.status == 404
    assert answer.message == 'configmaps "settings" not found'


def test_a_replacement_under_another_name_is_refused(person: Actor, place: str) -> None:
    person.create(config_map(place))

    answer = person.request("PUT", path_of("ConfigMap", place, "settings"), config_map(place, "b"))

    assert answer.status == 400
    assert answer.message == (
        "the name of the object (b) does not match the name on the URL (settings)"
    )


def test_an_update_that_changes_nothing_leaves_the_version(person: Actor, place: str) -> None:
    live = person.create(config_map(place), fieldManager="person")

    answer = person.update(live.body, fieldManager="person")

    assert answer.version == live.version


def test_an_update_that_names_another_uid_is_refused(person: Actor, place: str) -> None:
    live = person.create(config_map(place)).body
    live["metadata"]["uid"] = "0b9a8a46-6d2f-4b53-9a0c-0e9d2d4f9a11"

    answer = person.update(live)

    assert answer.status == 409
    assert "UID in precondition" in answer.message


def test_an_object_under_two_keys_of_one_list_is_refused(person: Actor, place: str) -> None:
    answer = person.create(deployment(place, "engine", container("a"), container("a")))

    assert answer.status == 422
    assert ("spec.template.spec.containers[1].name", "FieldValueDuplicate") in answer.causes
