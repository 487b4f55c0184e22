"""The endpoint picker beside each pool: configuration, account, rights, Deployment, Service."""

import yaml

from inference.manifests import Manifest, digest_text
from inference.names import picker_config_name, picker_name
from inference.rendering.objects import (
    PLACEMENT,
    Phase,
    PlacementContext,
    RenderedObject,
    labelled,
    rendered,
)
from inference.rendering.pickers.generation import Generation
from inference.rendering.pickers.gie_1_5 import GIE_1_5

GRPC, HEALTH, METRICS = 9002, 9003, 9090
SERVICE_MONITOR = ("monitoring.coreos.com/v1", "ServiceMonitor")
_LOOK = ["get", "list", "watch"]
_NAME = "app.kubernetes.io/name"


def generation_of(context: PlacementContext) -> Generation:
    """Which picker the cluster runs. The seam for llm-d's router and for later releases."""
    del context
    return GIE_1_5


def picker_objects(context: PlacementContext) -> list[RenderedObject]:
    """What the picker needs comes a phase before it, so that it starts once and at once."""
    generation = generation_of(context)
    text = yaml.safe_dump(generation.configuration(context.model.picker), sort_keys=False)
    config = picker_config_name(context.name, digest_text(text))
    made = [
        rendered(Phase.COMPUTE, _account(context)),
        rendered(Phase.COMPUTE, _role(context, generation)),
        rendered(Phase.COMPUTE, _configuration(context, config, text)),
        rendered(Phase.PICKER, _binding(context)),
        rendered(Phase.PICKER, _deployment(context, generation, config)),
        rendered(Phase.PICKER, _service(context)),
    ]
    if context.serves(*SERVICE_MONITOR):
        made.append(rendered(Phase.PICKER, _monitor(context)))
    return made


def rules(generation: Generation) -> list[Manifest]:
    """What the picker may do in its namespace: find endpoints, objectives and rewrites."""
    return [
        {"apiGroups": [""], "resources": ["pods"], "verbs": _LOOK},
        {
            "apiGroups": ["inference.networking.k8s.io"],
            "resources": ["inferencepools"],
            "verbs": _LOOK,
        },
        {
            "apiGroups": list(generation.objective_groups),
            "resources": ["inferencemodelrewrites", "inferenceobjectives"],
            "verbs": _LOOK,
        },
    ]


def _metadata(context: PlacementContext, name: str = "") -> Manifest:
    picker = picker_name(context.name)
    return {
        "name": name or picker,
        "namespace": context.namespace,
        "labels": {**labelled(placement=context.name), _NAME: picker},
    }


def _account(context: PlacementContext) -> Manifest:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _metadata(context)}


def _role(context: PlacementContext, generation: Generation) -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": _metadata(context),
        "rules": rules(generation),
    }


def _binding(context: PlacementContext) -> Manifest:
    picker = picker_name(context.name)
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": _metadata(context),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": picker},
        "subjects": [{"kind": "ServiceAccount", "name": picker, "namespace": context.namespace}],
    }


def _configuration(context: PlacementContext, name: str, text: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(context, name),
        "data": {"plugins.yaml": text},
    }


def _deployment(context: PlacementContext, generation: Generation, config: str) -> Manifest:
    picker = picker_name(context.name)
    spec: Manifest = {
        "serviceAccountName": picker,
        "terminationGracePeriodSeconds": 130,
        "containers": [_container(context, generation)],
        "volumes": [{"name": "plugins", "configMap": {"name": config}}],
    }
    if context.pull_secret:
        spec["imagePullSecrets"] = [{"name": context.pull_secret}]
    labels = {**labelled(placement=context.name), _NAME: picker}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(context),
        "spec": {
            "replicas": 1,
            # Two pickers of one pool would each know half of its load.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": {_NAME: picker}},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def _container(context: PlacementContext, generation: Generation) -> Manifest:
    health = {"grpc": {"port": HEALTH, "service": "inference-extension"}}
    return {
        "name": "epp",
        "image": context.model.picker.image or generation.image,
        "args": [
            f"--pool-name={context.name}",
            f"--pool-namespace={context.namespace}",
            "--pool-group=inference.networking.k8s.io",
            "--config-file=/config/plugins.yaml",
            f"--grpc-port={GRPC}",
            f"--grpc-health-port={HEALTH}",
            f"--metrics-port={METRICS}",
            "--zap-encoder=json",
            "--tracing=false",
            "--metrics-endpoint-auth=false",
        ],
        "env": [
            {"name": "NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
            {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        ],
        "ports": [
            {"name": "grpc", "containerPort": GRPC, "protocol": "TCP"},
            {"name": "grpc-health", "containerPort": HEALTH, "protocol": "TCP"},
            {"name": "metrics", "containerPort": METRICS, "protocol": "TCP"},
        ],
        # Healthy at once, it makes the key of its certificate for seconds and takes no call before.
        "startupProbe": {"tcpSocket": {"port": GRPC}, "periodSeconds": 1, "failureThreshold": 120},
        "livenessProbe": {**health, "initialDelaySeconds": 5, "periodSeconds": 10},
        "readinessProbe": {**health, "periodSeconds": 2},
        "resources": {
            "requests": {"cpu": "2", "memory": "2Gi"},
            "limits": {"memory": "8Gi"},
        },
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{"name": "plugins", "mountPath": "/config", "readOnly": True}],
    }


def _service(context: PlacementContext) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(context),
        "spec": {
            "selector": {_NAME: picker_name(context.name)},
            "ports": [
                {
                    "name": "grpc-ext-proc",
                    "port": GRPC,
                    "protocol": "TCP",
                    "appProtocol": "kubernetes.io/h2c",
                },
                {"name": "http-metrics", "port": METRICS, "protocol": "TCP"},
            ],
        },
    }


def _monitor(context: PlacementContext) -> Manifest:
    api_version, kind = SERVICE_MONITOR
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": _metadata(context),
        "spec": {
            "selector": {"matchLabels": {_NAME: picker_name(context.name)}},
            "targetLabels": [PLACEMENT],
            "endpoints": [{"port": "http-metrics", "path": "/metrics", "interval": "10s"}],
        },
    }
