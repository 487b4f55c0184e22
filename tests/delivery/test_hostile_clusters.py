"""A cluster that redirects, shows pages, nests without an end, or never answers: told, and no more.

Looking and planning meet it here; what a push meets is in `test_faults.py`.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.changes import actions as changes
from inference.changes import tasks as planning
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.clusters.tasks import probe
from inference.messages import sentence
from inference.simulator.faults import Answers, Effect, Hangs, When, deep_json
from tests.api.callers import Caller
from tests.api.house import token_for
from tests.contract.simulated import Simulated
from tests.delivery import scenarios
from tests.delivery.peer import ACCOUNT, Peer

ELSEWHERE = {"Location": "https://169.254.169.254/latest/meta-data"}
HOSTILE = [
    pytest.param(Answers(302, b"", ELSEWHERE), "cluster-redirected", id="redirects"),
    pytest.param(
        Answers(200, b"<html>Sign in</html>", media="text/html"),
        "cluster-not-kubernetes",
        id="shows a page",
    ),
    pytest.param(Answers(200, b"<html></html>"), "cluster-not-kubernetes", id="a page as JSON"),
    pytest.param(deep_json(), "cluster-not-kubernetes", id="nests without an end"),
    pytest.param(Answers(200, b"[1]"), "cluster-not-kubernetes", id="a list for an object"),
    pytest.param(
        Hangs(), "cluster-timed-out", id="never answers", marks=pytest.mark.real
    ),  # it is waited for as long as a request may take
]

pytestmark = [
    pytest.mark.usefixtures("threaded"),
    pytest.mark.parametrize("server", ["simulated"], indirect=True),
]


@pytest.fixture
def hostile(
    threaded: None, peer: Peer, east: Cluster, author: User, effect: Effect
) -> Iterator[ChangeRequest]:
    """A change that waits for its plan, when the cluster begins to answer so."""
    scenario = scenarios.planned_way(author, east, peer)
    change = scenario.change
    changes.submit(change=change, version=change.version, by=author, at=timezone.now())
    assert isinstance(peer.plane, Simulated)
    cluster = peer.plane.cluster
    cluster.call(lambda: cluster.faults.add(When(user=ACCOUNT), effect))
    yield change
    cluster.call(cluster.faults.clear)


def shown(user: User, path: str) -> Any:
    response = Caller(token_for(user)).get(path)
    assert response.status_code == 200
    return response.json()


@pytest.mark.parametrize(("effect", "code"), HOSTILE)
def test_who_looks_at_it_tells_and_forgets_nothing(
    hostile: ChangeRequest, east: Cluster, author: User, effect: Effect, code: str
) -> None:
    before = Cluster.objects.get(pk=east.pk)

    assert probe(str(east.pk)) is not None

    after = Cluster.objects.get(pk=east.pk)
    assert shown(author, "clusters/east/")["problem"]["code"] == code
    assert (after.identity, after.capabilities) == (before.identity, before.capabilities)
    assert after.contacted_at == before.contacted_at


@pytest.mark.parametrize(("effect", "code"), HOSTILE)
def test_a_plan_says_that_it_could_not_ask(
    hostile: ChangeRequest, author: User, peer: Peer, effect: Effect, code: str
) -> None:
    place = peer.journal.place()

    planning.plan(str(hostile.pk))

    plan = shown(author, f"change-requests/{hostile.pk}/plan/")
    [told] = [one for one in plan["checks"] if one["code"] == "plan-not-asked"]
    assert told["state"] == "red"
    assert sentence(code, {}) in told["detail"]
    assert not [one for one in peer.asked_since(place) if one.is_write]
