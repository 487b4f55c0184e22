"""What waiting costs: nothing while an observer looks, one question for each workload without."""

from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.changes.models import ChangeRequest, PlanStep
from inference.clusters.models import Cluster
from inference.delivery import actions, tasks
from inference.delivery.answering import ASK
from inference.delivery.models import Push
from inference.health.members import members
from inference.outbox.models import OutboxEntry
from inference.rendering.objects import Phase
from tests.delivery.attendance import observed, until
from tests.delivery.conftest import REAL
from tests.delivery.controllers import GATEWAYS, follow, open_gateway
from tests.delivery.journal import Request
from tests.delivery.peer import Peer
from tests.delivery.scenarios import pushed, routed
from tests.factories.delivery import NAMESPACE, Put, approved, config_map

LOOKS = 3

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("server", [REAL], indirect=True),
]


@pytest.fixture
def routing(
    database: None, author: User, approver: User, peer: Peer, east: Cluster
) -> ChangeRequest:
    """An approved model and route, for a cluster that this process has pushed to before."""
    open_gateway(peer)
    pushed(approved(author, approver, [Put(config_map("warm"))], cluster=east), east)
    return routed(author, approver, east, peer)


def begin(change: ChangeRequest, cluster: Cluster) -> Push:
    """As far as the route, which waits."""
    actions.start(change=change, at=timezone.now())
    tasks.converge(str(cluster.pk))
    push = Push.objects.get(change=change)
    assert push.phase == Phase.WAIT
    return push


def test_a_push_that_waits_asks_nothing_while_an_observer_looks(
    routing: ChangeRequest, peer: Peer, east: Cluster, tmp_path: Path
) -> None:
    place = peer.journal.place()

    with observed(tmp_path):
        push = begin(routing, east)
        for _ in range(LOOKS):
            tasks.converge(str(east.pk))
        until(lambda: is_finished(push, peer))

    assert push.state == Push.State.SUCCEEDED
    asked = Counter(whose(one) for one in peer.asked_since(place))
    steps = PlanStep.objects.filter(plan=push.plan).count()
    assert asked.pop("observer")
    assert asked == {"patch": steps}


def whose(request: Request) -> str:
    """An observer lists, watches, and looks whether its namespaces are there and who answers."""
    places = (NAMESPACE, GATEWAYS, "kube-system")
    looks = request.path in {f"/api/v1/namespaces/{place}" for place in places}
    return "observer" if request.verb in {"list", "watch"} or looks else request.verb


def is_finished(push: Push, peer: Peer) -> bool:
    """Controllers follow, and whoever is due looks again."""
    follow(peer)
    tasks.converge(str(push.cluster_id))
    tasks.verify(str(push.pk))
    for key in OutboxEntry.objects.filter(topic=ASK).values_list("key", flat=True):
        members(key)
    push.refresh_from_db()
    return push.is_finished


def test_a_push_that_nobody_observes_asks_once_for_each_workload_and_look(
    routing: ChangeRequest, peer: Peer, east: Cluster
) -> None:
    begin(routing, east)
    place = peer.journal.place()

    for _ in range(LOOKS):
        tasks.converge(str(east.pk))

    asked = peer.asked_since(place)
    assert {(one.verb, one.resource) for one in asked} == {("get", "deployments")}
    assert len(asked) == LOOKS * len({one.name for one in asked}) == LOOKS * 2
