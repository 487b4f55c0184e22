"""Server-side apply of whole objects, as the product sends every write."""

import pytest

from tests.contract.actors import APPLY, Actor
from tests.contract.kinds import path_of
from tests.contract.samples import (
    WRITTEN,
    Maker,
    config_map,
    container,
    deployment,
    pool,
    role,
)

ANOTHER_UID = "0b9a8a46-6d2f-4b53-9a0c-0e9d2d4f9a11"


def test_an_object_that_is_new_answers_201(product: Actor, place: str) -> None:
    answer = product.apply(config_map(place))

    assert answer.status == 201
    assert answer.body["data"] == {"colour": "green"}
    assert answer.body["metadata"]["uid"]


def test_an_object_that_changes_answers_200_and_keeps_its_uid(product: Actor, place: str) -> None:
    created = product.apply(config_map(place))

    changed = product.apply(config_map(place, colour="blue"))

    assert changed.status == 200
    assert changed.body["data"] == {"colour": "blue"}
    assert changed.body["metadata"]["uid"] == created.body["metadata"]["uid"]
    assert int(changed.version) > int(created.version)


def test_applying_the_same_again_leaves_the_version(product: Actor, place: str) -> None:
    created = product.apply(deployment(place))

    again = product.apply(deployment(place))

    assert again.status == 200
    assert again.body == created.body


def test_a_field_that_is_left_out_is_removed(product: Actor, place: str) -> None:
    product.apply(config_map(place, colour="green", size="small"))

    answer = product.apply(config_map(place, colour="green"))

    assert answer.body["data"] == {"colour": "green"}


@pytest.mark.parametrize("make", WRITTEN.values(), ids=WRITTEN)
def test_labels_that_are_left_out_are_removed(product: Actor, place: str, make: Maker) -> None:
    labelled = make(place)
    labelled["metadata"]["labels"] = {"team": "chat"}
    product.apply(role(place))
    product.apply(labelled)

    answer = product.apply(make(place))

    assert answer.status == 200
    assert "labels" not in answer.body["metadata"]


def test_null_for_a_part_asks_for_nothing_of_it(product: Actor, place: str) -> None:
    probe = {"httpGet": {"path": "/health", "port": 80}}
    product.apply(deployment(place, "engine", container(readinessProbe=probe)))

    answer = product.apply(deployment(place, "engine", container(readinessProbe=None)))

    assert answer.status == 422
    assert answer.message.endswith(
        "containers[0].readinessProbe: Required value: must specify a handler type"
    )


def test_a_field_with_a_default_goes_back_to_it_when_left_out(product: Actor, place: str) -> None:
    product.apply(deployment(place, progressDeadlineSeconds=3600))

    answer = product.apply(deployment(place))

    assert answer.body["spec"]["progressDeadlineSeconds"] == 600


def test_fields_of_somebody_else_stay_when_left_out(
    product: Actor, person: Actor, place: str
) -> None:
    product.apply(config_map(place, colour="green"))
    person.apply(config_map(place, size="small"), manager="person")

    answer = product.apply(config_map(place, shape="round"))

    assert answer.body["data"] == {"size": "small", "shape": "round"}


def test_a_dry_run_answers_201_and_creates_nothing(product: Actor, place: str) -> None:
    answer = product.apply(deployment(place), dryRun="All")
    found = product.get(deployment(place))

    assert answer.status == 201
    assert answer.body["spec"]["replicas"] == 1
    assert "resourceVersion" not in answer.body["metadata"]
    assert found.status == 404


def test_a_dry_run_of_a_change_answers_200_and_changes_nothing(product: Actor, place: str) -> None:
    created = product.apply(config_map(place))

    answer = product.apply(config_map(place, colour="blue"), dryRun="All")

    assert answer.status == 200
    assert answer.body["data"] == {"colour": "blue"}
    assert answer.version == created.version
    assert product.get(config_map(place)).body["data"] == {"colour": "green"}


def test_a_dry_run_may_be_forced(product: Actor, person: Actor, place: str) -> None:
    person.apply(config_map(place), manager="person")

    refused = product.apply(config_map(place, colour="blue"), dryRun="All")
    forced = product.apply(config_map(place, colour="blue"), dryRun="All", force="true")

    assert refused.status == 409
    assert forced.status == 200
    assert product.get(config_map(place)).body["data"] == {"colour": "green"}


def test_an_unknown_dry_run_is_refused(product: Actor, place: str) -> None:
    answer = product.apply(config_map(place), dryRun="Some")

    assert answer.status == 422
    assert answer.causes == [("dryRun", "FieldValueNotSupported")]
    assert 'Unsupported value: ["Some"]: supported values: "All"' in answer.message


