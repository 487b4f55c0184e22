"""Where each kind of the contract lives under the API."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    api_version: str
    kind: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        root = (
            f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        )
        where = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        tail = "".join(f"/{part}" for part in (name, subresource) if part)
        return f"{root}{where}/{self.plural}{tail}"


RBAC = "rbac.authorization.k8s.io/v1"
GATEWAY = "gateway.networking.k8s.io/v1"
LEGACY = "inference.networking.x-k8s.io/v1alpha2"

KINDS = {
    kind.kind: kind
    for kind in (
        Kind("v1", "Namespace", "namespaces", namespaced=False),
        Kind("v1", "Node", "nodes", namespaced=False),
        Kind("v1", "Pod", "pods"),
        Kind("v1", "ServiceAccount", "serviceaccounts"),
        Kind("v1", "ConfigMap", "configmaps"),
        Kind("v1", "Secret", "secrets"),
        Kind("v1", "Service", "services"),
        Kind("v1", "Event", "events"),
        Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
        Kind("apps/v1", "Deployment", "deployments"),
        Kind("apps/v1", "ReplicaSet", "replicasets"),
        Kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
        Kind(RBAC, "Role", "roles"),
        Kind(RBAC, "RoleBinding", "rolebindings"),
        Kind(RBAC, "ClusterRole", "clusterroles", namespaced=False),
        Kind(RBAC, "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
        Kind("coordination.k8s.io/v1", "Lease", "leases"),
        Kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"),
        Kind(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            "customresourcedefinitions",
            namespaced=False,
        ),
        Kind(GATEWAY, "GatewayClass", "gatewayclasses", namespaced=False),
        Kind(GATEWAY, "Gateway", "gateways"),
        Kind(GATEWAY, "HTTPRoute", "httproutes"),
        Kind("inference.networking.k8s.io/v1", "InferencePool", "inferencepools"),
        Kind(LEGACY, "InferenceObjective", "inferenceobjectives"),
        Kind(LEGACY, "InferenceModelRewrite", "inferencemodelrewrites"),
        Kind("monitoring.coreos.com/v1", "PodMonitor", "podmonitors"),
        Kind("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors"),
        Kind(
            "authorization.k8s.io/v1",
            "SelfSubjectAccessReview",
            "selfsubjectaccessreviews",
            namespaced=False,
        ),
    )
}


def path_of(kind: str, namespace: str = "", name: str = "", subresource: str = "") -> str:
    return KINDS[kind].path(namespace, name, subresource)
