"""Selecting, and the shapes that a list may have."""

import pytest

from tests.contract.actors import PARTIAL, TABLE, Actor
from tests.contract.kinds import path_of
from tests.contract.samples import pod


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("tier=a", "024"),
        ("tier==b", "13"),
        ("tier!=a", "13"),
        ("tier in (a,b),number notin (0,1)", "234"),
        ("old", "4"),
        ("!old", "0123"),
        ("tier=a,!old", "02"),
        ("tier=c", ""),
    ],
)
def test_labels_select(product: Actor, five: str, selector: str, found: str) -> None:
    names = product.names("ConfigMap", five, labelSelector=selector)

    assert names == [f"m{number}" for number in found]


@pytest.mark.parametrize(
    "selector", ["a b c", "a=b=c", "in (a)", "a in b", "=x", "-a=b", "a gt 2", "a=b,"]
)
def test_a_label_selector_that_is_none_is_refused(
    product: Actor, place: str, selector: str
) -> None:
    answer = product.list("ConfigMap", place, labelSelector=selector)

    assert answer.status == 400
    assert answer.body["reason"] == "BadRequest"


def test_fields_select_by_name(product: Actor, five: str) -> None:
    assert product.names("ConfigMap", five, fieldSelector="metadata.name=m3") == ["m3"]
    assert product.names("ConfigMap", five, fieldSelector="metadata.name!=m3") == [
        "m0",
        "m1",
        "m2",
        "m4",
    ]


def test_fields_select_pods_by_node_and_phase(
    administrator: Actor, product: Actor, place: str
) -> None:
    placed = pod(place, "placed")
    placed["spec"]["nodeName"] = "node-1"
    administrator.create(placed)
    administrator.create(pod(place, "waiting"))

    assert product.names("Pod", place, fieldSelector="spec.nodeName=node-1") == ["placed"]
    assert product.names("Pod", place, fieldSelector="status.phase=Pending") == [
        "placed",
        "waiting",
    ]


def test_a_field_that_is_not_indexed_is_refused(product: Actor, place: str) -> None:
    answer = product.list("ConfigMap", place, fieldSelector="data.colour=green")

    assert answer.status == 400
    assert answer.message == (
        '"data.colour" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )


def test_items_of_a_list_do_not_repeat_their_kind(product: Actor, five: str) -> None:
    answer = product.list("ConfigMap", five)

    assert answer.body["kind"] == "ConfigMapList"
    assert answer.body["apiVersion"] == "v1"
    assert all("kind" not in item for item in answer.body["items"])


def test_a_list_may_hold_metadata_alone(product: Actor, five: str) -> None:
    answer = product.request("GET", path_of("ConfigMap", five), accept=PARTIAL)

    assert answer.status == 200
    assert answer.body["kind"] == "PartialObjectMetadataList"
    assert answer.body["apiVersion"] == "meta.k8s.io/v1"
    assert all("data" not in item for item in answer.body["items"])
    assert answer.body["items"][0]["metadata"]["name"] == "m0"


def test_a_list_reaches_over_all_namespaces(administrator: Actor, five: str) -> None:
    answer = administrator.list("ConfigMap", labelSelector="tier=a", limit=500)

    mine = [i for i in answer.body["items"] if i["metadata"]["namespace"] == five]
    assert [item["metadata"]["name"] for item in mine] == ["m0", "m2", "m4"]


def test_one_object_may_be_its_metadata_alone(product: Actor, five: str) -> None:
    accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"

    answer = product.request("GET", path_of("ConfigMap", five, "m0"), accept=accept)

    assert answer.status == 200
    assert answer.body["kind"] == "PartialObjectMetadata"
    assert answer.body.keys() == {"kind", "apiVersion", "metadata"}


def test_a_list_may_be_a_table(product: Actor, five: str) -> None:
    answer = product.request("GET", path_of("ConfigMap", five), accept=TABLE, limit=2)

    assert answer.status == 200
    assert answer.body["kind"] == "Table"
    columns = [column["name"] for column in answer.body["columnDefinitions"]]
    assert columns == ["Name", "Data", "Age"]
    first, second = answer.body["rows"]
    assert (first["cells"][:2], second["cells"][:2]) == (["m0", 1], ["m1", 1])
    assert first["object"]["kind"] == "PartialObjectMetadata"
    assert answer.body["metadata"]["continue"]
