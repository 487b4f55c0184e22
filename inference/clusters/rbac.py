"""The rights that a platform engineer gives Waybill in one cluster, as manifests. Pure.

They follow from the kinds that rendering writes. What the picker's own Role grants is in them
too: Kubernetes refuses a Role from somebody who lacks what it grants.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from inference.clusters.client.kinds import GATEWAY, NODE, READ, WRITTEN, Resource
from inference.manifests import Manifest

Rule = dict[str, list[str]]

_LOOK = ("get", "list", "watch")
_WRITE = (*_LOOK, "create", "patch", "delete")
_API = "rbac.authorization.k8s.io"

PICKER_RULES: tuple[Rule, ...] = (
    {"apiGroups": [""], "resources": ["pods"], "verbs": list(_LOOK)},
    {
        "apiGroups": ["inference.networking.k8s.io"],
        "resources": ["inferencepools"],
        "verbs": list(_LOOK),
    },
    {
        "apiGroups": ["inference.networking.x-k8s.io", "llm-d.ai"],
        "resources": ["inferencemodelrewrites", "inferenceobjectives"],
        "verbs": list(_LOOK),
    },
    {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "verbs": [*_WRITE, "update"],
    },
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
)
"""What an endpoint picker needs in its namespace: to find endpoints, and to elect a leader."""


@dataclass(frozen=True, slots=True)
class Account:
    """The ServiceAccount that Waybill works as."""

    namespace: str = "waybill"
    name: str = "waybill"


def manifests(
    *,
    cluster_name: str,
    namespaces: Iterable[str],
    written: Sequence[Resource] = WRITTEN,
    read: Sequence[Resource] = READ,
    account: Account = Account(),
) -> list[Manifest]:
    """Everything in the order in which `kubectl apply` needs it. Granted namespaces must exist."""
    granted = sorted(set(namespaces))
    made = [
        _object("v1", "Namespace", account.namespace),
        _object("v1", "ServiceAccount", account.name, account.namespace),
        *_cluster_role(granted, account),
        *_role(f"{account.name}-renewer", account.namespace, _renewal(account), account),
    ]
    for namespace in granted:
        rules = writer_rules(written, read)
        made += _role(f"{account.name}-writer", namespace, rules, account)
    for manifest in made:
        manifest["metadata"]["annotations"] = {"waybill/cluster": cluster_name}
    return made


def yaml_text(made: Iterable[Manifest]) -> str:
    """For `kubectl apply -f -`."""
    documents = (
        yaml.safe_dump(manifest, sort_keys=False, allow_unicode=False, width=100)
        for manifest in made
    )
    return "---\n".join(documents)


def writer_rules(
    written: Sequence[Resource] = WRITTEN, read: Sequence[Resource] = READ
) -> list[Rule]:
    """What Waybill may do in a granted namespace."""
    verbs: dict[tuple[str, str], set[str]] = {}
    for resource in read:
        verbs.setdefault((resource.group, resource.plural), set()).update(_LOOK)
    for resource in written:
        verbs.setdefault((resource.group, resource.plural), set()).update(_WRITE)
    for rule in PICKER_RULES if _writes_roles(written) else ():
        for group in rule["apiGroups"]:
            for plural in rule["resources"]:
                verbs.setdefault((group, plural), set()).update(rule["verbs"])
    return _compact(verbs)


def _writes_roles(written: Sequence[Resource]) -> bool:
    return any((one.group, one.kind) == (_API, "Role") for one in written)


def _compact(verbs: dict[tuple[str, str], set[str]]) -> list[Rule]:
    """One rule for each API group and set of verbs, in a stable order."""
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (group, plural), allowed in sorted(verbs.items()):
        together.setdefault((group, _in_order(allowed)), []).append(plural)
    return [
        {"apiGroups": [group], "resources": plurals, "verbs": list(allowed)}
        for (group, allowed), plurals in together.items()
    ]


def _in_order(allowed: set[str]) -> tuple[str, ...]:
    order = (*_WRITE, "update")
    return tuple(sorted(allowed, key=order.index))


def _renewal(account: Account) -> list[Rule]:
    return [
        {
            "apiGroups": [""],
            "resources": ["serviceaccounts/token"],
            "resourceNames": [account.name],
            "verbs": ["create"],
        }
    ]


def _cluster_role(granted: list[str], account: Account) -> Iterable[Manifest]:
    """What lies in no granted namespace: nodes, gateways, who the cluster is, whether it is up."""
    rules: list[Rule] = [
        {"apiGroups": [NODE.group], "resources": [NODE.plural], "verbs": list(_LOOK)},
        {"apiGroups": [GATEWAY.group], "resources": [GATEWAY.plural], "verbs": list(_LOOK)},
        {
            "apiGroups": [""],
            "resources": ["namespaces"],
            "resourceNames": sorted({"kube-system", *granted}),
            "verbs": ["get"],
        },
        {"nonResourceURLs": ["/readyz", "/version"], "verbs": ["get"]},
    ]
    name = f"{account.name}-reader"
    yield {**_object(f"{_API}/v1", "ClusterRole", name), "rules": rules}
    yield _binding("ClusterRole", name, "", account)


def _role(name: str, namespace: str, rules: list[Rule], account: Account) -> Iterable[Manifest]:
    yield {**_object(f"{_API}/v1", "Role", name, namespace), "rules": rules}
    yield _binding("Role", name, namespace, account)


def _binding(kind: str, name: str, namespace: str, account: Account) -> Manifest:
    subject = {"kind": "ServiceAccount", "name": account.name, "namespace": account.namespace}
    return {
        **_object(f"{_API}/v1", f"{kind}Binding", name, namespace),
        "roleRef": {"apiGroup": _API, "kind": kind, "name": name},
        "subjects": [subject],
    }


def _object(api_version: str, kind: str, name: str, namespace: str = "") -> Manifest:
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata["labels"] = {"app.kubernetes.io/part-of": "waybill"}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}
