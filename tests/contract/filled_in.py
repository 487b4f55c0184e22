"""Larger objects, for what an API server fills in."""

from tests.contract.edits import MOUNT
from tests.contract.samples import Maker, Object, container, deployment, pod, pod_spec

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
            volumeMounts=[MOUNT, {"name": "shm", "mountPath": "/dev/shm"}],  # noqa: S108  (a mount, not a file of ours)
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
