"""How a client finds out what there is: versions, groups, resources, schemas, health."""

import pytest

from tests.contract.actors import Actor, Object
from tests.contract.kinds import KINDS, Kind

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
REVIEWS = {"SelfSubjectAccessReview"}
SHORT = {
    "Namespace": ["ns"],
    "Node": ["no"],
    "Pod": ["po"],
    "ServiceAccount": ["sa"],
    "ConfigMap": ["cm"],
    "Service": ["svc"],
    "Event": ["ev"],
    "PersistentVolumeClaim": ["pvc"],
    "Deployment": ["deploy"],
    "ReplicaSet": ["rs"],
    "PodDisruptionBudget": ["pdb"],
    "CustomResourceDefinition": ["crd", "crds"],
    "GatewayClass": ["gc"],
    "Gateway": ["gtw"],
    "InferencePool": ["infpool"],
    "PodMonitor": ["pmon"],
    "ServiceMonitor": ["smon"],
}
CATEGORIES = {
    **dict.fromkeys(("Pod", "Service", "Deployment", "ReplicaSet"), "all"),
    "CustomResourceDefinition": "api-extensions",
    **dict.fromkeys(("GatewayClass", "Gateway", "HTTPRoute"), "gateway-api"),
    **dict.fromkeys(("PodMonitor", "ServiceMonitor"), "prometheus-operator"),
}
SUBRESOURCES = {
    "Namespace": {"status", "finalize"},
    "Node": {"status", "proxy"},
    "ServiceAccount": {"token"},
    "Service": {"status", "proxy"},
    "Deployment": {"status", "scale"},
    "ReplicaSet": {"status", "scale"},
}
WHOLE = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


def root(kind: Kind) -> str:
    prefix = "/apis" if "/" in kind.api_version else "/api"
    return f"{prefix}/{kind.api_version}"


def entries(actor: Actor, kind: Kind) -> dict[str, Object]:
    answer = actor.request("GET", root(kind))
    assert answer.status == 200
    assert answer.body["kind"] == "APIResourceList"
    assert answer.body["groupVersion"] == kind.api_version
    return {entry["name"]: entry for entry in answer.body["resources"]}


def test_the_core_versions(product: Actor) -> None:
    answer = product.request("GET", "/api")

    assert answer.status == 200
    assert answer.body["kind"] == "APIVersions"
    assert answer.body["versions"] == ["v1"]


def test_the_groups(product: Actor) -> None:
    answer = product.request("GET", "/apis")

    assert answer.status == 200
    assert answer.body["kind"] == "APIGroupList"
    assert answer.body["apiVersion"] == "v1"
    groups = {group["name"]: group for group in answer.body["groups"]}
    needed = {k.api_version.partition("/")[0] for k in KINDS.values() if "/" in k.api_version}
    assert needed <= groups.keys()
    assert groups["apps"] == {
        "name": "apps",
        "versions": [{"groupVersion": "apps/v1", "version": "v1"}],
        "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"},
    }


def test_a_group_of_two_versions_prefers_the_stable_one(product: Actor) -> None:
    answer = product.request("GET", "/apis/gateway.networking.k8s.io")

    assert answer.status == 200
    assert answer.body["kind"] == "APIGroup"
    assert [v["version"] for v in answer.body["versions"]] == ["v1", "v1beta1"]
    assert answer.body["preferredVersion"]["version"] == "v1"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_is_described(product: Actor, kind: Kind) -> None:
    entry = entries(product, kind)[kind.plural]

    assert entry["kind"] == kind.kind
    assert entry["singularName"] == kind.kind.lower()
    assert entry["namespaced"] is kind.namespaced
    if kind.kind in REVIEWS:
        assert entry["verbs"] == ["create"]
    else:
        dropped = {"deletecollection"} if kind.kind == "Namespace" else set()
        assert sorted(entry["verbs"]) == [verb for verb in WHOLE if verb not in dropped]
    assert entry.get("shortNames", []) == SHORT.get(kind.kind, [])
    assert "".join(entry.get("categories", [])) == CATEGORIES.get(kind.kind, "")


@pytest.mark.parametrize("name", SUBRESOURCES)
def test_subresources_are_described(product: Actor, name: str) -> None:
    kind = KINDS[name]

    found = entries(product, kind)

    subresources = {n.partition("/")[2] for n in found if n.startswith(f"{kind.plural}/")}
    assert subresources == SUBRESOURCES[name]


def test_a_scale_is_described_as_a_kind_of_another_group(product: Actor) -> None:
    entry = entries(product, KINDS["Deployment"])["deployments/scale"]

    assert entry == {
        "name": "deployments/scale",
        "singularName": "",
        "namespaced": True,
        "group": "autoscaling",
        "version": "v1",
        "kind": "Scale",
        "verbs": ["get", "patch", "update"],
    }


