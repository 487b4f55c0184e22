"""What a push says while the members of its routes have not answered."""

import pytest

from inference.clusters.models import Cluster
from inference.definitions.models import Route
from inference.delivery import answering
from inference.delivery.models import Push
from inference.delivery.standing import Part
from inference.messages import health, observation
from inference.observation.ladder import Readiness, Rung
from inference.outbox.models import OutboxEntry
from tests.health.verifying import verifying


@pytest.fixture
def push(db: None) -> Push:
    return verifying()


def said(push: Push) -> str:
    route = Route.objects.get()
    accepted = Readiness(Rung.ROUTABLE, is_ready=True, message=observation.READY)
    [one] = answering.silent(push, [Part(route.pk, route.pk, "chat", accepted)])
    assert not one.readiness.is_ready
    return one.readiness.sentence


def is_asked() -> bool:
    return OutboxEntry.objects.filter(topic=answering.ASK).exists()


def test_members_that_nobody_asks_are_asked(push: Push) -> None:
    assert said(push) == health.MEMBERS_UNASKED.text()
    assert is_asked()


def test_members_in_a_held_cluster_are_not_asked(push: Push) -> None:
    """Nobody speaks to it, so they are not about to be asked either."""
    cluster = push.cluster
    Cluster.objects.update(state=Cluster.State.HELD)
    push.refresh_from_db()

    assert said(push) == health.MEMBERS_HELD.text(cluster=cluster.name)
    assert not is_asked()
