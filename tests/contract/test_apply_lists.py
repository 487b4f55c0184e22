"""How lists and maps merge: by key, by value, or whole, as the schema says."""

from typing import Any

from tests.contract.actors import Actor, Object
from tests.contract.samples import container, deployment, gateway, pool, role, route, service


def containers(obj: Object) -> list[Object]:
    found: list[Object] = obj["spec"]["template"]["spec"]["containers"]
    return found


def names(items: list[Object]) -> list[str]:
    return [item["name"] for item in items]


def test_containers_of_two_managers_stand_side_by_side(
    product: Actor, person: Actor, place: str
) -> None:
    product.apply(deployment(place, "engine", container("engine")))
    person.apply(deployment(place, "engine", container("proxy")), manager="person")

    answer = product.apply(deployment(place, "engine", container("engine", args=["--port=8000"])))

    assert sorted(names(containers(answer.body))) == ["engine", "proxy"]
    assert answer.status == 200


def test_a_container_that_is_left_out_is_removed(product: Actor, place: str) -> None:
    product.apply(deployment(place, "engine", container("engine"), container("proxy")))

    answer = product.apply(deployment(place, "engine", container("engine")))

    assert names(containers(answer.body)) == ["engine"]


def test_shared_containers_stand_in_the_order_of_the_last_apply(product: Actor, place: str) -> None:
    product.apply(deployment(place, "engine", *map(container, "abc")))

    answer = product.apply(deployment(place, "engine", *map(container, "cxab")))

    assert names(containers(answer.body)) == ["c", "x", "a", "b"]


def test_containers_of_others_keep_their_place(product: Actor, person: Actor, place: str) -> None:
    product.apply(deployment(place, "engine", *map(container, "ac")))
    person.apply(deployment(place, "engine", *map(container, "bd")), manager="person")

    answer = product.apply(deployment(place, "engine", *map(container, "cax")))

    assert names(containers(answer.body)) == ["c", "b", "d", "a", "x"]


def test_environment_merges_by_name(product: Actor, person: Actor, place: str) -> None:
    def engine(**values: str) -> Object:
        env = [{"name": name, "value": value} for name, value in values.items()]
        return deployment(place, "engine", container("engine", env=env))

    product.apply(engine(A="1", B="2"))
    person.apply(engine(C="3"), manager="person")

    answer = product.apply(engine(B="4"))

    env = containers(answer.body)[0]["env"]
    assert {entry["name"]: entry["value"] for entry in env} == {"B": "4", "C": "3"}


