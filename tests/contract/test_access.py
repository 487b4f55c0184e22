"""Who may come in, and what they may do."""

import pytest

from tests.contract import rights
from tests.contract.actors import Actor, Answer, Credentials, Object
from tests.contract.conftest import Server, until
from tests.contract.kinds import RBAC, path_of
from tests.contract.samples import config_map, named, role, role_binding

GROUP = "authorization.k8s.io/v1"
ME = "system:serviceaccount:waybill-system:waybill"


def with_token(server: Server, token: str) -> Actor:
    return Actor("stranger", server.url, server.ca, Credentials(token=token))


def token_request(
    actor: Actor,
    namespace: str = rights.ACCOUNT_NAMESPACE,
    name: str = rights.ACCOUNT,
    **spec: object,
) -> Answer:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    return actor.request("POST", path_of("ServiceAccount", namespace, name, "token"), body)


def review(actor: Actor, **attributes: str) -> Object:
    spec = {"resourceAttributes": attributes}
    body = {"apiVersion": GROUP, "kind": "SelfSubjectAccessReview", "spec": spec}
    answer = actor.request("POST", f"/apis/{GROUP}/selfsubjectaccessreviews", body)
    assert answer.status == 201
    status: Object = answer.body["status"]
    return status


@pytest.mark.parametrize("token", ["nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."])
def test_a_bad_token_is_nobody(server: Server, token: str) -> None:
    answer = with_token(server, token).list("ConfigMap", "default")

    assert answer.status == 401
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "Unauthorized",
        "reason": "Unauthorized",
        "code": 401,
    }


def test_no_credentials_are_the_anonymous_user(server: Server, administrator: Actor) -> None:
    answer = with_token(server, "").list("ConfigMap", "default")

    assert answer.status == 403
    assert answer.message == (
        'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" '
        'in API group "" in the namespace "default"'
    )


def test_a_certificate_of_another_authority_is_nobody(server: Server) -> None:
    stranger = Actor("stranger", server.url, server.ca, server.foreign_certificate("administrator"))

    answer = stranger.list("ConfigMap", "default")

    assert answer.status == 401


def test_a_certificate_whose_time_is_over_is_nobody(server: Server) -> None:
    late = Actor("late", server.url, server.ca, server.expired_certificate("administrator"))

    answer = late.list("ConfigMap", "default")

    assert answer.status == 401


def test_a_right_that_is_missing_is_told(product: Actor) -> None:
    answer = product.apply(config_map("default"))

    assert answer.status == 403
    assert answer.body["reason"] == "Forbidden"
    assert answer.body["details"] == {"name": "settings", "kind": "configmaps"}
    assert answer.message == (
        f'configmaps "settings" is forbidden: User "{ME}" cannot patch resource "configmaps" '
        'in API group "" in the namespace "default"'
    )


def test_a_right_to_a_kind_of_a_group_is_told_with_the_group(product: Actor) -> None:
    answer = product.list("Deployment", "default")

    assert answer.status == 403
    assert answer.body["details"] == {"group": "apps", "kind": "deployments"}
    assert answer.message == (
        f'deployments.apps is forbidden: User "{ME}" cannot list resource "deployments" '
        'in API group "apps" in the namespace "default"'
    )


def test_a_right_over_the_cluster_is_told_as_such(product: Actor) -> None:
    answer = product.list("Secret")

    assert answer.status == 403
    assert answer.message == (
        f'secrets is forbidden: User "{ME}" cannot list resource "secrets" '
        'in API group "" at the cluster scope'
    )


def test_the_product_never_reads_secrets(product: Actor, place: str) -> None:
    answer = product.get(named("v1", "Secret", place, "token"))

    assert answer.status == 403


def test_the_product_may_not_make_namespaces(product: Actor) -> None:
    answer = product.apply(named("v1", "Namespace", "", "new"))

    assert answer.status == 403


