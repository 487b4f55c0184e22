"""Patches: merged, strategic and by operations."""

import pytest

from tests.contract.actors import JSON_PATCH, MERGE, STRATEGIC, Actor, Object
from tests.contract.samples import config_map, container, deployment, pool, service


def test_a_merge_patch_sets_and_removes(person: Actor, place: str) -> None:
    person.create(config_map(place, colour="green", size="small"))

    answer = person.patch(config_map(place), {"data": {"colour": None, "shape": "round"}}, MERGE)

    assert answer.status == 200
    assert answer.body["data"] == {"size": "small", "shape": "round"}


def test_a_merge_patch_replaces_lists(person: Actor, place: str) -> None:
    person.create(deployment(place, "engine", container("a"), container("b")))
    spec = {"spec": {"template": {"spec": {"containers": [container("c")]}}}}

    answer = person.patch(deployment(place), spec, MERGE)

    containers = answer.body["spec"]["template"]["spec"]["containers"]
    assert [c["name"] for c in containers] == ["c"]


def test_a_strategic_patch_merges_lists_by_key(person: Actor, place: str) -> None:
    person.create(deployment(place, "engine", container("a"), container("b")))
    changes = [
        {"name": "a", "image": "registry.example/engine:2"},
        {"name": "b", "$patch": "delete"},
        container("c"),
    ]
    spec = {"spec": {"template": {"spec": {"containers": changes}}}}

    answer = person.patch(deployment(place), spec, STRATEGIC)

    containers = answer.body["spec"]["template"]["spec"]["containers"]
    assert sorted((c["name"], c["image"]) for c in containers) == [
        ("a", "registry.example/engine:2"),
        ("c", "registry.example/engine:1.2"),
    ]


def test_a_strategic_patch_keeps_only_the_keys_named(person: Actor, place: str) -> None:
    person.create(deployment(place))
    strategy: Object = {"$retainKeys": ["type"], "type": "Recreate"}

    answer = person.patch(deployment(place), {"spec": {"strategy": strategy}}, STRATEGIC)

    assert answer.status == 200
    assert answer.body["spec"]["strategy"] == {"type": "Recreate"}


def test_a_strategic_patch_of_a_custom_object_is_refused(person: Actor, place: str) -> None:
    person.create(pool(place))

    answer = person.patch(pool(place), {"spec": {"appProtocol": "http"}}, STRATEGIC)

    assert answer.status == 415
    assert answer.body["reason"] == "UnsupportedMediaType"


def test_a_json_patch_walks_its_operations(person: Actor, place: str) -> None:
    person.create(config_map(place, colour="green", size="small"))
    operations = [
        {"op": "test", "path": "/data/colour", "value": "green"},
        {"op": "replace", "path": "/data/colour", "value": "red"},
        {"op": "remove", "path": "/data/size"},
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        {"op": "add", "path": "/metadata/annotations/a~1b", "value": "x"},
    ]

    answer = person.patch(config_map(place), operations, JSON_PATCH)

    assert answer.status == 200
    assert answer.body["data"] == {"colour": "red"}
    assert answer.body["metadata"]["annotations"] == {"a/b": "x"}


def test_a_json_patch_whose_test_fails_is_refused(person: Actor, place: str) -> None:
    person.create(config_map(place))
    operations = [{"op": "test", "path": "/data/colour", "value": "red"}]

    answer = person.patch(config_map(place), operations, JSON_PATCH)

    assert answer.status == 422
    assert answer.message == "the server rejected our request due to an error in our request"
    assert answer.body["details"] == {}


def test_a_json_patch_appends_to_lists(person: Actor, place: str) -> None:
    person.create(service(place))
    port = {"name": "more", "port": 80, "protocol": "TCP", "targetPort": 80}

    answer = person.patch(
        service(place), [{"op": "add", "path": "/spec/ports/-", "value": port}], JSON_PATCH
    )

    assert [p["name"] for p in answer.body["spec"]["ports"]] == ["grpc", "more"]


def test_a_patch_of_what_is_missing_is_not_found(person: Actor, place: str) -> None:
    answer = person.patch(config_map(place), {"data": {"a": "b"}}, MERGE)

    assert answer.status == 404


def test_a_patch_with_a_stale_version_is_refused(person: Actor, place: str) -> None:
    person.create(config_map(place))
    patch = {"metadata": {"resourceVersion": "1"}, "data": {"a": "b"}}

    answer = person.patch(config_map(place), patch, MERGE)

    assert answer.status == 409


