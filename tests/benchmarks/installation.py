"""A whole installation for measures: PostgreSQL, a real API server, people, and changes to push."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import timezone

from inference.accounts.models import Membership, User
from inference.changes import actions as changes
from inference.changes.models import ChangeRequest
from inference.clusters.client.connection import Connection
from inference.clusters.credentials import seal
from inference.clusters.models import Cluster, EgressRange
from inference.manifests import Manifest
from tests import databases
from tests.contract import control_plane, rights
from tests.contract.actors import Actor
from tests.delivery.peer import LOOPBACK, token
from tests.factories.accounts import MembershipFactory, TeamFactory, UserFactory
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.factories.delivery import NAMESPACE, Put, in_review

IMAGE = "registry.example/vllm-openai:v0.11.0"
FLAGS = (
    *("tensor-parallel-size", "max-model-len", "max-num-seqs", "gpu-memory-utilization"),
    *("kv-cache-dtype", "block-size", "swap-space", "max-num-batched-tokens"),
)


@dataclass(frozen=True)
class Server:
    """A real API server with the namespace that Waybill may write to."""

    plane: control_plane.ControlPlane
    root: Actor
    token: str
    identity: str

    @property
    def port(self) -> int:
        return int(self.plane.url.rpartition(":")[2])

    @property
    def ca_pem(self) -> str:
        return self.plane.ca.read_text()


@dataclass(frozen=True)
class People:
    author: User
    approver: User


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="waybill-bench-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@contextmanager
def server(where: Path) -> Iterator[Server]:
    """Without an audit log, which would cost the server as much as the requests do."""
    with ExitStack() as stack:
        plane = stack.enter_context(control_plane.running(where))
        root = Actor("root", plane.url, plane.ca, plane.certificate("root", ("system:masters",)))
        stack.callback(root.pool.close)
        made: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        for obj in (*rights.for_the_cluster(), made, *rights.for_a_namespace(NAMESPACE)):
            answer = root.apply(obj, manager="administrator", force="true")
            if answer.status not in {200, 201}:
                raise RuntimeError(answer.message)
        system = root.request("GET", "/api/v1/namespaces/kube-system").body
        yield Server(plane, root, token(root), system["metadata"]["uid"])


@contextmanager
def database(where: Path) -> Iterator[People]:
    """PostgreSQL with the tables and the people of one team, in place of the default database."""
    with databases.postgres(where) as found, found.fresh():
        yield people()


def people() -> People:
    team = TeamFactory.create(name="chat")
    made = {}
    for name, role in (
        ("author", Membership.Role.EDITOR),
        ("approver", Membership.Role.APPROVER),
    ):
        made[name] = UserFactory.create(username=name)
        MembershipFactory.create(team=team, user=made[name], environment="prod", role=role)
    EgressRange.objects.create(cidr=str(LOOPBACK), reason="benchmarks")
    return People(made["author"], made["approver"])


def connect(one: Server, who: People, name: str, port: int) -> Cluster:
    """The server under this name alone, reached at `port` of loopback."""
    Cluster.objects.active().update(state=Cluster.State.REMOVED, removed_at=timezone.now())
    address = f"https://127.0.0.1:{port}"
    cluster: Cluster = ClusterFactory.create(
        name=name, server=address, ca_pem=one.ca_pem, identity=one.identity
    )
    connection = Connection(address, one.ca_pem, token=one.token)
    seal(cluster, connection, version=1, at=timezone.now()).save()
    team = who.author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=cluster, team=team, namespace=NAMESPACE)
    return cluster


def proposed(who: People, cluster: Cluster, objects: Sequence[Put]) -> ChangeRequest:
    """A change in review whose plan has a step for each object."""
    return in_review(who.author, objects, [cluster], timezone.now())


def approve(change: ChangeRequest, who: People) -> None:
    plan = change.plan
    if plan is None:
        raise RuntimeError("The change has no plan.")
    changes.approve(change=change, plan_hash=plan.hash, by=who.approver, at=timezone.now())


def engines(prefix: str, count: int, mark: str) -> list[Manifest]:
    """`count` objects that no controller waits for, a third each: Deployments like an engine's
    (about 2.5 KB), Services, ConfigMaps. Another `mark` changes every one of them."""
    makers = (_deployment, _service, _config_map)
    return [makers[place % 3](f"{prefix}-{place // 3}", mark) for place in range(count)]


def _named(api_version: str, kind: str, name: str, mark: str, **parts: Any) -> Manifest:
    labels = {"app": name, "waybill/placement": name, "mark": mark}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def _deployment(name: str, mark: str) -> Manifest:
    probe = {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 10}
    engine = {
        "name": "modelserver",
        "image": IMAGE,
        "args": [f"--{word}={number}" for number, word in enumerate(FLAGS)],
        "env": [{"name": f"ENGINE_{word.upper()}", "value": "1"} for word in FLAGS],
        "ports": [{"name": "http", "containerPort": 8000}],
        "startupProbe": {**probe, "failureThreshold": 360},
        "livenessProbe": probe,
        "readinessProbe": probe,
        "resources": {"limits": {"nvidia.com/gpu": "2", "cpu": "16", "memory": "128Gi"}},
        "volumeMounts": [{"name": "shm", "mountPath": "/dev/shm"}],  # noqa: S108  (a mount)
    }
    pod = {
        "containers": [engine],
        "volumes": [{"name": "shm", "emptyDir": {"medium": "Memory"}}],
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
        "nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-H100-NVL"},
    }
    spec = {
        "replicas": 2,
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
    }
    return _named("apps/v1", "Deployment", name, mark, spec=spec)


def _service(name: str, mark: str) -> Manifest:
    ports = [{"name": "http", "port": 8000, "targetPort": "http"}]
    return _named("v1", "Service", name, mark, spec={"selector": {"app": name}, "ports": ports})


def _config_map(name: str, mark: str) -> Manifest:
    return _named("v1", "ConfigMap", name, mark, data={"config.yaml": f"mark: {mark}\n" * 20})
