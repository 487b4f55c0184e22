"""The kinds that a simulated cluster serves, each with the small schema that we write or read."""

from typing import Any

from inference.simulator.resources import ALL_VERBS, Resource, in_version
from inference.simulator.schemas import (
    apps,
    core,
    definitions,
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
    "CustomResourceDefinition": definitions.DEFINITION,
}
_STATUS = ("status",)
_SCALE = ("status", "scale")
_RBAC = "rbac.authorization.k8s.io/v1"
_ALL = ("all",)
_BUILT_IN: tuple[Resource, ...] = (
    _built_in(
        "v1",
        "Namespace",
        "namespaces",
        namespaced=False,
        short_names=("ns",),
        subresources=("status", "finalize"),
        verbs=tuple(verb for verb in ALL_VERBS if verb != "deletecollection"),
    ),
    _built_in(
        "v1",
        "Node",
        "nodes",
        namespaced=False,
        short_names=("no",),
        subresources=("status", "proxy"),
    ),
    _built_in(
        "v1",
        "Pod",
        "pods",
        short_names=("po",),
        categories=_ALL,
        subresources=("status", "log"),
        has_generation=True,
    ),
    _built_in(
        "v1", "ServiceAccount", "serviceaccounts", short_names=("sa",), subresources=("token",)
    ),
    _built_in("v1", "ConfigMap", "configmaps", short_names=("cm",)),
    _built_in("v1", "Secret", "secrets"),
    _built_in(
        "v1",
        "Service",
        "services",
        short_names=("svc",),
        categories=_ALL,
        subresources=("status", "proxy"),
    ),
    _built_in("v1", "Event", "events", short_names=("ev",)),
    _built_in(
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        short_names=("pvc",),
        subresources=_STATUS,
    ),
    _built_in(
        "apps/v1",
        "Deployment",
        "deployments",
        short_names=("deploy",),
        categories=_ALL,
        subresources=_SCALE,
        has_generation=True,
    ),
    _built_in(
        "apps/v1",
        "ReplicaSet",
        "replicasets",
        short_names=("rs",),
        categories=_ALL,
        subresources=_SCALE,
        has_generation=True,
    ),
    _built_in(
        "policy/v1",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        short_names=("pdb",),
        subresources=_STATUS,
        has_generation=True,
    ),
    _built_in(_RBAC, "Role", "roles"),
    _built_in(_RBAC, "RoleBinding", "rolebindings"),
    _built_in(_RBAC, "ClusterRole", "clusterroles", namespaced=False),
    _built_in(_RBAC, "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
    _built_in("coordination.k8s.io/v1", "Lease", "leases"),
    _built_in("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", has_generation=True),
    _built_in(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        namespaced=False,
        short_names=("crd", "crds"),
        categories=("api-extensions",),
        subresources=_STATUS,
        has_generation=True,
    ),
)
_GATEWAY = "gateway.networking.k8s.io/v1"
_LEGACY = "inference.networking.x-k8s.io/v1alpha2"
_CATEGORIES = {
    "gateway.networking.k8s.io": ("gateway-api",),
    "monitoring.coreos.com": ("prometheus-operator",),
}
_CUSTOM = tuple(
    _built_in(
        api_version,
        kind,
        plural,
        is_custom=True,
        has_generation=True,
        short_names=short_names,
        categories=_CATEGORIES.get(api_version.partition("/")[0], ()),
        subresources=_STATUS,
        namespaced=kind != "GatewayClass",
    )
    for api_version, kind, plural, short_names in (
        (_GATEWAY, "GatewayClass", "gatewayclasses", ("gc",)),
        (_GATEWAY, "Gateway", "gateways", ("gtw",)),
        (_GATEWAY, "HTTPRoute", "httproutes", ()),
        ("inference.networking.k8s.io/v1", "InferencePool", "inferencepools", ("infpool",)),
        (_LEGACY, "InferenceObjective", "inferenceobjectives", ()),
        (_LEGACY, "InferenceModelRewrite", "inferencemodelrewrites", ()),
        ("monitoring.coreos.com/v1", "PodMonitor", "podmonitors", ("pmon",)),
        ("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors", ("smon",)),
    )
)
_EARLIER = tuple(
    in_version(resource, "v1beta1")
    for resource in _CUSTOM
    if resource.group == "gateway.networking.k8s.io"
)
RESOURCES: tuple[Resource, ...] = (*_BUILT_IN, *_CUSTOM, *_EARLIER)
"""The preferred version of each kind stands before the others."""
