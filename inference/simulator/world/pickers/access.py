"""Whether a service account may do something, by the roles that are bound to it."""

from collections.abc import Iterator

from inference.simulator.errors import Object
from inference.simulator.world.view import View


def may(view: View, account: str, verb: str, group: str, resource: str, namespace: str) -> bool:
    """`account` is the name of one in `namespace`, and the question is about that namespace."""
    return any(_allows(rule, verb, group, resource) for rule in _rules(view, account, namespace))


def refusal(account: str, verb: str, group: str, resource: str, namespace: str) -> str:
    """What the API server answers where it may not."""
    what = f"{resource}.{group}" if group else resource
    user = f"system:serviceaccount:{namespace}:{account}"
    return (
        f'{what} is forbidden: User "{user}" cannot {verb} resource "{resource}" '
        f'in API group "{group}" in the namespace "{namespace}"'
    )


def _rules(view: View, account: str, namespace: str) -> Iterator[Object]:
    bindings = [*view.all("RoleBinding", namespace), *view.all("ClusterRoleBinding")]
    for binding in bindings:
        if not any(_is_meant(one, account, namespace) for one in binding.get("subjects") or ()):
            continue
        reference = binding["roleRef"]
        where = namespace if reference["kind"] == "Role" else ""
        role = view.one(reference["kind"], where, reference["name"])
        yield from (role or {}).get("rules") or ()


def _is_meant(subject: Object, account: str, namespace: str) -> bool:
    if subject["kind"] == "ServiceAccount":
        return (subject.get("namespace", ""), subject["name"]) == (namespace, account)
    names = {
        "system:serviceaccounts",
        f"system:serviceaccounts:{namespace}",
        "system:authenticated",
    }
    if subject["kind"] == "Group":
        return subject["name"] in names
    return bool(subject["name"] == f"system:serviceaccount:{namespace}:{account}")


def _allows(rule: Object, verb: str, group: str, resource: str) -> bool:
    if rule.get("resourceNames"):
        return False
    asked = (("verbs", verb), ("apiGroups", group), ("resources", resource))
    return all({word, "*"} & set(rule.get(field) or ()) for field, word in asked)