def test_an_apply_that_creates_needs_the_right_to_create(
    administrator: Actor, server: Server, place: str
) -> None:
    patches = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch", "get", "list"]}
    administrator.apply(role(place, "patcher", patches), manager="administrator")
    subject = {"kind": "User", "apiGroup": RBAC.partition("/")[0], "name": "patcher"}
    administrator.apply(role_binding(place, "patcher", subjects=[subject]), manager="administrator")
    patcher = Actor("patcher", server.url, server.ca, server.certificate("patcher"))
    until(lambda: patcher.list("ConfigMap", place).status == 200)

    answer = patcher.apply(config_map(place))

    assert answer.status == 403
    assert 'cannot create resource "configmaps"' in answer.message


def test_a_right_may_be_for_one_name(administrator: Actor, server: Server, place: str) -> None:
    reads = {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": ["settings"],
        "verbs": ["get"],
    }
    administrator.apply(role(place, "reader", reads), manager="administrator")
    subject = {"kind": "User", "apiGroup": RBAC.partition("/")[0], "name": "reader"}
    administrator.apply(role_binding(place, "reader", subjects=[subject]), manager="administrator")
    reader = Actor("reader", server.url, server.ca, server.certificate("reader"))

    until(lambda: reader.get(config_map(place)).status == 404)

    assert reader.get(config_map(place, "other")).status == 403


def test_a_right_may_be_given_to_a_group(administrator: Actor, server: Server, place: str) -> None:
    administrator.apply(role(place, "viewers"), manager="administrator")
    subject = {"kind": "Group", "apiGroup": RBAC.partition("/")[0], "name": "viewers"}
    administrator.apply(role_binding(place, "viewers", subjects=[subject]), manager="administrator")
    viewer = Actor("viewer", server.url, server.ca, server.certificate("viewer", ("viewers",)))

    until(lambda: viewer.list("Pod", place).status == 200)


def test_a_right_that_is_taken_away_is_gone(
    administrator: Actor, server: Server, place: str
) -> None:
    administrator.apply(role(place, "guests"), manager="administrator")
    subject = {"kind": "User", "apiGroup": RBAC.partition("/")[0], "name": "guest"}
    binding = role_binding(place, "guests", subjects=[subject])
    administrator.apply(binding, manager="administrator")
    guest = Actor("guest", server.url, server.ca, server.certificate("guest"))
    until(lambda: guest.list("Pod", place).status == 200)

    administrator.delete(binding)

    until(lambda: guest.list("Pod", place).status == 403)


def test_a_role_may_not_grant_what_its_writer_lacks(product: Actor, place: str) -> None:
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}

    answer = product.apply(role(place, "more", rule))

    assert answer.status == 403
    assert answer.body["reason"] == "Forbidden"
    assert answer.body["details"] == {
        "name": "more",
        "group": "rbac.authorization.k8s.io",
        "kind": "roles",
    }
    assert answer.message == (
        f'roles.rbac.authorization.k8s.io "more" is forbidden: user "{ME}" '
        '(groups=["system:serviceaccounts" "system:serviceaccounts:waybill-system" '
        '"system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'
    )


def test_a_role_may_grant_what_its_writer_has(product: Actor, place: str) -> None:
    rules = [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
        {
            "apiGroups": ["coordination.k8s.io"],
            "resources": ["leases"],
            "verbs": ["get", "list", "watch", "create", "update", "patch", "delete"],
        },
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
    ]

    answer = product.apply(role(place, "picker", *rules))

    assert answer.status == 201


def test_a_dry_run_of_a_role_is_checked_as_well(product: Actor, place: str) -> None:
    rule = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}

    answer = product.apply(role(place, "more", rule), dryRun="All")

    assert answer.status == 403


def test_a_binding_may_not_grant_what_its_writer_lacks(
    administrator: Actor, product: Actor, place: str
) -> None:
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
    administrator.apply(role(place, "more", rule), manager="administrator")

    answer = product.apply(role_binding(place, "more"))

    assert answer.status == 403
    assert "is attempting to grant RBAC permissions not currently held" in answer.message
    assert answer.body["details"]["kind"] == "rolebindings"


def test_a_binding_to_a_role_that_is_missing_is_not_found(product: Actor, place: str) -> None:
    answer = product.apply(role_binding(place, "absent"))

    assert answer.status == 404
    assert answer.message == 'rolebindings.rbac.authorization.k8s.io "absent" not found'


