"""Nobody grants a right that they lack."""

from tests.contract.actors import Actor
from tests.contract.rights import ME
from tests.contract.samples import role, role_binding


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
