"""Objects that an API server refuses: a valid sample and the one edit that spoils it."""

from collections.abc import Callable
from typing import Any

from tests.contract.samples import (
    Maker,
    Object,
    budget,
    claim,
    config_map,
    container,
    deployment,
    gateway,
    objective,
    pod,
    pod_monitor,
    pod_spec,
    pool,
    rewrite,
    role,
    role_binding,
    route,
    service,
    service_account,
    service_monitor,
)

GONE = object()
Edit = Callable[[Object], None]


def put(**edits: Any) -> Edit:
    """Set values by path; `__` parts the steps, a number is an index, GONE removes."""

    def edit(obj: Object) -> None:
        for path, value in edits.items():
            *steps, last = path.split("__")
            here: Any = obj
            for step in steps:
                here = here[int(step)] if step.isdigit() else here.setdefault(step, {})
            if value is GONE:
                del here[last]
            else:
                here[int(last) if last.isdigit() else last] = value

    return edit


def engine(**parts: Any) -> Edit:
    """Edit the one container of a Deployment."""
    edits = {f"spec__template__spec__containers__0__{key}": part for key, part in parts.items()}
    return put(**edits)


def pods(**parts: Any) -> Edit:
    """Edit the pod spec of a Deployment."""
    return put(**{f"spec__template__spec__{key}": part for key, part in parts.items()})


def rule(**parts: Any) -> Edit:
    """Edit the one rule of a route."""
    return put(**{f"spec__rules__0__{key}": part for key, part in parts.items()})


_PROBE = {"httpGet": {"path": "/health", "port": 8000}}
_MOUNT = {"name": "models", "mountPath": "/models"}
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
    "a mount of an unknown volume": (deployment, engine(volumeMounts=[_MOUNT])),
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

_SERVICE_BACKEND = {"name": "picker"}
_HEADER = {"type": "RequestHeaderModifier"}

