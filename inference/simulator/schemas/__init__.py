"""The kinds that a simulated cluster serves, each with the small schema that we write or read."""

from inference.simulator.resources import Resource


def served_at_first() -> tuple[Resource, ...]:
    return RESOURCES


def _built_in(api_version: str, kind: str, plural: str, **more: object) -> Resource:
    group, slash, version = api_version.rpartition("/")
    return Resource(group if slash else "", version, kind, plural, **more)  # type: ignore[arg-type]


_STATUS = ("status",)
RESOURCES: tuple[Resource, ...] = (
    _built_in("v1", "Namespace", "namespaces", namespaced=False, subresources=_STATUS),
    _built_in("v1", "Node", "nodes", namespaced=False, subresources=_STATUS),
    _built_in("v1", "Pod", "pods", subresources=_STATUS, has_generation=True),
    _built_in("v1", "ServiceAccount", "serviceaccounts"),
    _built_in("v1", "ConfigMap", "configmaps"),
    _built_in("v1", "Secret", "secrets"),
    _built_in("v1", "Service", "services", subresources=_STATUS),
    _built_in("v1", "Event", "events"),
    _built_in("v1", "PersistentVolumeClaim", "persistentvolumeclaims", subresources=_STATUS),
    _built_in(
        "apps/v1",
        "Deployment",
        "deployments",
        subresources=("status", "scale"),
        has_generation=True,
    ),
    _built_in(
        "apps/v1",
        "ReplicaSet",
        "replicasets",
        subresources=("status", "scale"),
        has_generation=True,
    ),
    _built_in(
        "policy/v1",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        subresources=_STATUS,
        has_generation=True,
    ),
    _built_in("rbac.authorization.k8s.io/v1", "Role", "roles"),
    _built_in("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
    _built_in("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", namespaced=False),
    _built_in(
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        "clusterrolebindings",
        namespaced=False,
    ),
    _built_in("coordination.k8s.io/v1", "Lease", "leases"),
    _built_in("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", has_generation=True),
    *(
        _built_in(
            api_version,
            kind,
            plural,
            is_custom=True,
            has_generation=True,
            subresources=_STATUS,
            namespaced=kind != "GatewayClass",
        )
        for api_version, kind, plural in (
            ("gateway.networking.k8s.io/v1", "GatewayClass", "gatewayclasses"),
            ("gateway.networking.k8s.io/v1", "Gateway", "gateways"),
            ("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"),
            ("inference.networking.k8s.io/v1", "InferencePool", "inferencepools"),
            ("inference.networking.x-k8s.io/v1alpha2", "InferenceObjective", "inferenceobjectives"),
            (
                "inference.networking.x-k8s.io/v1alpha2",
                "InferenceModelRewrite",
                "inferencemodelrewrites",
            ),
            ("monitoring.coreos.com/v1", "PodMonitor", "podmonitors"),
            ("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors"),
        )
    ),
)
