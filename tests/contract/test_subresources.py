"""Status and scale: parts of an object with doors of their own."""

from tests.contract.actors import APPLY, MERGE, Actor, Answer
from tests.contract.kinds import path_of
from tests.contract.samples import (
    config_map,
    container,
    deployment,
    named,
    pod,
    pool,
    route,
    service_account,
)

READY = {"type": "Available", "status": "True", "reason": "Ready", "message": "m"}


def test_a_status_in_an_apply_is_ignored(product: Actor, place: str) -> None:
    answer = product.apply({**deployment(place), "status": {"replicas": 7}})

    assert answer.status == 201
    assert answer.body["status"] == {}
    assert "f:status" not in answer.body["metadata"]["managedFields"][0]["fieldsV1"]


def test_a_status_in_an_apply_of_a_custom_object_is_ignored(product: Actor, place: str) -> None:
    parent = {"parentRef": {"name": "front"}}

    answer = product.apply({**pool(place), "status": {"parents": [parent]}})

    assert answer.status == 201
    assert "status" not in answer.body


def test_a_status_is_written_through_its_own_door(administrator: Actor, place: str) -> None:
    live = administrator.create(deployment(place)).body
    changed = {**live, "spec": {**live["spec"], "replicas": 9}, "status": {"replicas": 3}}

    answer = administrator.update(changed, subresource="status")

    assert answer.status == 200
    assert answer.body["status"] == {"replicas": 3}
    assert answer.body["spec"]["replicas"] == 1
    assert answer.body["metadata"]["generation"] == 1


def test_a_status_is_patched(administrator: Actor, place: str) -> None:
    administrator.create(deployment(place))
    status = {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1, "availableReplicas": 1}

    answer = administrator.patch(deployment(place), {"status": status}, MERGE, subresource="status")

    assert answer.status == 200
    assert answer.body["status"] == status


def test_a_status_of_a_custom_object_is_patched(administrator: Actor, place: str) -> None:
    administrator.create(route(place))
    condition = {
        "type": "Accepted",
        "status": "True",
        "reason": "Accepted",
        "message": "",
        "observedGeneration": 1,
        "lastTransitionTime": "2026-06-01T12:00:00Z",
    }
    parent = {
        "parentRef": {"name": "front"},
        "controllerName": "example.com/gateway",
        "conditions": [condition],
    }

    answer = administrator.patch(
        route(place), {"status": {"parents": [parent]}}, MERGE, subresource="status"
    )

    assert answer.status == 200
    (written,) = answer.body["status"]["parents"]
    assert written["conditions"] == [condition]
    assert written["parentRef"] == {
        "group": "gateway.networking.k8s.io",
        "kind": "Gateway",
        "name": "front",
    }
    assert answer.body["metadata"]["generation"] == 1


def test_a_status_is_applied(administrator: Actor, place: str) -> None:
    administrator.create(pod(place))
    status = {"phase": "Running", "podIP": "10.1.2.3", "podIPs": [{"ip": "10.1.2.3"}]}

    answer = administrator.apply(
        named("v1", "Pod", place, "engine-0", status=status),
        manager="kubelet",
        subresource="status",
    )

    assert answer.status == 200
    assert answer.body["status"]["podIP"] == "10.1.2.3"


def test_conditions_merge_by_type(administrator: Actor, place: str) -> None:
    administrator.create(deployment(place))
    for kind in ("Available", "Progressing"):
        administrator.apply(
            named(
                "apps/v1",
                "Deployment",
                place,
                "engine",
                status={"conditions": [{**READY, "type": kind}]},
            ),
            manager=f"for-{kind.lower()}",
            subresource="status",
        )

    answer = administrator.get(deployment(place))

    assert [c["type"] for c in answer.body["status"]["conditions"]] == ["Available", "Progressing"]


def test_a_spec_stays_when_the_status_is_there(administrator: Actor, place: str) -> None:
    administrator.create(deployment(place))
    administrator.patch(deployment(place), {"status": {"replicas": 3}}, MERGE, subresource="status")

    answer = administrator.apply(deployment(place, replicas=2), force="true")

    assert answer.body["status"] == {"replicas": 3}
    assert answer.body["metadata"]["generation"] == 2