CUSTOM: dict[str, tuple[Maker, Edit]] = {
    "a pool without a selector": (pool, put(spec__selector=GONE)),
    "a pool without labels": (pool, put(spec__selector={})),
    "a pool with a label that is none": (pool, put(spec__selector__matchLabels={"app": "a b"})),
    "a pool without ports": (pool, put(spec__targetPorts=[])),
    "a pool with nine ports": (
        pool,
        put(spec__targetPorts=[{"number": number} for number in range(1, 10)]),
    ),
    "a pool with a port twice": (pool, put(spec__targetPorts=[{"number": 80}, {"number": 80}])),
    "a pool with a port out of range": (pool, put(spec__targetPorts=[{"number": 70000}])),
    "a pool whose picker has no name": (pool, put(spec__endpointPickerRef__name=GONE)),
    "a pool whose picker has no port": (pool, put(spec__endpointPickerRef__port=GONE)),
    "a pool with an unknown failure mode": (
        pool,
        put(spec__endpointPickerRef__failureMode="FailSometimes"),
    ),
    "a pool with an unknown protocol": (pool, put(spec__appProtocol="smtp")),
    "a pool with two mistakes": (
        pool,
        put(spec__appProtocol="smtp", spec__endpointPickerRef__port=GONE),
    ),
    "a route with a hostname in capitals": (route, put(spec__hostnames=["Chat.example.com"])),
    "a route without a spec": (route, put(spec=GONE)),
    "a route with a hostname that is too long": (
        route,
        put(spec__hostnames=[".".join("h" * 63 for _ in range(4))]),
    ),
    "a route with null for hostnames": (route, put(spec__hostnames=None)),
    "a route with seventeen hostnames": (
        route,
        put(spec__hostnames=[f"h{number}.example.com" for number in range(17)]),
    ),
    "a route with a parent twice": (
        route,
        put(spec__parentRefs=[{"name": "front"}, {"name": "front"}]),
    ),
    "a route with a parent whole and in part": (
        route,
        put(spec__parentRefs=[{"name": "front"}, {"name": "front", "sectionName": "http"}]),
    ),
    "a route with a listener in capitals": (
        route,
        put(spec__parentRefs=[{"name": "front", "sectionName": "HTTP"}]),
    ),
    "a route with a path that is relative": (
        route,
        rule(matches=[{"path": {"type": "PathPrefix", "value": "v1"}}]),
    ),
    "a route with a double slash": (
        route,
        rule(matches=[{"path": {"type": "PathPrefix", "value": "/v1//x"}}]),
    ),
    **{
        f"a route with {part} in a path": (
            route,
            rule(matches=[{"path": {"type": "Exact", "value": f"/v1{part}"}}]),
        )
        for part in ("/./x", "/..", "/.", "%2f", "%2F", "#")
    },
    "a route with a path that goes up": (
        route,
        rule(matches=[{"path": {"type": "Exact", "value": "/v1/../x"}}]),
    ),
    "a route with a space in a path": (
        route,
        rule(matches=[{"path": {"type": "PathPrefix", "value": "/v 1"}}]),
    ),
    "a route with an unknown match": (
        route,
        rule(matches=[{"path": {"type": "Near", "value": "/"}}]),
    ),
    "a route with a header that is none": (
        route,
        rule(matches=[{"headers": [{"name": "a b", "value": "c"}]}]),
    ),
    "a route with a weight below zero": (route, rule(backendRefs__0__weight=-1)),
    "a route with a weight too great": (route, rule(backendRefs__0__weight=1000001)),
    "a route to a service without a port": (route, rule(backendRefs=[_SERVICE_BACKEND])),
    "a route with seventeen backends": (
        route,
        rule(backendRefs=[{"name": f"s{n}", "port": 80} for n in range(17)]),
    ),
    "a route with seventeen rules": (
        route,
        put(spec__rules=[{"name": f"r{number}"} for number in range(17)]),
    ),
    "a route with a timeout that is none": (route, rule(timeouts={"request": "5 minutes"})),
    "a route with a longer timeout behind": (
        route,
        rule(timeouts={"request": "1s", "backendRequest": "2s"}),
    ),
    "a route with a filter that is empty": (route, rule(filters=[_HEADER])),
    "a route with a filter of another type": (
        route,
        rule(filters=[{"type": "URLRewrite", "requestHeaderModifier": {"remove": ["a"]}}]),
    ),
    "a backend with a filter that is empty": (route, rule(backendRefs__0__filters=[_HEADER])),
    "a route that rewrites twice": (
        route,
        rule(filters=[{"type": "URLRewrite", "urlRewrite": {"hostname": "x.example.com"}}] * 2),
    ),
    "a route with a filter twice": (
        route,
        rule(filters=[{**_HEADER, "requestHeaderModifier": {"remove": ["a"]}}] * 2),
    ),
    "a route that redirects and forwards": (
        route,
        rule(
            filters=[{"type": "RequestRedirect", "requestRedirect": {"hostname": "x.example.com"}}]
        ),
    ),
    "a route that rewrites to nothing": (
        route,
        rule(filters=[{"type": "URLRewrite", "urlRewrite": {"path": {"type": "ReplaceFullPath"}}}]),
    ),
    "a gateway without a class": (gateway, put(spec__gatewayClassName=GONE)),
    "a gateway without listeners": (gateway, put(spec__listeners=[])),
    "a gateway with one listener twice": (
        gateway,
        put(
            spec__listeners=[
                {"name": "a", "port": 80, "protocol": "HTTP"},
                {"name": "b", "port": 80, "protocol": "HTTP"},
            ]
        ),
    ),
    "a gateway with a port out of range": (gateway, put(spec__listeners__0__port=0)),
    "an objective without a pool": (objective, put(spec__poolRef=GONE)),
    "an objective of an unnamed pool": (objective, put(spec__poolRef={"name": ""})),
    "a rewrite without targets": (rewrite, put(spec__rules__0__targets=[])),
    "a rewrite with a weight too great": (rewrite, put(spec__rules__0__targets__0__weight=-1)),
    "a rewrite with an unknown match": (
        rewrite,
        put(spec__rules__0__matches=[{"model": {"type": "Near", "value": "a"}}]),
    ),
    "a rewrite of an empty name": (
        rewrite,
        put(spec__rules__0__matches=[{"model": {"value": ""}}]),
    ),
    "a pod monitor without a selector": (pod_monitor, put(spec__selector=GONE)),
    "a pod monitor with a bad interval": (
        pod_monitor,
        put(spec__podMetricsEndpoints__0__interval="often"),
    ),
    "a service monitor without endpoints": (service_monitor, put(spec__endpoints=GONE)),
    "a service monitor with a bad interval": (
        service_monitor,
        put(spec__endpoints__0__interval="10 s"),
    ),
    "a service monitor with an unknown scheme": (
        service_monitor,
        put(spec__endpoints__0__scheme="gopher"),
    ),
}
"""What the schemas and rules of custom kinds refuse."""

