"""Deleting: preconditions, finalizers, grace, collections, dry runs."""

import pytest

from tests.contract.actors import MERGE, Actor, Object
from tests.contract.kinds import path_of
from tests.contract.samples import claim, config_map, held, pod, service


def options(**parts: object) -> Object:
    return {"apiVersion": "v1", "kind": "DeleteOptions", **parts}


def test_a_deletion_answers_with_a_status_that_names_the_uid(product: Actor, place: str) -> None:
    uid = product.apply(config_map(place)).body["metadata"]["uid"]

    answer = product.delete(config_map(place))

    assert answer.status == 200
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {"name": "settings", "kind": "configmaps", "uid": uid},
    }
    assert product.get(config_map(place)).status == 404


def test_deleting_what_is_gone_is_not_found(product: Actor, place: str) -> None:
    answer = product.delete(config_map(place))

    assert answer.status == 404
    assert answer.body["reason"] == "NotFound"
    assert answer.body["details"] == {"name": "settings", "kind": "configmaps"}
    assert answer.message == 'configmaps "settings" not found'


def test_a_dry_run_deletes_nothing(product: Actor, place: str) -> None:
    product.apply(config_map(place))

    answer = product.delete(config_map(place), dryRun="All")

    assert answer.status == 200
    assert product.get(config_map(place)).status == 200


def test_another_uid_is_not_deleted(product: Actor, place: str) -> None:
    uid = product.apply(config_map(place)).body["metadata"]["uid"]

    answer = product.delete(config_map(place), options(preconditions={"uid": "another"}))

    assert answer.status == 409
    assert answer.body["reason"] == "Conflict"
    assert answer.message == (
        'Operation cannot be fulfilled on ConfigMap "settings": the UID in the precondition '
        f"(another) does not match the UID in record ({uid}). "
        "The object might have been deleted and then recreated"
    )
    assert product.get(config_map(place)).status == 200


def test_another_version_is_not_deleted(product: Actor, place: str) -> None:
    version = product.apply(config_map(place)).version

    answer = product.delete(config_map(place), options(preconditions={"resourceVersion": "1"}))

    assert answer.status == 409
    assert answer.message == (
        'Operation cannot be fulfilled on ConfigMap "settings": the ResourceVersion in the '
        f"precondition (1) does not match the ResourceVersion in record ({version}). "
        "The object might have been modified"
    )


def test_a_finalizer_holds_an_object_back(administrator: Actor, place: str) -> None:
    administrator.create(held(place))

    first = administrator.delete(held(place))
    marked = administrator.get(held(place))
    again = administrator.delete(held(place))
    administrator.patch(held(place), {"metadata": {"finalizers": None}}, MERGE)

    assert first.status == again.status == 200
    assert first.body["kind"] == "ConfigMap"
    assert marked.body["metadata"]["deletionTimestamp"]
    assert marked.body["metadata"]["deletionGracePeriodSeconds"] == 0
    assert administrator.get(held(place)).status == 404


def test_an_object_under_deletion_may_be_applied_but_no_finalizer_added(
    administrator: Actor, place: str
) -> None:
    administrator.create(held(place))
    administrator.delete(held(place))
    more = held(place)
    more["metadata"]["finalizers"].append("example.com/more")

    applied = administrator.apply(config_map(place, "held", colour="green", size="small"))
    refused = administrator.patch(
        held(place), {"metadata": {"finalizers": more["metadata"]["finalizers"]}}, MERGE
    )
    administrator.patch(held(place), {"metadata": {"finalizers": None}}, MERGE)

    assert applied.status == 200
    assert applied.body["data"] == {"colour": "green", "size": "small"}
    assert refused.status == 422
    assert set(refused.causes) == {("metadata.finalizers", "FieldValueForbidden")}


