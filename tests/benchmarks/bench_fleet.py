"""P4, push-fanout: 20 new objects on each of 1, 10, 30 and 100 clusters at once.

Gated by counts and by growth, which two cores shared with a hundred servers disturb little:
requests per object, and the exponent of our CPU, with PostgreSQL's, in the number of clusters.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID, uuid4

from django.db import close_old_connections
from django.utils import timezone

from inference.changes.models import ChangeRequest
from inference.clusters.client.connection import Connection
from inference.clusters.credentials import seal
from inference.clusters.models import Cluster
from inference.delivery import actions, tasks
from inference.delivery.models import Push
from tests.benchmarks import installation
from tests.benchmarks.fleet import Fleet, Member, sailing
from tests.benchmarks.installation import People
from tests.benchmarks.processes import cpu_of, postgres_pid
from tests.benchmarks.report import Cost, Row, cost
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.factories.delivery import NAMESPACE, Put, config_map, in_review

OBJECTS = 20
SIZES = (1, 10, 30, 100)
RUNS = 3
WORKERS = 16

_marks = count(1)


@dataclass
class Push20:
    """Objects on the first clusters of a fleet, new ones each time."""

    who: People
    clusters: Sequence[Cluster]
    definition: UUID = field(default_factory=uuid4)

    def change(self, size: int) -> ChangeRequest:
        mark = next(_marks)
        names = [f"object-{mark}-{place}" for place in range(OBJECTS)]
        puts = [Put(config_map(name), definition_id=self.definition) for name in names]
        change = in_review(self.who.author, puts, self.clusters[:size], timezone.now())
        installation.approve(change, self.who)
        return change

    def push(self, change: ChangeRequest, size: int) -> None:
        actions.start(change=change, at=timezone.now())
        with ThreadPoolExecutor(WORKERS) as pool:
            for _ in pool.map(_converge, self.clusters[:size]):
                pass
        for push in Push.objects.filter(change=change, state=Push.State.VERIFYING):
            tasks.verify(str(push.pk))
        change.refresh_from_db()
        if change.state != ChangeRequest.State.SUCCEEDED:
            raise RuntimeError(f"The push is {change.state}: {change.problem_code}")


def _converge(cluster: Cluster) -> None:
    tasks.converge(str(cluster.pk))
    close_old_connections()


def measure() -> Iterator[Row]:
    with (
        installation.folder() as folder,
        installation.database(folder) as who,
        sailing(max(SIZES), NAMESPACE) as fleet,
    ):
        clusters = [_connect(who, number, one) for number, one in enumerate(fleet.members)]
        found = {size: _costs(Push20(who, clusters), fleet, size) for size in SIZES}
    cpu = {size: statistics.median(one.cpu for one in costs) for size, (costs, _) in found.items()}
    told = ", ".join(f"{size}: {seconds:.2f} s" for size, seconds in cpu.items())
    yield Row("push-fleet-cpu-exponent", exponent(cpu), 1.05, f"CPU by clusters: {told}")
    most = max(requests for _, requests in found.values())
    yield Row("push-fleet-requests", most / OBJECTS, 1.0, f"{most} for {OBJECTS} objects, at most")


def _costs(push: Push20, fleet: Fleet, size: int) -> tuple[list[Cost], int]:
    """Of warm pushes, and the largest number of requests that one asked of one cluster."""
    push.push(push.change(size), size)
    pid, costs, most = postgres_pid(), [], 0
    for _ in range(RUNS):
        change = push.change(size)
        before = fleet.answered()
        costs.append(cost(lambda change=change: push.push(change, size), lambda: cpu_of(pid)))
        after = fleet.answered()
        most = max(most, *(late - early for early, late in zip(before, after, strict=True)))
    return costs, most


def _connect(who: People, number: int, one: Member) -> Cluster:
    cluster: Cluster = ClusterFactory.create(
        name=f"member-{number}", server=one.url, ca_pem=one.ca_pem, identity=one.identity
    )
    connection = Connection(one.url, one.ca_pem, token=one.token)
    seal(cluster, connection, version=1, at=timezone.now()).save()
    team = who.author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=cluster, team=team, namespace=NAMESPACE)
    return cluster


def exponent(cost_by_size: dict[int, float]) -> float:
    """The b of `cost = a * size ** b` that fits best on both logarithmic scales."""
    points = [(math.log(size), math.log(found)) for size, found in cost_by_size.items()]
    x, y = (statistics.fmean(side) for side in zip(*points, strict=True))
    over = sum((one - x) * (other - y) for one, other in points)
    return over / sum((one - x) ** 2 for one, _ in points)
