"""The life of one object of every kind, with each option that the product uses on its way."""

import pytest

from tests.contract.actors import APPLY, MERGE, Actor
from tests.contract.kinds import KINDS
from tests.contract.samples import (
    READ,
    WRITTEN,
    Maker,
    gateway_class,
    named,
    node,
    role,
    route,
)

# Their deletion is told twice: first a mark, then the end.
HELD = {"Pod", "PersistentVolumeClaim"}
LABELS = {"waybill/placement": "chat", "app.kubernetes.io/managed-by": "waybill"}


@pytest.mark.parametrize("make", WRITTEN.values(), ids=WRITTEN)
def test_the_product_previews_writes_reads_and_deletes(
    product: Actor, place: str, make: Maker
) -> None:
    if make(place)["kind"] == "RoleBinding":
        product.apply(role(place))
    planned = make(place)
    planned["metadata"]["labels"] = dict(LABELS)
    changed = make(place)
    changed["metadata"]["labels"] = {**LABELS, "app.kubernetes.io/version": "2"}
    kind = planned["kind"]

    previewed = product.apply(planned, dryRun="All")
    forced = product.apply(planned, dryRun="All", force="true")
    created = product.apply(planned)
    uid = created.body["metadata"]["uid"]
    changed["metadata"]["uid"] = uid
    changed_preview = product.apply(changed, dryRun="All")
    updated = product.apply(changed)
    repeated = product.apply(changed)
    taken = product.apply(changed, force="true")
    found = product.get(planned)
    listed = product.list(kind, place, labelSelector="waybill/placement=chat", limit=500)
    elsewhere = product.list(kind, place, labelSelector="waybill/placement=search")
    gone = product.delete(
        planned,
        {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}},
        propagationPolicy="Background",
    )

    assert [previewed.status, forced.status, created.status] == [201, 201, 201]
    assert [changed_preview.status, updated.status, repeated.status, taken.status] == [200] * 4
    assert created.version != updated.version == repeated.version == taken.version
    assert found.body == updated.body
    assert [item["metadata"]["uid"] for item in listed.body["items"]] == [uid]
    assert listed.body["kind"] == f"{kind}List"
    assert elsewhere.body["items"] == []
    assert gone.status == 200


@pytest.mark.parametrize("make", (WRITTEN | READ).values(), ids=WRITTEN | READ)
def test_the_product_lists_and_watches(
    administrator: Actor, product: Actor, place: str, make: Maker
) -> None:
    if make(place)["kind"] == "RoleBinding":
        administrator.apply(role(place), manager="administrator")
    obj = make(place)
    kind, name = obj["kind"], obj["metadata"]["name"]
    page = product.list(kind, place, limit=500, resourceVersion="0")
    created = administrator.create(obj)
    found = product.get(obj)
    listed = product.list(kind, place, limit=500)
    options = {
        "resourceVersion": page.body["metadata"]["resourceVersion"],
        "allowWatchBookmarks": "true",
        "timeoutSeconds": 5,
    }
    with product.watch(kind, place, **options) as watch:
        administrator.delete(obj, gracePeriodSeconds=0)
        administrator.patch(obj, {"metadata": {"finalizers": None}}, MERGE)
        events = [event for event in watch.take(3 if kind in HELD else 2) if event[0] != "MODIFIED"]

    assert created.status == 201
    assert found.body["metadata"]["uid"] == created.body["metadata"]["uid"]
    assert name in [item["metadata"]["name"] for item in listed.body["items"]]
    assert events == [("ADDED", name), ("DELETED", name)]


def test_an_administrator_gives_a_namespace_its_secrets_and_the_product_may_not_read_them(
    administrator: Actor, product: Actor, place: str
) -> None:
    secret = named("v1", "Secret", place, "hf", data={"HF_TOKEN": "aGY="})

    applied = administrator.apply(secret, manager="administrator", force="true")
    read = product.get(secret)

    assert applied.status == 201
    assert applied.body["type"] == "Opaque"
    assert read.status == 403


@pytest.mark.parametrize("make", [node, gateway_class], ids=["Node", "GatewayClass"])
def test_the_product_lists_and_watches_objects_of_the_cluster(
    administrator: Actor, product: Actor, place: str, make: Maker
) -> None:
    obj = make("")
    obj["metadata"]["name"] = f"{place}-{obj['metadata']['name']}"
    kind, name = obj["kind"], obj["metadata"]["name"]
    version = product.list(kind, limit=500, resourceVersion="0").body["metadata"]["resourceVersion"]
    options = {"allowWatchBookmarks": "true", "timeoutSeconds": 5}
    with product.watch(kind, resourceVersion=version, **options) as watch:
        created = administrator.create(obj)
        found = product.get(obj)
        administrator.delete(obj)
        events = watch.take(2)

    assert created.status == 201
    assert found.body["metadata"]["uid"] == created.body["metadata"]["uid"]
    assert [event for event in events if event[1] == name] == [("ADDED", name), ("DELETED", name)]