def test_container_ports_merge_by_port_and_protocol(product: Actor, place: str) -> None:
    def engine(*ports: Object) -> Object:
        return deployment(place, "engine", container("engine", ports=list(ports)))

    product.apply(engine({"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}))

    answer = product.apply(engine({"containerPort": 80, "name": "http", "protocol": "TCP"}))

    assert containers(answer.body)[0]["ports"] == [
        {"containerPort": 80, "name": "http", "protocol": "TCP"}
    ]


def test_arguments_are_replaced_whole(product: Actor, place: str) -> None:
    product.apply(deployment(place, "engine", container("engine", args=["--a", "--b"])))

    answer = product.apply(deployment(place, "engine", container("engine", args=["--b"])))

    assert containers(answer.body)[0]["args"] == ["--b"]


def test_tolerations_are_replaced_whole(product: Actor, place: str) -> None:
    def engine(*keys: str) -> Object:
        made = deployment(place)
        made["spec"]["template"]["spec"]["tolerations"] = [
            {"key": key, "operator": "Exists"} for key in keys
        ]
        return made

    product.apply(engine("a", "b"))

    answer = product.apply(engine("b"))

    assert answer.body["spec"]["template"]["spec"]["tolerations"] == [
        {"key": "b", "operator": "Exists"}
    ]


def test_volumes_and_mounts_merge_by_name_and_path(product: Actor, place: str) -> None:
    def engine(*volumes: str) -> Object:
        mounts = [{"name": name, "mountPath": f"/{name}"} for name in volumes]
        made = deployment(place, "engine", container("engine", volumeMounts=mounts))
        made["spec"]["template"]["spec"]["volumes"] = [
            {"name": name, "emptyDir": {}} for name in volumes
        ]
        return made

    product.apply(engine("models", "shm"))

    answer = product.apply(engine("shm"))

    assert names(answer.body["spec"]["template"]["spec"]["volumes"]) == ["shm"]
    assert names(containers(answer.body)[0]["volumeMounts"]) == ["shm"]


def test_a_volume_may_change_its_source(product: Actor, place: str) -> None:
    def engine(**source: Any) -> Object:
        made = deployment(place)
        made["spec"]["template"]["spec"]["volumes"] = [{"name": "models", **source}]
        return made

    product.apply(engine(emptyDir={}))

    answer = product.apply(engine(persistentVolumeClaim={"claimName": "weights"}))

    volume = answer.body["spec"]["template"]["spec"]["volumes"][0]
    assert volume == {"name": "models", "persistentVolumeClaim": {"claimName": "weights"}}


def test_service_ports_merge_by_port_and_protocol(product: Actor, place: str) -> None:
    product.apply(service(place))

    answer = product.apply(
        service(place, ports=[{"name": "a", "port": 1}, {"name": "b", "port": 2}])
    )

    assert [(p["name"], p["port"]) for p in answer.body["spec"]["ports"]] == [("a", 1), ("b", 2)]


def test_two_items_with_one_key_are_refused(product: Actor, place: str) -> None:
    answer = product.apply(deployment(place, "engine", container("engine"), container("engine")))

    assert answer.status == 500
    assert answer.message == (
        f"failed to create typed patch object ({place}/engine; apps/v1, Kind=Deployment): "
        '.spec.template.spec.containers: duplicate entries for key [name="engine"]'
    )


def test_an_item_without_its_key_is_refused(product: Actor, place: str) -> None:
    answer = product.apply(deployment(place, "engine", {"image": "registry.example/engine:1.2"}))

    assert answer.status == 422
    assert answer.causes == [("spec.template.spec.containers[0].name", "FieldValueRequired")]


def test_a_listener_without_its_key_is_refused(person: Actor, place: str) -> None:
    answer = person.apply(gateway(place, listeners=[{"port": 80, "protocol": "HTTP"}]))

    assert answer.status == 500
    assert answer.message == (
        f"failed to create typed patch object ({place}/front; gateway.networking.k8s.io/v1, "
        "Kind=Gateway): .spec.listeners: element 0: associative list with keys has an element "
        'that omits all key fields ["name"] (and doesn\'t have default values for any key fields)'
    )


def test_a_selector_is_one_field(product: Actor, place: str) -> None:
    product.apply(service(place, selector={"app": "picker", "tier": "a"}))

    answer = product.apply(service(place, selector={"app": "picker"}))

    assert answer.body["spec"]["selector"] == {"app": "picker"}


def test_node_selectors_are_one_field(product: Actor, place: str) -> None:
    def engine(**labels: str) -> Object:
        made = deployment(place)
        made["spec"]["template"]["spec"]["nodeSelector"] = labels
        return made

    product.apply(engine(zone="a", gpu="h100"))

    answer = product.apply(engine(gpu="h100"))

    assert answer.body["spec"]["template"]["spec"]["nodeSelector"] == {"gpu": "h100"}


def test_rules_of_a_role_are_one_field(product: Actor, place: str) -> None:
    reads = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    product.apply(role(place, "picker", reads, {**reads, "resources": ["events"]}))

    answer = product.apply(role(place, "picker", reads))

    assert answer.body["rules"] == [reads]


def test_listeners_of_a_gateway_merge_by_name(person: Actor, place: str) -> None:
    def listener(name: str, port: int) -> Object:
        return {"name": name, "port": port, "protocol": "HTTP"}

    person.apply(gateway(place, listeners=[listener("a", 80)]), manager="one")
    person.apply(gateway(place, listeners=[listener("b", 81)]), manager="two")

    answer = person.apply(gateway(place, listeners=[listener("c", 82)]), manager="one")

    assert names(answer.body["spec"]["listeners"]) == ["b", "c"]


def test_rules_of_a_route_are_one_field(product: Actor, person: Actor, place: str) -> None:
    product.apply(route(place))

    answer = person.apply(route(place, rules=[{"backendRefs": []}]), manager="person")

    assert answer.status == 409
    assert (".spec.rules", "FieldManagerConflict") in answer.causes


def test_labels_of_a_custom_selector_merge_by_key(product: Actor, place: str) -> None:
    product.apply(pool(place, selector={"matchLabels": {"app": "engine", "role": "decode"}}))

    answer = product.apply(pool(place, selector={"matchLabels": {"app": "engine"}}))

    assert answer.body["spec"]["selector"] == {"matchLabels": {"app": "engine"}}


def test_finalizers_and_owners_are_sets(product: Actor, person: Actor, place: str) -> None:
    def held(finalizer: str) -> Object:
        made = service(place)
        made["metadata"]["finalizers"] = [finalizer]
        return made

    product.apply(held("example.com/one"))

    answer = person.apply(held("example.com/two"), manager="person")

    assert answer.status == 200
    assert answer.body["metadata"]["finalizers"] == ["example.com/one", "example.com/two"]
    released = {"metadata": {"finalizers": None}}
    assert person.patch(service(place), released, "application/merge-patch+json").status == 200
