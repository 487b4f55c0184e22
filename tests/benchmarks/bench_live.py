"""P16, sse-fanout: from a commit on PostgreSQL to a thousand streams of one process.

The control is a page that asks every two seconds: half of that is how late it is in the middle.
"""

import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from django.db import transaction

from inference import events
from inference.accounts.models import Membership, User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from tests.api.callers import sign_in
from tests.benchmarks import installation
from tests.benchmarks.report import Row
from tests.benchmarks.viewers import looking
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.changes import planned
from tests.factories.clusters import ClusterFactory
from tests.live.house import console

VIEWERS = 1000
PER_PERSON = 20
ROUNDS = 20
POLL = 2.0
CPU_BUDGET = 0.15
"""Seconds of the serving process for a round of a thousand, whoever else is at work here."""


def measure() -> Iterator[Row]:
    with installation.folder() as where, installation.database(where) as who:
        cluster = ClusterFactory.create(name="east-0")
        change = planned(who.author, cluster=cluster)
        sessions = [sign_in(viewer(change)) for _ in range(VIEWERS // PER_PERSON)]
        with console() as (port, process):
            yield from fan_out(port, process, change, cluster, sessions)


def viewer(change: ChangeRequest) -> User:
    user: User = UserFactory.create()
    MembershipFactory.create(team=change.team, user=user, role=Membership.Role.VIEWER)
    return user


def rename(change: ChangeRequest, cluster: Cluster, name: str) -> float:
    """A row that the page shows, changed as a push changes one. Returns when that was committed."""
    with transaction.atomic():
        Cluster.objects.filter(pk=cluster.pk).update(name=name)
        events.announce(f"delivery:{change.pk}/1")
    return time.time()


def query_of(change: ChangeRequest) -> str:
    return urlencode({"topic": f"delivery:{change.pk}"})


def fan_out(
    port: int,
    process: "subprocess.Popen[bytes]",
    change: ChangeRequest,
    cluster: Cluster,
    sessions: list[str],
) -> Iterator[Row]:
    before = memory(process)
    with looking(port, query_of(change), sessions, VIEWERS) as viewers:
        each = (memory(process) - before) / VIEWERS
        late, middles, lost, spent = [], [], 0, cpu(process)
        for number in range(1, ROUNDS + 1):
            word = f"east-{number}"
            viewers.expect(word)
            committed = rename(change, cluster, word)
            arrived = viewers.wait(word)
            late += [at - committed for at in arrived]
            middles.append(statistics.median(at - committed for at in arrived))
            lost += VIEWERS - len(arrived)
        spent = cpu(process) - spent
    late.sort()
    # Of the rounds, because a neighbour who takes the processor spoils some of them, not all.
    middle, most = statistics.median(middles), late[int(len(late) * 0.99)]
    delivery = spent / (VIEWERS * ROUNDS) * 1e6
    notes = (
        f"{VIEWERS} streams on one process: p50 {middle * 1000:.0f} ms, p99 {most * 1000:.0f} ms,"
        f" CPU {delivery:.0f} µs a delivery, {each / 1024:.0f} KiB a stream; half a poll is 1 s"
    )
    yield Row("live-1000-viewers", middle / (POLL / 2), 0.15, notes)
    round_cpu = spent / ROUNDS
    yield Row("live-cpu", round_cpu / CPU_BUDGET, 1.0, f"{round_cpu * 1000:.0f} ms a round, to 150")
    yield Row("live-lost", float(lost), 0.0, f"of {VIEWERS * ROUNDS} deliveries")


def cpu(process: "subprocess.Popen[bytes]") -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def memory(process: "subprocess.Popen[bytes]") -> int:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0