def test_a_pod_on_a_node_gets_its_grace(administrator: Actor, place: str) -> None:
    made = pod(place)
    made["spec"]["nodeName"] = "node-1"
    administrator.create(made)

    first = administrator.delete(made)
    marked = administrator.get(made)
    ended = administrator.delete(made, options(gracePeriodSeconds=0))

    assert first.status == 200
    assert first.body["kind"] == "Pod"
    assert marked.body["metadata"]["deletionGracePeriodSeconds"] == 30
    assert ended.status == 200
    assert administrator.get(made).status == 404


def test_a_pod_on_no_node_goes_at_once(administrator: Actor, place: str) -> None:
    administrator.create(pod(place))

    answer = administrator.delete(pod(place))

    assert answer.status == 200
    assert administrator.get(pod(place)).status == 404


def test_a_claim_is_held_back(administrator: Actor, place: str) -> None:
    created = administrator.create(claim(place))

    administrator.delete(claim(place))

    assert created.body["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    administrator.patch(claim(place), {"metadata": {"finalizers": None}}, MERGE)


def test_a_service_answers_with_itself(administrator: Actor, place: str) -> None:
    administrator.create(service(place))

    answer = administrator.delete(service(place))

    assert answer.status == 200
    assert answer.body["kind"] in {"Service", "Status"}


def test_a_collection_is_deleted_by_labels(administrator: Actor, place: str) -> None:
    for name, tier in (("a", "x"), ("b", "y")):
        obj = config_map(place, name)
        obj["metadata"]["labels"] = {"tier": tier}
        administrator.create(obj)

    answer = administrator.request("DELETE", path_of("ConfigMap", place), labelSelector="tier=x")

    assert answer.status == 200
    assert answer.body["kind"] == "ConfigMapList"
    assert administrator.names("ConfigMap", place) == ["b"]


@pytest.mark.parametrize(
    ("policy", "finalizer"), [("Foreground", "foregroundDeletion"), ("Orphan", "orphan")]
)
def test_a_policy_leaves_work_to_the_collector(
    administrator: Actor, place: str, policy: str, finalizer: str
) -> None:
    administrator.create(held(place))

    answer = administrator.delete(held(place), options(propagationPolicy=policy))
    administrator.patch(held(place), {"metadata": {"finalizers": None}}, MERGE)

    assert answer.status == 200
    assert finalizer in answer.body["metadata"]["finalizers"]


def test_a_policy_that_is_none_is_refused(product: Actor, place: str) -> None:
    product.apply(config_map(place))

    answer = product.delete(config_map(place), propagationPolicy="Sideways")

    assert answer.status == 422
    assert answer.causes == [("propagationPolicy", "FieldValueNotSupported")]


def test_a_dry_run_may_be_asked_for_in_the_body(product: Actor, place: str) -> None:
    product.apply(config_map(place))

    answer = product.delete(config_map(place), options(dryRun=["All"]))

    assert answer.status == 200
    assert product.get(config_map(place)).status == 200


def test_options_in_the_body_outweigh_those_of_the_query(product: Actor, place: str) -> None:
    product.apply(config_map(place))

    answer = product.delete(
        config_map(place), options(propagationPolicy="Background"), dryRun="All"
    )

    assert answer.status == 200
    assert product.get(config_map(place)).status == 404


def test_the_deletion_of_a_collection_may_be_a_dry_run(administrator: Actor, place: str) -> None:
    administrator.create(config_map(place, "a"))

    answer = administrator.request("DELETE", path_of("ConfigMap", place), dryRun="All")

    assert answer.status == 200
    assert "a" in administrator.names("ConfigMap", place)


def test_a_grace_that_is_no_number_is_refused(product: Actor, place: str) -> None:
    product.apply(config_map(place))

    answer = product.delete(config_map(place), gracePeriodSeconds="soon")

    assert answer.status == 400


def test_options_of_another_kind_are_refused(product: Actor, place: str) -> None:
    product.apply(config_map(place))

    answer = product.delete(config_map(place), {"apiVersion": "v1", "kind": "Pod"})

    assert answer.status == 400
    assert product.get(config_map(place)).status == 200