def test_nodes_tell_the_product_what_they_offer_and_to_whom(
    administrator: Actor, product: Actor, place: str
) -> None:
    obj = node("", f"{place}-node")
    obj["metadata"]["labels"] = {"nvidia.com/gpu.product": "NVIDIA-H100-NVL"}
    taint = {"key": "team", "value": "research", "effect": "NoSchedule"}
    obj["spec"] = {"taints": [taint], "unschedulable": True}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
    offered = {"nvidia.com/gpu": "8", "example.com/slice": "1000"}
    obj["status"] = {
        "capacity": offered,
        "allocatable": {**offered, "nvidia.com/gpu": "7"},
        "conditions": [ready],
    }
    options = {"allowWatchBookmarks": "true", "timeoutSeconds": 5}
    version = product.list("Node").version
    with product.watch("Node", resourceVersion=version, **options) as watch:
        administrator.create(obj)
        event = watch.next()
    listed = product.list("Node").body["items"]
    administrator.delete(obj)

    assert event is not None
    (found,) = [one for one in listed if one["metadata"]["name"] == obj["metadata"]["name"]]
    for seen in (found, event["object"]):
        assert seen["metadata"]["labels"]["nvidia.com/gpu.product"] == "NVIDIA-H100-NVL"
        assert seen["spec"]["unschedulable"] is True
        assert taint in seen["spec"]["taints"]
        assert seen["status"]["capacity"] == {"nvidia.com/gpu": "8", "example.com/slice": "1k"}
        assert seen["status"]["allocatable"]["nvidia.com/gpu"] == "7"
        assert seen["status"]["conditions"][0]["status"] == "True"


def test_the_product_reads_which_cluster_it_is(product: Actor) -> None:
    path = KINDS["Namespace"].path("", "kube-system")

    answer = product.request("GET", path)

    assert answer.status == 200
    assert len(answer.body["metadata"]["uid"]) == 36
    assert answer.body["status"] == {"phase": "Active"}


def test_the_product_reads_definitions_of_kinds(product: Actor) -> None:
    path = KINDS["CustomResourceDefinition"].path("", "inferencepools.inference.networking.k8s.io")

    answer = product.request("GET", path)
    listed = product.list("CustomResourceDefinition", limit=500)

    assert answer.status == 200
    assert answer.body["spec"]["names"]["kind"] == "InferencePool"
    assert "inferencepools.inference.networking.k8s.io" in [
        item["metadata"]["name"] for item in listed.body["items"]
    ]
    conditions = {c["type"]: c["status"] for c in answer.body["status"]["conditions"]}
    assert conditions["Established"] == "True"


def test_an_object_may_be_read_in_another_version(product: Actor, place: str) -> None:
    written = product.apply(route(place)).body
    path = KINDS["HTTPRoute"].path(place).replace("/v1/", "/v1beta1/")

    answer = product.request("GET", f"{path}/chat")
    listed = product.request("GET", path)

    assert answer.body["apiVersion"] == "gateway.networking.k8s.io/v1beta1"
    assert answer.body["metadata"] == written["metadata"]
    assert answer.body["spec"] == written["spec"]
    assert [item["apiVersion"] for item in listed.body["items"]] == [answer.body["apiVersion"]]


def test_an_object_may_be_applied_in_another_version(product: Actor, place: str) -> None:
    written = product.apply(route(place)).body
    other = {**route(place), "apiVersion": "gateway.networking.k8s.io/v1beta1"}
    path = KINDS["HTTPRoute"].path(place, "chat").replace("/v1/", "/v1beta1/")
    options = {"fieldManager": "waybill", "fieldValidation": "Strict"}

    answer = product.request("PATCH", path, other, media=APPLY, **options)

    assert answer.status == 200
    assert answer.body["apiVersion"] == other["apiVersion"]
    assert answer.body["metadata"]["uid"] == written["metadata"]["uid"]
    assert answer.body["spec"] == written["spec"]
    # Who owns what is kept in the version of the last apply, so that it is a change.
    assert int(answer.version) > int(written["metadata"]["resourceVersion"])
    (entry,) = answer.body["metadata"]["managedFields"]
    assert entry["apiVersion"] == other["apiVersion"]
