"""What the actors of the contract may do; the one place where the product's rights are named."""

from typing import Any

from tests.contract.kinds import RBAC
from tests.contract.samples import named

Object = dict[str, Any]
ACCOUNT_NAMESPACE = "waybill-system"
ACCOUNT = "waybill"
ME = f"system:serviceaccount:{ACCOUNT_NAMESPACE}:{ACCOUNT}"
_GROUP = RBAC.partition("/")[0]
_WRITES = ["get", "list", "watch", "create", "patch", "delete"]
_READS = ["get", "list", "watch"]


def _rule(groups: list[str], resources: list[str], verbs: list[str]) -> Object:
    return {"apiGroups": groups, "resources": resources, "verbs": verbs}


_PICKER = [
    _rule(["coordination.k8s.io"], ["leases"], [*_WRITES, "update"]),
    _rule([""], ["events"], ["create", "patch"]),
]
_IN_A_NAMESPACE = [
    _rule([""], ["configmaps", "serviceaccounts", "services", "persistentvolumeclaims"], _WRITES),
    _rule(["apps"], ["deployments"], _WRITES),
    _rule(["policy"], ["poddisruptionbudgets"], _WRITES),
    _rule([_GROUP], ["roles", "rolebindings"], _WRITES),
    _rule(["gateway.networking.k8s.io"], ["httproutes"], _WRITES),
    _rule(["inference.networking.k8s.io"], ["inferencepools"], _WRITES),
    _rule(
        ["inference.networking.x-k8s.io"],
        ["inferenceobjectives", "inferencemodelrewrites"],
        _WRITES,
    ),
    _rule(["monitoring.coreos.com"], ["podmonitors", "servicemonitors"], _WRITES),
    _rule([""], ["pods", "events"], _READS),
    _rule(["apps"], ["replicasets"], _READS),
    _rule(["discovery.k8s.io"], ["endpointslices"], _READS),
    _rule(["gateway.networking.k8s.io"], ["gateways"], _READS),
    *_PICKER,
]
_IN_THE_CLUSTER = [
    _rule([""], ["namespaces", "nodes"], _READS),
    _rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], _READS),
    _rule(["gateway.networking.k8s.io"], ["gatewayclasses"], _READS),
]
_PERSON = [_rule(["*"], ["*"], ["*"])]


def for_the_cluster() -> list[Object]:
    """The product's account and its rights everywhere, as a platform engineer applies them."""
    return [
        named("v1", "Namespace", "", ACCOUNT_NAMESPACE),
        named("v1", "ServiceAccount", ACCOUNT_NAMESPACE, ACCOUNT),
        named(RBAC, "ClusterRole", "", "waybill", rules=_IN_THE_CLUSTER),
        named(RBAC, "ClusterRole", "", "waybill-namespace", rules=_IN_A_NAMESPACE),
        named(RBAC, "ClusterRole", "", "person", rules=_PERSON),
        named(
            RBAC,
            "ClusterRoleBinding",
            "",
            "waybill",
            roleRef={"apiGroup": _GROUP, "kind": "ClusterRole", "name": "waybill"},
            subjects=[_account()],
        ),
    ]


def for_a_namespace(namespace: str) -> list[Object]:
    """The product's rights, and those of a person of the team, in one granted namespace."""
    person = {"kind": "User", "apiGroup": _GROUP, "name": "person"}
    pairs = [("waybill", "waybill-namespace", _account()), ("person", "person", person)]
    return [
        named(
            RBAC,
            "RoleBinding",
            namespace,
            name,
            roleRef={"apiGroup": _GROUP, "kind": "ClusterRole", "name": rights},
            subjects=[subject],
        )
        for name, rights, subject in pairs
    ]


def _account() -> Object:
    return {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": ACCOUNT_NAMESPACE}
