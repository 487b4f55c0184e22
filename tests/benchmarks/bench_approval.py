"""P7, approve-to-accepted: from the approver's POST to the object in the cluster.

Processes as in production: granian, a Celery worker, Redis, PostgreSQL, a real API server. What is
compared is how much later than a raw PATCH on a warm connection; the target of 1.0 is 40 ms later.
Each finds the system idle: the push before has been verified, and nothing is due.
"""

import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from queue import Queue

import orjson
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from inference.accounts.tokens import issue
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.outbox.models import OutboxEntry
from tests import databases, servers
from tests.benchmarks import installation
from tests.benchmarks.delay_proxy import delayed
from tests.benchmarks.installation import People, Server
from tests.benchmarks.report import Row
from tests.contract.actors import Actor
from tests.factories.delivery import NAMESPACE, Put, config_map

ROOT = Path(__file__).resolve().parents[2]
LATER = 0.040
ROUND_TRIP = 0.05
RUNS = 15
WARM_UPS = 6
"""A connection prepares a statement at its sixth use."""
PATIENCE = 30
SETTLED = 0.3
"""Seconds that processes have to close what they had open."""

_names = (f"fresh-{number}" for number in count(1))


@dataclass
class Arrivals:
    """When each new ConfigMap was stored, as a watch of the administrator tells it."""

    seen: "Queue[tuple[str, float]]"

    def wait(self, name: str) -> float:
        deadline = time.monotonic() + PATIENCE
        while (left := deadline - time.monotonic()) > 0:
            found, at = self.seen.get(timeout=left)
            if found == name:
                return at
        raise TimeoutError(name)


@contextmanager
def arrivals(root: Actor) -> Iterator[Arrivals]:
    seen: Queue[tuple[str, float]] = Queue()
    version = root.list("ConfigMap", NAMESPACE).body["metadata"]["resourceVersion"]

    def follow() -> None:
        options = {"resourceVersion": version, "timeoutSeconds": 600}
        with root.watch("ConfigMap", NAMESPACE, **options) as watch:
            while event := watch.next():
                name = event["object"]["metadata"]["name"]
                seen.put((name, time.perf_counter()))
                if name == "the-end":
                    return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield Arrivals(seen)
    finally:
        root.apply(config_map("the-end"), manager="administrator")
        thread.join(PATIENCE)


@contextmanager
def processes(broker: str, folder: Path) -> Iterator[str]:
    """A web server and a worker, ended in the end; yields the address of the first."""
    environment = {
        **os.environ,
        "DATABASE_URL": databases.url(),
        "WAYBILL_BROKER_URL": broker,
        "WAYBILL_LOG_LEVEL": "ERROR",
    }
    port = servers.free_port()
    commands = (
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
            *("--port", str(port), "--log-level", "error", "console.wsgi:application"),
        ],
        [
            *(sys.executable, "-m", "celery", "-A", "console", "worker", "-P", "threads"),
            *("--concurrency", "16", "--loglevel", "ERROR"),
        ],
    )
    with ExitStack() as stack:
        log = stack.enter_context((folder / "processes.log").open("wb"))
        for command in commands:
            started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            stack.callback(started.wait, PATIENCE)
            stack.callback(started.terminate)
        address = f"http://127.0.0.1:{port}"
        _until_healthy(f"{address}/healthz")
        yield address


def _until_healthy(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address):  # noqa: S310  (our own, on loopback)
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)


@dataclass
class Approver:
    """Somebody who approves by REST."""

    who: People
    address: str
    token: str

    def approve(self, cluster: Cluster, name: str, arrivals: Arrivals) -> float:
        """Seconds from the request to the arrival."""
        change = installation.proposed(self.who, cluster, [Put(config_map(name))])
        if change.plan is None:
            raise RuntimeError("The change has no plan.")
        request = urllib.request.Request(  # noqa: S310  (our own, on loopback)
            f"{self.address}/api/v1/change-requests/{change.pk}/approve/",
            data=orjson.dumps({"plan_hash": change.plan.hash}),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        began = time.perf_counter()
        with urllib.request.urlopen(request):  # noqa: S310  (our own, on loopback)
            seconds = arrivals.wait(name) - began
        _until_idle(change)
        return seconds


def _until_idle(change: ChangeRequest) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        change.refresh_from_db(fields=["state"])
        if change.state == ChangeRequest.State.SUCCEEDED and not _due().exists():
            time.sleep(SETTLED)
            return
        time.sleep(0.02)
    raise TimeoutError(f"{change} is {change.state}.")


def _due() -> QuerySet[OutboxEntry]:
    """What a worker would do now."""
    return OutboxEntry.objects.filter(due_at__lte=Now())


def raw(root: Actor, name: str, arrivals: Arrivals) -> float:
    began = time.perf_counter()
    root.apply(config_map(name), manager="administrator")
    return arrivals.wait(name) - began


def measure() -> Iterator[Row]:
    with (
        installation.folder() as folder,
        installation.server(folder) as server,
        installation.database(folder) as who,
        servers.redis(folder) as broker,
        processes(broker, folder) as address,
        arrivals(server.root) as found,
    ):
        approver = Approver(who, address, _token(who))
        near = installation.connect(server, who, "near", server.port)
        yield _row("approve-to-accepted", approver, near, server.root, found)
        with delayed(server.port, ROUND_TRIP) as port:
            far = installation.connect(server, who, "far", port)
            root = _through(server, port)
            yield _row("approve-to-accepted-50", approver, far, root, found)


def _row(name: str, approver: Approver, cluster: Cluster, root: Actor, found: Arrivals) -> Row:
    for _ in range(WARM_UPS):
        approver.approve(cluster, next(_names), found)
        raw(root, next(_names), found)
    pairs = [
        (approver.approve(cluster, next(_names), found), raw(root, next(_names), found))
        for _ in range(RUNS)
    ]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    later = statistics.median(mine - other for mine, other in pairs)
    notes = f"{ours * 1000:.1f} ms, raw PATCH {theirs * 1000:.1f} ms; 1.0 is {LATER * 1000:.0f} ms"
    return Row(name, later / LATER, 1.0, notes)


def _through(server: Server, port: int) -> Actor:
    return Actor("root", f"https://127.0.0.1:{port}", server.plane.ca, server.root.credentials)


def _token(who: People) -> str:
    now = timezone.now()
    _, token = issue(
        owner=who.approver,
        name="bench",
        scopes={"propose", "approve"},
        expires_at=now + timedelta(days=1),
        by=who.approver,
        at=now,
    )
    return token
