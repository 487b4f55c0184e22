"""One small valid object of each kind, as a person or the renderer might write it."""

from collections.abc import Callable
from typing import Any

from tests.contract.kinds import GATEWAY, LEGACY, RBAC

Object = dict[str, Any]


def named(api_version: str, kind: str, namespace: str, name: str, **parts: Any) -> Object:
    metadata: Object = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def config_map(namespace: str, name: str = "settings", **data: str) -> Object:
    return named("v1", "ConfigMap", namespace, name, data=data or {"colour": "green"})


def held(place: str, name: str = "held") -> Object:
    """A ConfigMap that a finalizer holds back."""
    obj = config_map(place, name)
    obj["metadata"]["finalizers"] = ["example.com/hold"]
    return obj


def service_account(namespace: str, name: str = "runner") -> Object:
    return named("v1", "ServiceAccount", namespace, name, automountServiceAccountToken=False)


def container(name: str = "engine", **more: Any) -> Object:
    return {"name": name, "image": "registry.example/engine:1.2", **more}


def pod_spec(*containers: Object, **more: Any) -> Object:
    return {"containers": list(containers) or [container()], **more}


def pod(namespace: str, name: str = "engine-0", **spec: Any) -> Object:
    return named("v1", "Pod", namespace, name, spec=spec or pod_spec())


def deployment(namespace: str, name: str = "engine", *containers: Object, **spec: Any) -> Object:
    whole = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(*containers)},
        **spec,
    }
    return named("apps/v1", "Deployment", namespace, name, spec=whole)


def replica_set(namespace: str, name: str = "engine-1") -> Object:
    return {**deployment(namespace, name), "kind": "ReplicaSet"}


def service(namespace: str, name: str = "picker", **spec: Any) -> Object:
    whole = {"selector": {"app": name}, "ports": [{"name": "grpc", "port": 9002}], **spec}
    return named("v1", "Service", namespace, name, spec=whole)


def claim(namespace: str, name: str = "weights") -> Object:
    spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "500Gi"}}}
    return named("v1", "PersistentVolumeClaim", namespace, name, spec=spec)


def budget(namespace: str, name: str = "engine", **spec: Any) -> Object:
    whole = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": name}}, **spec}
    return named("policy/v1", "PodDisruptionBudget", namespace, name, spec=whole)


def role(namespace: str, name: str = "picker", *rules: Object) -> Object:
    reads = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    return named(RBAC, "Role", namespace, name, rules=list(rules) or [reads])


def role_binding(namespace: str, name: str = "picker", **more: Any) -> Object:
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    reference = {"apiGroup": RBAC.partition("/")[0], "kind": "Role", "name": name}
    whole = {"roleRef": reference, "subjects": [subject], **more}
    return named(RBAC, "RoleBinding", namespace, name, **whole)


def gateway(namespace: str, name: str = "front", **spec: Any) -> Object:
    listener = {"name": "http", "port": 80, "protocol": "HTTP"}
    whole = {"gatewayClassName": "contract", "listeners": [listener], **spec}
    return named(GATEWAY, "Gateway", namespace, name, spec=whole)


def route(namespace: str, name: str = "chat", **spec: Any) -> Object:
    pool = {"group": "inference.networking.k8s.io", "kind": "InferencePool", "name": "engine"}
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": "/v1/"}}],
        "backendRefs": [{**pool, "weight": 90}],
        "timeouts": {"request": "300s"},
    }
    whole = {"parentRefs": [{"name": "front"}], "hostnames": ["chat.example.com"], "rules": [rule]}
    return named(GATEWAY, "HTTPRoute", namespace, name, spec={**whole, **spec})


def pool(namespace: str, name: str = "engine", **spec: Any) -> Object:
    whole = {
        "selector": {"matchLabels": {"app": name}},
        "targetPorts": [{"number": 8000}],
        "endpointPickerRef": {"name": "picker", "port": {"number": 9002}},
        **spec,
    }
    return named("inference.networking.k8s.io/v1", "InferencePool", namespace, name, spec=whole)