def test_a_binding_keeps_its_role(product: Actor, place: str) -> None:
    product.apply(role(place))
    product.apply(role(place, "other"))
    product.apply(role_binding(place))
    changed = role_binding(place)
    changed["roleRef"]["name"] = "other"

    answer = product.apply(changed)

    assert answer.status == 422
    assert set(answer.causes) == {("roleRef", "FieldValueInvalid")}


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


def test_a_token_is_requested_for_an_account(administrator: Actor, server: Server) -> None:
    answer = token_request(administrator, expirationSeconds=600)

    assert answer.status == 201
    assert answer.body["kind"] == "TokenRequest"
    assert answer.body["spec"]["expirationSeconds"] == 600
    assert answer.body["status"]["expirationTimestamp"]
    holder = with_token(server, answer.body["status"]["token"])
    assert holder.list("Node").status == 200


def test_the_product_may_not_request_tokens(product: Actor) -> None:
    answer = token_request(product, expirationSeconds=600)

    assert answer.status == 403
    assert 'cannot create resource "serviceaccounts/token"' in answer.message


def test_a_token_that_lives_too_short_is_refused(administrator: Actor) -> None:
    answer = token_request(administrator, expirationSeconds=10)

    assert answer.status == 422
    assert answer.causes == [("spec.expirationSeconds", "FieldValueInvalid")]


def test_a_token_of_an_account_that_is_missing_is_not_found(administrator: Actor) -> None:
    answer = token_request(administrator, name="absent", expirationSeconds=600)

    assert answer.status == 404
    assert answer.message == 'serviceaccounts "absent" not found'


def test_a_token_ends_with_its_account(administrator: Actor, server: Server, place: str) -> None:
    account = named("v1", "ServiceAccount", place, "short")
    administrator.create(account)
    token = token_request(administrator, place, "short", expirationSeconds=600)
    holder = with_token(server, token.body["status"]["token"])
    until(lambda: holder.list("ConfigMap", place).status == 403)

    administrator.delete(account)

    until(lambda: holder.list("ConfigMap", place).status == 401)


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


def test_everybody_asks_who_they_are(product: Actor) -> None:
    group = "authentication.k8s.io/v1"
    body = {"apiVersion": group, "kind": "SelfSubjectReview"}

    answer = product.request("POST", f"/apis/{group}/selfsubjectreviews", body)

    assert answer.status == 201
    user = answer.body["status"]["userInfo"]
    assert user["username"] == ME
    assert user["groups"] == [
        "system:serviceaccounts",
        "system:serviceaccounts:waybill-system",
        "system:authenticated",
    ]


def test_a_review_is_only_posted(product: Actor) -> None:
    answer = product.request("GET", f"/apis/{GROUP}/selfsubjectaccessreviews")

    assert answer.status == 403


def test_one_object_by_its_name_may_be_watched_where_its_name_is_granted(
    administrator: Actor, server: Server, place: str
) -> None:
    rule = {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": ["settings"],
        "verbs": ["list", "watch"],
    }
    administrator.apply(role(place, "watcher", rule), manager="administrator")
    subject = {"kind": "User", "apiGroup": RBAC.partition("/")[0], "name": "watcher"}
    administrator.apply(role_binding(place, "watcher", subjects=[subject]), manager="administrator")
    watcher = Actor("watcher", server.url, server.ca, server.certificate("watcher"))
    named = {"fieldSelector": "metadata.name=settings"}

    until(lambda: watcher.list("ConfigMap", place, **named).status == 200)

    assert watcher.list("ConfigMap", place).status == 403


def test_a_review_of_nothing_is_refused(product: Actor) -> None:
    body = {"apiVersion": GROUP, "kind": "SelfSubjectAccessReview", "spec": {}}

    answer = product.request("POST", f"/apis/{GROUP}/selfsubjectaccessreviews", body)

    assert answer.status == 422
    assert answer.causes == [("spec.resourceAttributes", "FieldValueInvalid")]