def test_the_product_may_not_write_a_status(product: Actor, place: str) -> None:
    product.apply(deployment(place))

    answer = product.patch(deployment(place), {"status": {}}, MERGE, subresource="status")

    assert answer.status == 403
    assert "deployments/status" in answer.message


def test_a_kind_without_a_status_has_no_such_door(administrator: Actor, place: str) -> None:
    administrator.create(config_map(place))

    answer = administrator.get(config_map(place), subresource="status")

    assert answer.status == 404


def test_a_scale_is_read(person: Actor, place: str) -> None:
    person.create(deployment(place, replicas=2))

    answer = person.get(deployment(place), subresource="scale")

    assert answer.status == 200
    assert answer.body["kind"] == "Scale"
    assert answer.body["apiVersion"] == "autoscaling/v1"
    assert answer.body["spec"] == {"replicas": 2}
    assert answer.body["status"] == {"replicas": 0, "selector": "app=engine"}
    assert answer.body["metadata"]["name"] == "engine"


def test_a_scale_is_replaced(person: Actor, place: str) -> None:
    person.create(deployment(place))
    scale = person.get(deployment(place), subresource="scale").body
    scale["spec"]["replicas"] = 4

    answer = person.request("PUT", path_of("Deployment", place, "engine", "scale"), scale)

    assert answer.status == 200
    assert answer.body["spec"] == {"replicas": 4}
    live = person.get(deployment(place)).body
    assert live["spec"]["replicas"] == 4
    assert live["metadata"]["generation"] == 2


def test_a_scale_is_patched(person: Actor, place: str) -> None:
    person.create(deployment(place))

    answer = person.patch(deployment(place), {"spec": {"replicas": 3}}, MERGE, subresource="scale")

    assert answer.status == 200
    assert answer.body["spec"] == {"replicas": 3}


def test_a_scale_below_zero_is_refused(person: Actor, place: str) -> None:
    person.create(deployment(place))

    answer = person.patch(deployment(place), {"spec": {"replicas": -1}}, MERGE, subresource="scale")

    assert answer.status == 422
    assert answer.causes == [("spec.replicas", "FieldValueInvalid")]


def test_a_scale_leaves_the_replicas_of_an_apply_that_names_none(
    product: Actor, person: Actor, place: str
) -> None:
    product.apply(deployment(place))
    person.patch(deployment(place), {"spec": {"replicas": 3}}, MERGE, subresource="scale")

    answer = product.apply(deployment(place, progressDeadlineSeconds=60))

    assert answer.body["spec"]["replicas"] == 3


def test_an_apply_to_a_status_of_what_is_missing_is_refused(
    administrator: Actor, place: str
) -> None:
    answer = administrator.request(
        "PATCH",
        path_of("Deployment", place, "engine", "status"),
        deployment(place),
        media=APPLY,
        fieldManager="controller",
    )

    assert answer.status == 404


def test_a_scale_of_another_name_is_refused(person: Actor, place: str) -> None:
    person.create(deployment(place))
    scale = person.get(deployment(place), subresource="scale").body
    scale["metadata"]["name"] = "other"

    answer = person.request("PUT", path_of("Deployment", place, "engine", "scale"), scale)

    assert answer.status == 400
    assert "does not match the name on the URL (engine)" in answer.message


def test_a_log_is_nothing_before_the_pod_has_a_node(person: Actor, place: str) -> None:
    person.create(service_account(place, "default"))
    person.create(pod(place))
    person.create(pod(place, "bound", nodeName="nowhere", containers=[container()]))

    told = [log(person, place, name) for name in ("engine-0", "nobody", "bound")]

    assert [(one.status, one.content and one.message) for one in told] == [
        (204, b""),
        (404, 'pods "nobody" not found'),
        (404, 'pods "nowhere" not found'),
    ]


def test_the_product_may_not_read_logs(product: Actor, place: str) -> None:
    answer = log(product, place, "engine-0")

    assert answer.status == 403
    assert 'cannot get resource "pods/log"' in answer.message


def log(actor: Actor, place: str, name: str) -> Answer:
    return actor.request("GET", f"/api/v1/namespaces/{place}/pods/{name}/log")