@pytest.mark.parametrize("path", ["/apis", "/api"])
def test_discovery_comes_in_one_document(product: Actor, path: str) -> None:
    answer = product.request("GET", path, accept=AGGREGATED)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == (
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    )
    assert answer.body["kind"] == "APIGroupDiscoveryList"
    groups = {item["metadata"].get("name", ""): item for item in answer.body["items"]}
    name, plural = ("apps", "deployments") if path == "/apis" else ("", "configmaps")
    version = groups[name]["versions"][0]
    resources = {entry["resource"]: entry for entry in version["resources"]}
    assert version["version"] == "v1"
    assert version["freshness"] == "Current"
    assert resources[plural]["scope"] == "Namespaced"
    assert resources[plural]["responseKind"]["kind"] in {"Deployment", "ConfigMap"}
    assert resources[plural]["singularResource"] in {"deployment", "configmap"}
    if path == "/apis":
        assert {s["subresource"] for s in resources[plural]["subresources"]} == {"status", "scale"}


@pytest.mark.parametrize("path", ["/apis/nothing.example/v1", "/apis/apps/v9", "/apis/nothing"])
def test_what_is_not_served_is_not_found(product: Actor, path: str) -> None:
    answer = product.request("GET", path)

    assert answer.status == 404


def test_a_path_that_leads_nowhere_is_not_found(administrator: Actor) -> None:
    answer = administrator.request("GET", "/nothing")

    assert answer.status == 404
    assert answer.content == b"404 page not found\n"


def test_a_path_that_leads_nowhere_is_forbidden_to_others(product: Actor) -> None:
    answer = product.request("GET", "/nothing")

    assert answer.status == 403
    assert answer.body["details"] == {}
    assert answer.message.endswith('cannot get path "/nothing"')


def test_a_kind_that_is_not_served_is_not_found(administrator: Actor, place: str) -> None:
    answer = administrator.request("GET", f"/apis/apps/v1/namespaces/{place}/machines")

    assert answer.status == 404
    assert answer.body["reason"] == "NotFound"
    assert answer.message == "the server could not find the requested resource"


def test_a_method_that_a_path_lacks_is_not_allowed(administrator: Actor, place: str) -> None:
    answer = administrator.request("POST", KINDS["ConfigMap"].path(place, "settings"), {})

    assert answer.status == 405
    assert answer.body["reason"] == "MethodNotAllowed"
    assert answer.body["details"] == {}


def test_heads_alone_are_not_given(administrator: Actor, place: str) -> None:
    answer = administrator.request("HEAD", KINDS["ConfigMap"].path(place))

    assert answer.status == 405


def test_the_version(product: Actor) -> None:
    answer = product.request("GET", "/version")

    assert answer.status == 200
    assert (answer.body["major"], answer.body["minor"]) == ("1", "36")
    assert answer.body["gitVersion"].startswith("v1.36.")


@pytest.mark.parametrize("path", ["/readyz", "/livez", "/healthz"])
def test_health(product: Actor, path: str) -> None:
    answer = product.request("GET", path)

    assert answer.status == 200
    assert answer.content == b"ok"


def test_the_index_of_schemas(product: Actor) -> None:
    answer = product.request("GET", "/openapi/v3")

    assert answer.status == 200
    paths = answer.body["paths"]
    assert {"api/v1", "apis/apps/v1", "apis/inference.networking.k8s.io/v1"} <= paths.keys()
    assert paths["apis/apps/v1"]["serverRelativeURL"].startswith("/openapi/v3/apis/apps/v1?hash=")


@pytest.mark.parametrize("name", ["Deployment", "ConfigMap", "InferencePool", "HTTPRoute"])
def test_a_schema_tells_how_to_patch(product: Actor, name: str) -> None:
    kind = KINDS[name]
    address = product.request("GET", "/openapi/v3").body["paths"][root(kind)[1:]]

    answer = product.request("GET", address["serverRelativeURL"])

    assert answer.status == 200
    patch = answer.body["paths"][kind.path("{namespace}", "{name}")]["patch"]
    group, _, version = kind.api_version.rpartition("/")
    assert patch["x-kubernetes-group-version-kind"] == {
        "group": group,
        "version": version,
        "kind": name,
    }
    assert "application/apply-patch+yaml" in patch["requestBody"]["content"]
    parameters = {parameter["name"] for parameter in patch["parameters"]}
    assert {"dryRun", "fieldManager", "fieldValidation", "force"} <= parameters


def test_a_schema_describes_the_kind(product: Actor) -> None:
    answer = product.request("GET", "/openapi/v3/apis/apps/v1")

    (schema,) = [
        part
        for part in answer.body["components"]["schemas"].values()
        if part.get("x-kubernetes-group-version-kind")
        == [{"group": "apps", "version": "v1", "kind": "Deployment"}]
    ]
    assert {"apiVersion", "kind", "metadata", "spec", "status"} <= schema["properties"].keys()
