"""A cluster that ladders stand on, with a real observer, and what was said of every case."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from django.utils import timezone

from console.demo.bootstrap import prepare
from inference.clusters.client.connection import Connection
from inference.clusters.client.door import ClusterClient
from inference.clusters.credentials import seal
from inference.clusters.models import Cluster, EgressRange
from inference.clusters.tasks import look
from inference.observation import readiness
from inference.observation.freshness import views
from inference.observation.ladder import Readiness
from inference.rendering.objects import Phase
from tests import databases
from tests.contract.actors import Actor, Credentials
from tests.factories.clusters import ClusterFactory, GatewayFactory, GrantFactory
from tests.observation.ladder_objects import GATEWAYS, HALF, SECRET, UNCLAIMED, Case, Object
from tests.rendering.generator import NAMESPACE

LOOPBACK = ip_network("127.0.0.0/8")
PATIENCE = 120.0
PORT = 80


@dataclass
class Stage:
    """`admin` acts behind Waybill's back, `ours` as its account; `play` sets the scenario."""

    cluster: Cluster
    admin: Actor
    ours: ClusterClient
    play: Callable[[Sequence[Object]], None]
    said: dict[str, list[Readiness]] = field(default_factory=lambda: defaultdict(list))

    def push(self, case: Case, *phases: Phase) -> None:
        """As delivery does, and nothing else: the bytes that were rendered."""
        for one in case.objects(*phases):
            self.ours.apply(one.ref, one.body.encode())

    def perform(self, cases: Sequence[Case]) -> None:
        """Everything side by side: compute, what happens meanwhile, picker, what happens then."""
        self.play([case.scenario for case in cases if case.fate])
        for case in cases:
            self.push(case, Phase.COMPUTE)
            self.listen(cases)
        for case in cases:
            if case.between:
                case.between(case, self.admin)
            self.push(case, *(phase for phase in Phase if Phase.COMPUTE < phase <= case.until))
            self.listen(cases)
        for case in cases:
            if case.after:
                case.after(case, self.admin)
            self.listen(cases)

    def arrives(self, case: Case, cases: Sequence[Case]) -> Readiness:
        """What is said of a case once it is what is expected; in the end, whatever is said."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.listen(cases)
            found = self.said[case.name][-1]
            if is_expected(found, case) or time.monotonic() > deadline:
                return found
            time.sleep(0.2)

    def listen(self, cases: Sequence[Case]) -> None:
        """Ask for the readiness of every case, and keep what is new."""
        pk = self.cluster.pk
        of = {kind: [case for case in cases if case.of == kind] for kind in ("placement", "route")}
        placements = readiness.placements(case.subject(pk) for case in of["placement"])
        routes = readiness.routes((case.subject(pk), case.place) for case in of["route"])
        for case in cases:
            found = (placements if case.of == "placement" else routes)[case.id]
            if found not in self.said[case.name]:
                self.said[case.name].append(found)
            elif found != self.said[case.name][-1]:
                self.said[case.name].remove(found)
                self.said[case.name].append(found)


def is_expected(found: Readiness, case: Case) -> bool:
    wanted = (case.rung, case.message, case.is_moving)
    return (found.rung, found.message, found.is_moving) == wanted


@contextmanager
def stage(
    folder: Path, administrator: Connection, play: Callable[[Sequence[Object]], None]
) -> Iterator[Stage]:
    """A cluster made ready as a platform engineer would, and watched by `manage.py observe`."""
    with ExitStack() as stack:
        admin = _actor(folder, administrator)
        stack.callback(admin.pool.close)
        prepared = prepare(
            administrator,
            "east",
            networks=[LOOPBACK],
            namespaces=[NAMESPACE],
            gateway="llm",
            port=PORT,
        )
        ours = ClusterClient(prepared.connection, allowed_networks=[LOOPBACK])
        stack.callback(ours.close)
        _furnish(admin)
        cluster = _connected(prepared.connection, ours)
        stack.enter_context(_observing(folder))
        _wait_until_seen(cluster)
        yield Stage(cluster, admin, ours, play)


def _furnish(admin: Actor) -> None:
    """What a platform team has in its cluster: secrets, and gateways good and bad."""
    secret = {"metadata": {"name": SECRET, "namespace": NAMESPACE}, "data": {"HF_TOKEN": "aGY="}}
    here = {"namespace": GATEWAYS}
    allowed = {"namespaces": {"from": "All"}}
    http = {"name": "http", "port": PORT, "protocol": "HTTP", "allowedRoutes": allowed}
    tls = {"mode": "Terminate", "certificateRefs": [{"name": "nobodys"}]}
    https = {**http, "name": "tls", "port": 443, "protocol": "HTTPS", "tls": tls}
    version = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway"}
    spec = {"gatewayClassName": _class_of(admin), "listeners": [http, https]}
    for obj in (
        {"apiVersion": "v1", "kind": "Secret", **secret},
        {**version, "metadata": {"name": HALF, **here}, "spec": spec},
        {
            **version,
            "metadata": {"name": UNCLAIMED, **here},
            "spec": {"gatewayClassName": "of-nobody", "listeners": [http]},
        },
    ):
        answer = admin.apply(obj, manager="platform", force="true")
        assert answer.status in {200, 201}, answer.content


def _class_of(admin: Actor) -> str:
    return min(admin.names("GatewayClass", ""))


def _actor(folder: Path, connection: Connection) -> Actor:
    """The administrator of a kubeconfig, as somebody who sends what no product would."""
    ca, certificate, key = (folder / name for name in ("ca.crt", "admin.crt", "admin.key"))
    ca.write_text(connection.ca_pem)
    certificate.write_text(connection.client_cert_pem)
    key.touch(0o600)
    key.write_text(connection.client_key_pem)
    by = Credentials(token=connection.token)
    if connection.client_cert_pem:
        by = Credentials(certificate, key)
    return Actor("admin", connection.server, ca, by)


def _connected(connection: Connection, ours: ClusterClient) -> Cluster:
    EgressRange.objects.create(cidr=str(LOOPBACK), reason="tests")
    cluster: Cluster = ClusterFactory.create(
        name="east",
        server=connection.server,
        ca_pem=connection.ca_pem,
        tls_server_name=connection.tls_server_name,
        identity="",
    )
    seal(cluster, connection, version=1, at=timezone.now()).save()
    Cluster.objects.filter(pk=cluster.pk).update(**look(cluster, ours, at=timezone.now()))
    GrantFactory.create(cluster=cluster, namespace=NAMESPACE)
    GatewayFactory.create(cluster=cluster, namespace=GATEWAYS, name="llm")
    return cluster


def _wait_until_seen(cluster: Cluster) -> None:
    scope = (cluster.pk, NAMESPACE)
    deadline = time.monotonic() + PATIENCE
    while views([scope])[scope].blind_to("Deployment", "Pod", "InferencePool", "HTTPRoute"):
        assert time.monotonic() < deadline, "no observer has looked"
        time.sleep(0.1)


@contextmanager
def _observing(folder: Path) -> Iterator[None]:
    """The product's own observer, in its own process, on the rows of this test."""
    with (folder / "observe.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "observe"],
            cwd=databases.ROOT,
            env=os.environ | {"DATABASE_URL": databases.url()},
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