def test_a_dry_run_of_a_patch_changes_nothing(person: Actor, place: str) -> None:
    person.create(config_map(place))

    answer = person.patch(config_map(place), {"data": {"colour": "red"}}, MERGE, dryRun="All")

    assert answer.body["data"] == {"colour": "red"}
    assert person.get(config_map(place)).body["data"] == {"colour": "green"}


def test_force_is_for_applies_alone(person: Actor, place: str) -> None:
    person.create(config_map(place))

    answer = person.patch(config_map(place), {"data": {"a": "b"}}, MERGE, force="true")

    assert answer.status == 422
    assert answer.causes == [("force", "FieldValueForbidden")]


def test_a_json_patch_moves_and_copies(person: Actor, place: str) -> None:
    person.create(config_map(place, colour="green", size="small"))
    operations = [
        {"op": "move", "from": "/data/size", "path": "/data/width"},
        {"op": "copy", "from": "/data/colour", "path": "/data/shade"},
    ]

    answer = person.patch(config_map(place), operations, JSON_PATCH)

    assert answer.body["data"] == {"colour": "green", "shade": "green", "width": "small"}


def test_a_json_patch_of_a_path_that_is_missing_is_refused(person: Actor, place: str) -> None:
    person.create(config_map(place))

    answer = person.patch(config_map(place), [{"op": "remove", "path": "/data/x"}], JSON_PATCH)

    assert answer.status == 422


def test_a_json_patch_that_is_no_list_is_refused(person: Actor, place: str) -> None:
    person.create(config_map(place))

    answer = person.patch(config_map(place), {"op": "remove", "path": "/data/x"}, JSON_PATCH)

    assert answer.status == 400


def test_a_strategic_patch_may_replace_a_list(person: Actor, place: str) -> None:
    person.create(deployment(place, "engine", container("a"), container("b")))
    changes = [{"$patch": "replace"}, container("c")]
    spec = {"spec": {"template": {"spec": {"containers": changes}}}}

    answer = person.patch(deployment(place), spec, STRATEGIC)

    containers = answer.body["spec"]["template"]["spec"]["containers"]
    assert [c["name"] for c in containers] == ["c"]


def test_a_strategic_patch_may_put_a_list_in_order(person: Actor, place: str) -> None:
    person.create(deployment(place, "engine", *map(container, "abc")))
    order = {"$setElementOrder/containers": [{"name": name} for name in "cab"]}
    spec = {"spec": {"template": {"spec": {**order, "containers": []}}}}

    answer = person.patch(deployment(place), spec, STRATEGIC)

    containers = answer.body["spec"]["template"]["spec"]["containers"]
    assert [c["name"] for c in containers] == ["c", "a", "b"]


def test_a_strategic_patch_adds_to_and_takes_from_sets(person: Actor, place: str) -> None:
    obj = config_map(place)
    obj["metadata"]["finalizers"] = ["example.com/one", "example.com/two"]
    person.create(obj)
    patch = {
        "metadata": {
            "finalizers": ["example.com/three"],
            "$deleteFromPrimitiveList/finalizers": ["example.com/one"],
        }
    }

    answer = person.patch(config_map(place), patch, STRATEGIC)

    assert sorted(answer.body["metadata"]["finalizers"]) == [
        "example.com/three",
        "example.com/two",
    ]
    released = {"metadata": {"finalizers": None}}
    assert person.patch(config_map(place), released, MERGE).status == 200


def test_a_patch_that_names_another_uid_is_refused(person: Actor, place: str) -> None:
    person.create(config_map(place))
    patch = {"metadata": {"uid": "0b9a8a46-6d2f-4b53-9a0c-0e9d2d4f9a11"}}

    answer = person.patch(config_map(place), patch, MERGE)

    assert answer.status == 422
    assert set(answer.causes) == {("metadata.uid", "FieldValueInvalid")}


@pytest.mark.parametrize("media", [MERGE, STRATEGIC])
def test_a_patch_that_is_no_object_is_refused(person: Actor, place: str, media: str) -> None:
    person.create(config_map(place))

    answer = person.patch(config_map(place), [1], media)

    assert answer.status == 400


def test_a_patch_makes_no_other_kind(person: Actor, place: str) -> None:
    person.create(config_map(place))

    answer = person.patch(config_map(place), {"kind": "Secret"}, MERGE)

    assert answer.status == 422
    assert answer.causes == [("patch", "FieldValueInvalid")]


def test_a_patch_gives_no_other_name(person: Actor, place: str) -> None:
    person.create(config_map(place))

    answer = person.patch(config_map(place), {"metadata": {"name": "other"}}, MERGE)

    assert answer.status == 400
    assert answer.message == (
        "the name of the object (other) does not match the name on the URL (settings)"
    )