def objective(namespace: str, name: str = "interactive") -> Object:
    reference = {"group": "inference.networking.k8s.io", "name": "engine"}
    spec = {"poolRef": reference, "priority": 10}
    return named(LEGACY, "InferenceObjective", namespace, name, spec=spec)


def rewrite(namespace: str, name: str = "alias") -> Object:
    reference = {"group": "inference.networking.k8s.io", "name": "engine"}
    rule = {
        "matches": [{"model": {"type": "Exact", "value": "chat"}}],
        "targets": [{"modelRewrite": "qwen3", "weight": 95}, {"modelRewrite": "next", "weight": 5}],
    }
    spec = {"poolRef": reference, "rules": [rule]}
    return named(LEGACY, "InferenceModelRewrite", namespace, name, spec=spec)


def pod_monitor(namespace: str, name: str = "engine") -> Object:
    spec = {
        "selector": {"matchLabels": {"app": name}},
        "podTargetLabels": ["app"],
        "podMetricsEndpoints": [{"port": "http", "path": "/metrics", "interval": "15s"}],
    }
    return named("monitoring.coreos.com/v1", "PodMonitor", namespace, name, spec=spec)


def service_monitor(namespace: str, name: str = "picker") -> Object:
    spec = {
        "selector": {"matchLabels": {"app": name}},
        "endpoints": [{"port": "metrics", "path": "/metrics", "interval": "10s"}],
    }
    return named("monitoring.coreos.com/v1", "ServiceMonitor", namespace, name, spec=spec)


def lease(namespace: str, name: str = "agent") -> Object:
    spec = {"holderIdentity": "a", "leaseDurationSeconds": 15}
    return named("coordination.k8s.io/v1", "Lease", namespace, name, spec=spec)


def endpoint_slice(namespace: str, name: str = "picker-1") -> Object:
    return named(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        namespace,
        name,
        addressType="IPv4",
        ports=[{"name": "grpc", "port": 9002, "protocol": "TCP"}],
        endpoints=[{"addresses": ["10.1.2.3"], "conditions": {"ready": True}}],
    )


def event(namespace: str, name: str = "engine-0.1") -> Object:
    subject = {"kind": "Pod", "namespace": namespace, "name": "engine-0", "apiVersion": "v1"}
    return named(
        "v1",
        "Event",
        namespace,
        name,
        involvedObject=subject,
        reason="BackOff",
        message="Back-off pulling image",
        type="Warning",
        count=1,
    )


Maker = Callable[[str], Object]

WRITTEN: dict[str, Maker] = {
    "ServiceAccount": service_account,
    "ConfigMap": config_map,
    "Service": service,
    "PersistentVolumeClaim": claim,
    "Deployment": deployment,
    "PodDisruptionBudget": budget,
    "Role": role,
    "RoleBinding": role_binding,
    "HTTPRoute": route,
    "InferencePool": pool,
    "InferenceObjective": objective,
    "InferenceModelRewrite": rewrite,
    "PodMonitor": pod_monitor,
    "ServiceMonitor": service_monitor,
}
"""The kinds that the product writes, each with the maker of a sample."""

READ: dict[str, Maker] = {
    "Pod": pod,
    "ReplicaSet": replica_set,
    "Event": event,
    "Lease": lease,
    "EndpointSlice": endpoint_slice,
    "Gateway": gateway,
}
"""The kinds in namespaces that the product only reads."""


def node(namespace: str = "", name: str = "node") -> Object:
    capacity = {"cpu": "64", "memory": "512Gi", "nvidia.com/gpu": "8", "pods": "110"}
    return named("v1", "Node", "", name, status={"capacity": capacity})


def gateway_class(namespace: str = "", name: str = "class") -> Object:
    spec = {"controllerName": "example.com/gateway"}
    return named(GATEWAY, "GatewayClass", "", name, spec=spec)
