"""P1 and P2, push-cpu and push-wall: 300 changed objects, and `kubectl apply --server-side`.

Ours counts from the approval to the recorded end: decision, start, requests, outcomes, with
PostgreSQL's share. The peer is the kubectl of the server's own version without validation, its
quickest way. Both sign in as the ServiceAccount that Waybill works as.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

from django.utils import timezone

from console.celery import spare_what_stays
from inference.changes.models import ChangeRequest
from inference.clusters.connecting import connect
from inference.clusters.models import Cluster
from inference.delivery import actions, tasks
from inference.delivery.hands import Hands
from inference.delivery.models import DesiredObject, Push
from inference.manifests import Manifest, ObjectRef, canonical
from tests.benchmarks import installation
from tests.benchmarks.delay_proxy import delayed
from tests.benchmarks.installation import People, Server
from tests.benchmarks.processes import cpu_of, postgres_pid
from tests.benchmarks.report import Row, prepared_pairs
from tests.contract import control_plane
from tests.contract.actors import Credentials
from tests.factories.delivery import Put

OBJECTS = 300
ROUND_TRIP = 0.05

_marks = (f"m{number}" for number in count(1))


@dataclass
class Waybill:
    """One cluster as Waybill pushes to it."""

    who: People
    cluster: Cluster
    definition: UUID = field(default_factory=uuid4)

    def push(self) -> Callable[[], None]:
        """A change of every object, in review: what is left is what is measured."""
        rows = DesiredObject.objects.filter(cluster=self.cluster)
        uids = {(row.kind, row.name): row.live_uid for row in rows}
        puts = [
            Put(
                one,
                uid=uids.get((one["kind"], one["metadata"]["name"]), ""),
                definition_id=self.definition,
            )
            for one in installation.engines(self.cluster.name, OBJECTS, next(_marks))
        ]
        return partial(self._carry_out, installation.proposed(self.who, self.cluster, puts))

    def _carry_out(self, change: ChangeRequest) -> None:
        installation.approve(change, self.who)
        actions.start(change=change, at=timezone.now())
        tasks.converge(str(self.cluster.pk))
        for push in Push.objects.filter(change=change, state=Push.State.VERIFYING):
            tasks.verify(str(push.pk))
        change.refresh_from_db()
        if change.state != ChangeRequest.State.SUCCEEDED:
            raise RuntimeError(f"The push is {change.state}: {change.problem_code}")

    def send(self) -> Callable[[], None]:
        """The requests alone, through the same door."""
        client = connect(self.cluster)
        bodies = [
            (ObjectRef.of(one), canonical(one).encode())
            for one in installation.engines(self.cluster.name, OBJECTS, next(_marks))
        ]

        def run() -> None:
            Hands()(client.window, lambda one: client.apply(*one), bodies)

        return run


@dataclass
class Kubectl:
    """kubectl on objects of its own."""

    server: Server
    port: int
    folder: Path
    prefix: str

    def push(self) -> Callable[[], object]:
        file = self.folder / f"{self.prefix}.json"
        items: list[Manifest] = installation.engines(self.prefix, OBJECTS, next(_marks))
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        config = self.folder / f"{self.prefix}.kubeconfig"
        credentials = Credentials(token=self.server.token)
        address = f"https://127.0.0.1:{self.port}"
        found = control_plane.kubeconfig(address, self.server.plane.ca, credentials)
        config.write_text(json.dumps(found))
        command = [
            *(str(control_plane.assets() / "kubectl"), f"--kubeconfig={config}"),
            *(f"--cache-dir={self.folder}", "apply", "--server-side", "--validate=false"),
            *("-f", str(file)),
        ]
        return lambda: subprocess.run(command, check=True, capture_output=True)


def measure() -> Iterator[Row]:
    with (
        installation.folder() as folder,
        installation.server(folder) as server,
        installation.database(folder) as who,
    ):
        spare_what_stays()  # as a worker does
        yield from _near(server, who, folder)
        with delayed(server.port, ROUND_TRIP) as port:
            yield _far(server, who, folder, port)


def _near(server: Server, who: People, folder: Path) -> Iterator[Row]:
    ours = Waybill(who, installation.connect(server, who, "near", server.port))
    peer = Kubectl(server, server.port, folder, "near-peer")
    pid = postgres_pid()
    mine, theirs, wall, cpu = prepared_pairs(
        ours.push, peer.push, elsewhere=lambda: cpu_of(pid), runs=5
    )
    notes = f"{mine.cpu:.2f} s with PostgreSQL, kubectl {theirs.cpu:.2f} s, {OBJECTS} objects"
    yield Row("push-cpu", cpu, 1.0, notes)
    yield Row("push-wall-0", wall, 1.0, f"{mine.wall:.2f} s, kubectl {theirs.wall:.2f} s")
    mine, theirs, _, cpu = prepared_pairs(ours.send, peer.push, runs=5)
    yield Row("push-applier-cpu", cpu, 0.4, f"{mine.cpu:.2f} s, kubectl {theirs.cpu:.2f} s")


def _far(server: Server, who: People, folder: Path, port: int) -> Row:
    ours = Waybill(who, installation.connect(server, who, "far", port))
    peer = Kubectl(server, port, folder, "far-peer")
    mine, theirs, wall, _ = prepared_pairs(ours.push, peer.push, runs=3)
    notes = f"{mine.wall:.2f} s, kubectl {theirs.wall:.2f} s at {ROUND_TRIP * 1000:.0f} ms"
    return Row("push-wall-50", wall, 0.12, notes)