CHANGES: dict[str, tuple[Maker, Edit]] = {
    "the selector of a deployment": (
        deployment,
        put(
            spec__selector__matchLabels={"app": "engine", "tier": "a"},
            spec__template__metadata__labels={"app": "engine", "tier": "a"},
        ),
    ),
    "no selector of a deployment": (deployment, put(spec__selector=GONE)),
    "a label of an account": (service_account, put(metadata__labels={"a": "b c"})),
    "a label of a deployment": (deployment, put(metadata__labels={"a": "b c"})),
    "a label of a binding": (role_binding, put(metadata__labels={"a": "b c"})),
    "a label of a budget": (budget, put(metadata__labels={"a": "b c"})),
    "a label of a claim": (claim, put(metadata__labels={"a": "b c"})),
    "a label of a pool": (pool, put(metadata__labels={"a": "b c"})),
    "a label of a role": (
        lambda place: role(place, "reader"),
        put(metadata__labels={"a": "b c"}),
    ),
    "a label of a route": (route, put(metadata__labels={"a": "b c"})),
    "a label of a service": (service, put(metadata__labels={"a": "b c"})),
    "a label of settings": (config_map, put(metadata__labels={"a": "b c"})),
    "no number of the port of a picker": (pool, put(spec__endpointPickerRef__port={})),
    "null for the port of a picker": (pool, put(spec__endpointPickerRef__port=None)),
    "the address of a service": (service, put(spec__clusterIP="10.96.255.1")),
    "the access modes of a claim": (claim, put(spec__accessModes=["ReadWriteOnce"])),
    "the size of a claim to less": (
        claim,
        put(spec__resources={"requests": {"storage": "1Gi"}}),
    ),
    "the size of a claim to nothing": (claim, put(spec__resources={})),
    "the role of a binding": (role_binding, put(roleRef__name="other")),
}
"""What may not change once it is there."""


def spoiled(maker: Maker, edit: Edit, place: str) -> Object:
    obj = maker(place)
    edit(obj)
    return obj


_ENGINES: dict[str, Maker] = {
    "a whole engine": lambda place: deployment(
        place,
        "engine",
        container(
            "engine",
            args=["--port=8000"],
            env=[
                {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "hf", "key": "token"}}},
            ],
            ports=[{"name": "http", "containerPort": 8000}],
            startupProbe={"httpGet": {"path": "/v1/models", "port": "http"}, "failureThreshold": 9},
            readinessProbe={"httpGet": {"port": "http"}, "timeoutSeconds": 2},
            livenessProbe={"tcpSocket": {"port": 8000}},
            resources={
                "requests": {"cpu": "16000m", "memory": "128Gi", "nvidia.com/gpu": 2},
                "limits": {"memory": "128.5Gi", "nvidia.com/gpu": "2"},
            },
            volumeMounts=[_MOUNT, {"name": "shm", "mountPath": "/dev/shm"}],  # noqa: S108  (a mount, not a file of ours)
        ),
        replicas=2,
        strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
    ),
    "a picker": lambda place: deployment(
        place,
        "picker",
        container(
            "epp",
            image="registry.example/epp",
            livenessProbe={"grpc": {"port": 9003, "service": "inference-extension"}},
            env=[{"name": "A"}],
            securityContext={"allowPrivilegeEscalation": False},
        ),
        strategy={"type": "Recreate"},
    ),
}


def _said_nothing(place: str) -> Object:
    """Parts that are there and empty."""
    env = [{"name": "A", "value": ""}]
    engine = container(args=[], command=[], env=env, ports=[], securityContext={}, workingDir="")
    obj = deployment(place, "engine", engine)
    obj["metadata"].update(labels={}, annotations={})
    obj["spec"]["template"]["spec"].update(
        nodeSelector={}, tolerations=[], volumes=[], affinity={}, serviceAccountName=""
    )
    return obj


_IMAGES = (
    "engine",
    "engine:latest",
    "engine:1",
    "registry.example:5000/engine",
    "registry.example:5000/a/engine:latest",
    f"engine@sha256:{'0' * 64}",
    "Engine",
    "an engine",
)


def _limited(place: str) -> Object:
    resources = {"limits": {"cpu": "0.5", "memory": "1.5Gi"}, "requests": {"cpu": "100m"}}
    patient = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}
    return pod(place, **pod_spec(container(resources=resources), tolerations=[patient]))


def _with_volumes(obj: Object) -> Object:
    spec = obj["spec"]["template"]["spec"]
    spec["volumes"] = [
        {"name": "models", "persistentVolumeClaim": {"claimName": "weights"}},
        {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "20Gi"}},
        {"name": "plugins", "configMap": {"name": "plugins"}},
        {"name": "token", "secret": {"secretName": "hf"}},
    ]
    spec["serviceAccountName"] = "runner"
    spec["tolerations"] = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    return obj


DEFAULTED: dict[str, Maker] = {
    **{
        name: lambda place, make=make: _with_volumes(make(place)) for name, make in _ENGINES.items()
    },
    "an engine with empty parts": _said_nothing,
    "images of many spellings": lambda place: deployment(
        place,
        "engine",
        *(container(f"c{number}", image=image) for number, image in enumerate(_IMAGES)),
    ),
    "a pod with limits": _limited,
}
"""Larger objects of the renderer's shape, for what a server adds to them and leaves out."""
