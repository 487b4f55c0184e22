"""A console at work on a simulated cluster, one model behind one route, and an observer apart."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from django.db import transaction
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from console.demo import deeds, documents, people
from console.demo.clusters import DemoCluster, simulated
from console.demo.company import Company
from console.demo.people import CHAT
from console.demo.worlds import H100S, Place
from inference import events
from inference.accounts.models import User
from inference.changes import actions
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest
from inference.clusters.models import WatchState
from inference.definitions.models import Placement, Route, ServedModel
from inference.events.models import Notice
from inference.rendering.objects import PLACEMENT
from inference.simulator.world import WorldConfig
from tests import databases

SETTINGS = {
    "WAYBILL_LEASE_SECONDS": "6",  # a fifth, so that a dead observer shows in a fifth of the time
    "WAYBILL_SETTLE_SECONDS": "1",
    "WAYBILL_PROBE_SECONDS": "600",  # nothing is heard of a route but what these tests do
    "WAYBILL_LOG_LEVEL": "ERROR",
}
WORLD = WorldConfig(nodes=(H100S,), pace=0.05, crash_backoff=1)
PATIENCE = 60.0
Entries = Sequence[dict[str, Any]]


@dataclass
class World:
    """`observer` may be killed and started again; `cluster` lives in this process."""

    folder: Path
    address: str
    cluster: DemoCluster
    observer: "subprocess.Popen[bytes] | None" = None
    logs: list[str] = field(default_factory=list)

    @property
    def placement(self) -> Placement:
        return Placement.objects.live().get()

    @property
    def route(self) -> Route:
        return Route.objects.live().get()

    def kubectl(self, *words: str) -> str:
        """As somebody who goes behind Waybill's back."""
        path = self.folder / "kubeconfig"
        assert self.cluster.simulated is not None
        path.write_text(json.dumps(self.cluster.simulated.kubeconfig()))
        program = Path(os.environ["KUBEBUILDER_ASSETS"]) / "kubectl"
        command = [program, "--kubeconfig", path, "-n", "llm-chat", *words]
        done = subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE, text=True)
        return str(done.stdout)

    def scale(self, replicas: int) -> None:
        name = f"deployment/{self.placement.object_name}"
        self.kubectl("scale", name, f"--replicas={replicas}")

    def replicas(self) -> int:
        """What the cluster has been told."""
        name = f"deployment/{self.placement.object_name}"
        return int(self.kubectl("get", name, "-o", "jsonpath={.spec.replicas}"))

    def approve(self) -> None:
        """The newest change, when it is planned; until it has reached the cluster."""
        change = ChangeRequest.objects.order_by("-pk")[0]
        mine = ChangeRequest.objects.filter(pk=change.pk)
        until(mine.filter(state=ChangeRequest.State.IN_REVIEW).exists)
        change.refresh_from_db()
        assert change.plan
        approver = User.objects.get(username="approver")
        actions.approve(change=change, plan_hash=change.plan.hash, by=approver, at=timezone.now())
        until(mine.filter(state=ChangeRequest.State.SUCCEEDED).exists)

    def settle(self, replicas: int) -> None:
        """The definition says so many again, by a change."""
        model = ServedModel.objects.live().get()
        (placement,) = model.document["placements"]
        document = model.document | {"placements": [placement | {"replicas": replicas}]}
        edit = Proposal("update", "served-model", model.name, document=document, title=model.title)
        author, at = User.objects.get(username="author"), timezone.now()
        self.scale(replicas)
        change = actions.draft(
            team=model.team, title="", reason="as it was", edits=[edit], by=author, at=at
        )
        actions.submit(change=change, version=change.version, by=author, at=at)
        self.approve()

    def another_route(self) -> Route:
        """A row as a change leaves it, and its notice."""
        route = self.route
        made = Route(
            team=route.team,
            name="chat-b",
            document=route.document,
            gateway=route.gateway,
            namespace=route.namespace,
            hostname="b.example.com",
            object_name="chat-b-x",
            created_at=timezone.now(),
            updated_at=timezone.now(),
        )
        with transaction.atomic():
            made.save(force_insert=True)
            events.announce(f"route:{made.pk}")
        return made

    def play(self, **fate: Any) -> None:
        """What happens to engines that start from now on."""
        running_one = self.cluster.simulated
        assert running_one is not None
        world = running_one.world
        assert world is not None
        selector = {PLACEMENT: self.placement.object_name}
        entry = {"selector": selector, "container": "modelserver", **fate}
        running_one.call(lambda: setattr(world, "scenarios", [entry] if fate else []))

    def observe(self) -> None:
        self.observer = _process(self.folder / "observe.log", "manage.py", "observe")

    def end_observer(self) -> None:
        """As a machine that loses its power does."""
        if self.observer is not None:
            self.observer.kill()
            self.observer.wait(PATIENCE)
            self.observer = None

    def rounds(self, count: int) -> None:
        """Wait until the observer has written `count` times that it is there."""
        for _ in range(count):
            before = _heard()
            until(lambda was=before: _heard() != was)

    def renders(self, topic: str) -> int:
        """How many times the console has rendered a topic of this kind."""
        with urlopen(f"{self.address}/metrics", timeout=PATIENCE) as answer:  # noqa: S310  (ours)
            families = list(text_string_to_metric_families(answer.read().decode()))
        return sum(
            int(sample.value)
            for family in families
            for sample in family.samples
            if sample.name == "waybill_live_renders_total" and sample.labels["topic"] == topic
        )


