"""What the product may do, as the server tells when asked."""

from tests.contract.actors import Actor, Object

GROUP = "authorization.k8s.io/v1"


def review(actor: Actor, **attributes: str) -> Object:
    spec = {"resourceAttributes": attributes}
    body = {"apiVersion": GROUP, "kind": "SelfSubjectAccessReview", "spec": spec}
    answer = actor.request("POST", f"/apis/{GROUP}/selfsubjectaccessreviews", body)
    assert answer.status == 201
    status: Object = answer.body["status"]
    return status


def test_the_product_asks_what_it_may(product: Actor, place: str) -> None:
    may = review(product, namespace=place, verb="patch", group="apps", resource="deployments")
    may_not = review(product, namespace=place, verb="get", group="", resource="secrets")

    assert may["allowed"] is True
    assert 'RBAC: allowed by RoleBinding "waybill/' in may["reason"]
    assert may_not == {"allowed": False}


def test_the_product_asks_about_the_cluster_and_a_subresource(product: Actor, place: str) -> None:
    nodes = review(product, verb="list", group="", resource="nodes")
    status = review(
        product,
        namespace=place,
        verb="patch",
        group="apps",
        resource="deployments",
        subresource="status",
    )

    assert nodes["allowed"] is True
    assert status["allowed"] is False


def test_the_product_asks_about_a_path(product: Actor) -> None:
    def asks(path: str) -> Object:
        spec = {"nonResourceAttributes": {"verb": "get", "path": path}}
        body = {"apiVersion": GROUP, "kind": "SelfSubjectAccessReview", "spec": spec}
        answer = product.request("POST", f"/apis/{GROUP}/selfsubjectaccessreviews", body)
        status: Object = answer.body["status"]
        return status

    assert asks("/version")["allowed"] is True
    assert asks("/metrics") == {"allowed": False}


def test_the_product_lists_what_it_may(product: Actor, place: str) -> None:
    body = {"apiVersion": GROUP, "kind": "SelfSubjectRulesReview", "spec": {"namespace": place}}

    answer = product.request("POST", f"/apis/{GROUP}/selfsubjectrulesreviews", body)

    assert answer.status == 201
    rules = answer.body["status"]["resourceRules"]
    deployments = [rule for rule in rules if "deployments" in rule["resources"]]
    assert [set(rule["verbs"]) for rule in deployments] == [
        {"get", "list", "watch", "create", "patch", "delete"}
    ]
    assert answer.body["status"]["incomplete"] is False


def test_a_review_is_only_posted(product: Actor) -> None:
    answer = product.request("GET", f"/apis/{GROUP}/selfsubjectaccessreviews")

    assert answer.status == 403


def test_a_review_of_nothing_is_refused(product: Actor) -> None:
    body = {"apiVersion": GROUP, "kind": "SelfSubjectAccessReview", "spec": {}}

    answer = product.request("POST", f"/apis/{GROUP}/selfsubjectaccessreviews", body)

    assert answer.status == 422
    assert answer.causes == [("spec.resourceAttributes", "FieldValueInvalid")]