def test_an_apply_needs_a_field_manager(product: Actor, place: str) -> None:
    path = path_of("ConfigMap", place, "settings")

    answer = product.request("PATCH", path, config_map(place), media=APPLY)

    assert answer.status == 422
    assert answer.causes == [("fieldManager", "FieldValueRequired")]
    assert answer.message == (
        'PatchOptions.meta.k8s.io "" is invalid: '
        "fieldManager: Required value: is required for apply patch"
    )


def test_an_update_that_names_the_uid_is_accepted(product: Actor, place: str) -> None:
    created = product.apply(config_map(place))
    planned = config_map(place, colour="blue")
    planned["metadata"]["uid"] = created.body["metadata"]["uid"]

    answer = product.apply(planned)

    assert answer.status == 200
    assert answer.body["data"] == {"colour": "blue"}


@pytest.mark.parametrize("make", WRITTEN.values(), ids=WRITTEN)
def test_another_uid_is_refused(product: Actor, place: str, make: Maker) -> None:
    product.apply(role(place))
    product.apply(make(place))
    planned = make(place)
    planned["metadata"]["uid"] = ANOTHER_UID
    planned["metadata"]["labels"] = {"changed": "yes"}

    answer = product.apply(planned)

    assert answer.status == 422
    assert set(answer.causes) == {("metadata.uid", "FieldValueInvalid")}
    assert f'metadata.uid: Invalid value: "{ANOTHER_UID}": field is immutable' in answer.message


def test_a_uid_of_an_object_that_is_gone_is_refused(product: Actor, place: str) -> None:
    planned = config_map(place)
    planned["metadata"]["uid"] = ANOTHER_UID

    answer = product.apply(planned)

    assert answer.status == 409
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "settings": uid mismatch: the provided object '
        f"specified uid {ANOTHER_UID}, and no existing object was found"
    )


@pytest.mark.parametrize("make", WRITTEN.values(), ids=WRITTEN)
def test_a_stale_resource_version_is_refused(product: Actor, place: str, make: Maker) -> None:
    planned = make(place)
    product.apply(role(place))
    product.apply(make(place))
    planned["metadata"]["resourceVersion"] = "1"
    planned["metadata"]["labels"] = {"changed": "yes"}

    answer = product.apply(planned)

    assert answer.status == 409
    assert answer.message.endswith(
        "the object has been modified; please apply your changes to the latest version "
        "and try again"
    )


def test_the_name_must_be_that_of_the_path(product: Actor, place: str) -> None:
    path = path_of("ConfigMap", place, "other")

    answer = product.request("PATCH", path, config_map(place), media=APPLY, fieldManager="waybill")

    assert answer.status == 400
    assert answer.message == (
        "the name of the object (settings) does not match the name on the URL (other)"
    )


def test_the_namespace_must_be_that_of_the_path(product: Actor, place: str) -> None:
    path = path_of("ConfigMap", place, "settings")

    answer = product.request(
        "PATCH", path, config_map("default"), media=APPLY, fieldManager="waybill"
    )

    assert answer.status == 400
    assert answer.body["reason"] == "BadRequest"
    assert answer.message == (
        "the namespace of the provided object does not match the namespace sent on the request"
    )


def test_an_apply_may_be_yaml(product: Actor, place: str) -> None:
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: red}\n"
    path = path_of("ConfigMap", place, "settings")

    answer = product.request("PATCH", path, text, media=APPLY, fieldManager="waybill")

    assert answer.status == 201
    assert answer.body["data"] == {"colour": "red"}


def test_managed_fields_may_not_be_applied(product: Actor, place: str) -> None:
    live = product.apply(config_map(place)).body

    answer = product.apply(live)

    assert answer.status == 400
    assert answer.message == "metadata.managedFields must be nil"


def test_null_is_no_value(product: Actor, place: str) -> None:
    planned = config_map(place)
    planned["metadata"]["labels"] = None

    answer = product.apply(planned)

    assert answer.status == 201
    assert "labels" not in answer.body["metadata"]


def test_generation_counts_changes_of_the_spec(product: Actor, place: str) -> None:
    labelled = deployment(place, replicas=2)
    labelled["metadata"]["labels"] = {"team": "chat"}

    generations = [
        product.apply(obj).body["metadata"]["generation"]
        for obj in (
            deployment(place),
            deployment(place),
            deployment(place, replicas=2),
            labelled,
        )
    ]

    assert generations == [1, 1, 2, 2]


def test_generation_of_a_custom_object_counts_changes_of_the_spec(
    product: Actor, place: str
) -> None:
    labelled = pool(place, appProtocol="kubernetes.io/h2c")
    labelled["metadata"]["labels"] = {"team": "chat"}

    generations = [
        product.apply(obj).body["metadata"]["generation"]
        for obj in (
            pool(place),
            pool(place),
            pool(place, appProtocol="kubernetes.io/h2c"),
            labelled,
        )
    ]

    assert generations == [1, 1, 2, 2]