def _process(log: Path, *words: str) -> "subprocess.Popen[bytes]":
    """One of ours, on the rows of this test. What it prints stands in `log`."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=databases.ROOT,
            env=os.environ | SETTINGS | {"DATABASE_URL": databases.url()},
            stdout=out,
            stderr=out,
        )


@contextmanager
def _at_work(folder: Path) -> Iterator[str]:
    """Its address."""
    log = folder / "console.log"
    process = _process(log, "-m", "tests.live.at_work")
    try:
        until(lambda: "http://" in log.read_text())
        yield log.read_text().split()[-1]
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _heard() -> Any:
    return WatchState.objects.order_by("-heard_at").values_list("heard_at", flat=True).first()


def notices() -> int:
    """How many transactions have announced something until now."""
    return Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def until(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


@contextmanager
def prepared(folder: Path) -> Iterator[tuple[World, Company]]:
    """A console that knows its people, and a cluster that nobody has entered yet."""
    place = Place("east", "East", "prod", {CHAT: "llm-chat"}, WORLD)
    with ExitStack() as stack:
        stack.enter_context(databases.shared_file(folder))
        address = stack.enter_context(_at_work(folder))
        (cluster,) = stack.enter_context(simulated([place]))
        world = World(folder, address, cluster)
        stack.callback(world.end_observer)
        yield world, Company.at(address, people.make(timezone.now()), world.logs.append)


@contextmanager
def standing(folder: Path) -> Iterator[World]:
    """One model of two replicas behind one route, brought about by a change that was approved."""
    with prepared(folder) as (world, company):
        deeds.connect(company, [world.cluster])
        world.observe()
        _serve(company, world.cluster)
        yield world


def _serve(company: Company, cluster: DemoCluster) -> None:
    document = documents.model("hf://Qwen/Qwen3-8B", "qwen3", "h100-east", replicas=2)
    members = [("qwen3", "h100-east", 1)]
    face = documents.route(cluster.gateway, "chat.example.com", members)
    edits = [
        documents.create("hardware-pool", "h100-east", "H100", documents.h100("east")),
        documents.create("served-model", "qwen3", "Qwen3 8B", document),
        documents.create("route", "chat", "Chat", face),
    ]
    number = deeds.propose(company, CHAT, "Serve Qwen3", "The chat team asks", edits)
    deeds.approve(company, number, deeds.planned(company, number))
    deeds.until(company, number, "the end", ("succeeded", "partial", "failed"))
