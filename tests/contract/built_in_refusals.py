"""Objects of built-in kinds that an API server refuses: a sample and the edit that spoils it."""

from tests.contract.edits import GONE, MOUNT, Edit, engine, pods, put
from tests.contract.samples import (
    Maker,
    budget,
    claim,
    config_map,
    deployment,
    role,
    role_binding,
    service,
    service_account,
)

_PROBE = {"httpGet": {"path": "/health", "port": 8000}}
_PORT = {"name": "http", "containerPort": 8000}

BUILT_IN: dict[str, tuple[Maker, Edit]] = {
    "a name in capitals": (config_map, put(metadata__name="Settings")),
    "a name that is too long": (config_map, put(metadata__name="n" * 254)),
    "a label value with a space": (config_map, put(metadata__labels={"a": "b c"})),
    "a label key with a space": (config_map, put(metadata__labels={"a b": "c"})),
    "a label value that is too long": (config_map, put(metadata__labels={"a": "v" * 64})),
    "an annotation key with a space": (config_map, put(metadata__annotations={"a b": "c"})),
    "a key of data with a slash": (config_map, put(data={"a/b": "c"})),
    "replicas below zero": (deployment, put(spec__replicas=-1)),
    "no selector": (deployment, put(spec__selector=GONE)),
    "an empty selector": (deployment, put(spec__selector={})),
    "a selector that matches another label": (
        deployment,
        put(spec__selector__matchLabels={"app": "other"}),
    ),
    "a selector that is no label": (
        deployment,
        put(spec__selector__matchLabels={"app": "a b"}),
    ),
    "a template without labels": (deployment, put(spec__template__metadata=GONE)),
    "no template": (deployment, put(spec__template=GONE)),
    "no containers": (deployment, pods(containers=[])),
    "a container in capitals": (deployment, engine(name="Engine")),
    "a container without an image": (deployment, engine(image="")),
    "an unknown pull policy": (deployment, engine(imagePullPolicy="Sometimes")),
    "an unknown message policy": (deployment, engine(terminationMessagePolicy="Nowhere")),
    "a container port out of range": (deployment, engine(ports=[{"containerPort": 99999}])),
    "a container port with a long name": (
        deployment,
        engine(ports=[{"containerPort": 80, "name": "a-very-long-port-name"}]),
    ),
    "two container ports of one name": (
        deployment,
        engine(ports=[_PORT, {**_PORT, "containerPort": 8001}]),
    ),
    "a container port with a name in capitals": (
        deployment,
        engine(ports=[{"containerPort": 80, "name": "HTTP"}]),
    ),
    "a container port with a number for a name": (
        deployment,
        engine(ports=[{"containerPort": 80, "name": "80"}]),
    ),
    "a container port with hyphens around its name": (
        deployment,
        engine(ports=[{"containerPort": 80, "name": "-a--b-"}]),
    ),
    "an unknown protocol": (
        deployment,
        engine(ports=[{"containerPort": 80, "protocol": "HTTP"}]),
    ),
    "a variable with an equals sign": (deployment, engine(env=[{"name": "A=B", "value": "c"}])),
    "a variable from two sources": (
        deployment,
        engine(
            env=[
                {
                    "name": "A",
                    "value": "b",
                    "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}},
                }
            ]
        ),
    ),
    "a variable from an unknown field": (
        deployment,
        engine(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.colour"}}}]),
    ),
    "a variable from nowhere": (deployment, engine(env=[{"name": "A", "valueFrom": {}}])),
    "a variable from a field without a path": (
        deployment,
        engine(env=[{"name": "A", "valueFrom": {"fieldRef": {}}}]),
    ),
    "a variable from a secret without a name": (
        deployment,
        engine(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"key": "token"}}}]),
    ),
    "a variable from a secret without a key": (
        deployment,
        engine(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "hf"}}}]),
    ),
    "half an accelerator": (
        deployment,
        engine(resources={"limits": {"nvidia.com/gpu": "500m"}}),
    ),
    "more accelerators asked than allowed": (
        deployment,
        engine(resources={"requests": {"nvidia.com/gpu": "2"}, "limits": {"nvidia.com/gpu": "1"}}),
    ),
    "an accelerator asked without a limit": (
        deployment,
        engine(resources={"requests": {"nvidia.com/gpu": "2"}}),
    ),
    "more memory asked than allowed": (
        deployment,
        engine(resources={"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}),
    ),
    "a resource without a domain": (deployment, engine(resources={"limits": {"gpu": "1"}})),
    "memory below zero": (deployment, engine(resources={"limits": {"memory": "-1Gi"}})),
    "a mount of an unknown volume": (deployment, engine(volumeMounts=[MOUNT])),
    "a probe without a handler": (deployment, engine(readinessProbe={"periodSeconds": 5})),
    "a probe of two handlers": (
        deployment,
        engine(readinessProbe={**_PROBE, "tcpSocket": {"port": 80}}),
    ),
    "a probe with a period below zero": (
        deployment,
        engine(readinessProbe={**_PROBE, "periodSeconds": -1}),
    ),
    "a probe of a port out of range": (
        deployment,
        engine(readinessProbe={"httpGet": {"path": "/", "port": 0}}),
    ),
    "a probe without a port": (deployment, engine(readinessProbe={"httpGet": {"path": "/"}})),
    "a probe of a port with a bad name": (
        deployment,
        engine(readinessProbe={"httpGet": {"path": "/", "port": "my_port"}}),
    ),
    "a liveness probe that needs two successes": (
        deployment,
        engine(livenessProbe={**_PROBE, "successThreshold": 2}),
    ),
    "a volume of two sources": (
        deployment,
        pods(volumes=[{"name": "a", "emptyDir": {}, "configMap": {"name": "b"}}]),
    ),
    "a volume of no source": (deployment, pods(volumes=[{"name": "Models", "emptyDir": {}}])),
    "a claim without a name": (
        deployment,
        pods(volumes=[{"name": "a", "persistentVolumeClaim": {"claimName": ""}}]),
    ),
    "an unknown restart policy": (deployment, pods(restartPolicy="Never")),
    "a toleration with an unknown operator": (
        deployment,
        pods(tolerations=[{"key": "a", "operator": "Near"}]),
    ),
    "a toleration of an unknown effect": (
        deployment,
        pods(tolerations=[{"key": "a", "operator": "Exists", "effect": "Never"}]),
    ),
    "a toleration without a key": (deployment, pods(tolerations=[{"effect": "NoSchedule"}])),
    "a toleration that exists with a value": (
        deployment,
        pods(tolerations=[{"key": "a", "operator": "Exists", "value": "b"}]),
    ),
    "a node selector that is no label": (deployment, pods(nodeSelector={"a": "b c"})),
    "an account in capitals": (deployment, pods(serviceAccountName="Runner")),
    "a recreation with a rolling update": (
        deployment,
        put(spec__strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
    ),
    "a rolling update that may not move": (
        deployment,
        put(spec__strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}),
    ),
    "a rolling update by a bad share": (
        deployment,
        put(spec__strategy={"rollingUpdate": {"maxSurge": "a lot"}}),
    ),
    "an unknown strategy": (deployment, put(spec__strategy={"type": "Blue"})),
    "a deadline below the wait": (
        deployment,
        put(spec__progressDeadlineSeconds=10, spec__minReadySeconds=10),
    ),
    "a service without a spec": (service, put(spec=GONE)),
    "a service port without a number": (service, put(spec__ports=[{"name": "grpc"}])),
    "a service without ports": (service, put(spec__ports=[])),
    "service ports without names": (
        service,
        put(spec__ports=[{"port": 80}, {"port": 81}]),
    ),
    "service ports of one name": (
        service,
        put(spec__ports=[{"name": "a", "port": 80}, {"name": "a", "port": 81}]),
    ),
    "a service port out of range": (service, put(spec__ports=[{"port": 0}])),
    "an unknown service type": (service, put(spec__type="Hidden")),
    "a service selector that is no label": (service, put(spec__selector={"a": "b c"})),
    "an app protocol with a space": (
        service,
        put(spec__ports=[{"port": 80, "appProtocol": "a b"}]),
    ),
    "an app protocol that is empty": (
        service,
        put(spec__ports=[{"port": 80, "appProtocol": ""}]),
    ),
    "a service with a dot in its name": (service, put(metadata__name="picker.chat")),
    "a budget of both kinds": (budget, put(spec__minAvailable=1)),
    "a budget below zero": (budget, put(spec__maxUnavailable=-1)),
    "a budget of a bad share": (budget, put(spec__maxUnavailable="150%")),
    "a claim without access modes": (claim, put(spec__accessModes=[])),
    "a claim of an unknown access mode": (claim, put(spec__accessModes=["ReadSometimes"])),
    "a claim of no size": (claim, put(spec__resources={})),
    "a claim of a size below zero": (claim, put(spec__resources={"requests": {"storage": "-1"}})),
    "a rule without verbs": (role, put(rules=[{"apiGroups": [""], "resources": ["pods"]}])),
    "a rule without groups": (role, put(rules=[{"resources": ["pods"], "verbs": ["get"]}])),
    "a rule without resources": (role, put(rules=[{"apiGroups": [""], "verbs": ["get"]}])),
    "a binding to an unknown kind of subject": (
        role_binding,
        put(subjects=[{"kind": "Team", "name": "chat"}]),
    ),
    "a binding to an unknown kind of role": (role_binding, put(roleRef__kind="Duty")),
    "an account with a name in capitals": (service_account, put(metadata__name="Runner")),
}
"""What the rules of built-in kinds refuse."""
