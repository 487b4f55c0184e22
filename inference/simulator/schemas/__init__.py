"""The kinds that a simulated cluster serves, each with the small schema that we write or read."""

from typing import Any

from inference.simulator.resources import Resource
from inference.simulator.schemas import (
    apps,
    core,
    gateways,
    inference_extension,
    monitoring,
    pods,
    rbac,
    routes,
    volumes,
)
from inference.simulator.structure import Schema, compile_schema


def served_at_first() -> tuple[Resource, ...]:
    return RESOURCES


def _built_in(api_version: str, kind: str, plural: str, **more: Any) -> Resource:
    group, slash, version = api_version.rpartition("/")
    schema = SCHEMAS[kind]
    return Resource(
        group if slash else "",
        version,
        kind,
        plural,
        schema=schema,
        node=compile_schema(schema),
        **more,
    )


SCHEMAS: dict[str, Schema] = {
    "Namespace": core.NAMESPACE,
    "Node": core.NODE,
    "Pod": pods.POD,
    "ServiceAccount": core.SERVICE_ACCOUNT,
    "ConfigMap": core.CONFIG_MAP,
    "Secret": core.SECRET,
    "Service": core.SERVICE,
    "Event": core.EVENT,
    "PersistentVolumeClaim": volumes.CLAIM,
    "Deployment": apps.DEPLOYMENT,
    "ReplicaSet": apps.REPLICA_SET,
    "PodDisruptionBudget": apps.BUDGET,
    "Role": rbac.ROLE,
    "RoleBinding": rbac.BINDING,
    "ClusterRole": rbac.CLUSTER_ROLE,
    "ClusterRoleBinding": rbac.BINDING,
    "Lease": core.LEASE,
    "EndpointSlice": core.ENDPOINT_SLICE,
    "GatewayClass": gateways.GATEWAY_CLASS,
    "Gateway": gateways.GATEWAY,
    "HTTPRoute": routes.ROUTE,
    "InferencePool": inference_extension.POOL,
    "InferenceObjective": inference_extension.OBJECTIVE,
    "InferenceModelRewrite": inference_extension.REWRITE,
    "PodMonitor": monitoring.POD_MONITOR,
    "ServiceMonitor": monitoring.SERVICE_MONITOR,
}
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
