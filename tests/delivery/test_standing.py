"""How far a push has come, while an observer writes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from inference.accounts.models import Team, User
from inference.clusters.client.kinds import READ, WRITTEN
from inference.clusters.models import LiveObject, WatchState
from inference.definitions.models import Placement
from inference.delivery import standing
from inference.delivery.models import DesiredObject, Push
from inference.observation.models import ObserverLease
from inference.observation.summaries import summary_of
from tests.api.house import furnish
from tests.observation.scene import NAMESPACE, Scene
from tests.web import scenes

NAME = "qwen"
ROLLING = {"replicas": 3, "readyReplicas": 1, "updatedReplicas": 3}


@pytest.fixture
def push(chat: Team, author: User, approver: User) -> Push:
    """Everything was ready before it; it has asked for two replicas more."""
    house = furnish(chat, author)
    Placement.objects.filter(pk=house.placement.pk).update(namespace=NAMESPACE, object_name=NAME)
    ObserverLease.objects.create(
        cluster=house.cluster, holder="one", expires_at=Now() + timedelta(seconds=30)
    )
    WatchState.objects.bulk_create(
        WatchState(cluster=house.cluster, namespace=NAMESPACE, kind=kind, heard_at=Now(),
                   synced_at=Now())
        for kind in {one.kind for one in (*WRITTEN, *READ)}
    )  # fmt: skip
    Scene(house.cluster).placement(NAME)
    change = scenes.started(scenes.in_review(house, author), approver)
    made = Push.objects.select_related("plan", "cluster").get(change=change)
    DesiredObject.objects.filter(pk=house.desired.pk).update(
        push=made, live_uid=f"Deployment/{NAME}", live_generation=2
    )
    return made


def see_what_was_pushed() -> None:
    LiveObject.objects.filter(uid=f"Deployment/{NAME}").update(
        generation=2,
        observed_generation=2,
        summary=summary_of({"kind": "Deployment", "spec": {"replicas": 3}, "status": ROLLING}),
    )


class Meanwhile:
    """An observer that writes between two looks at what it has seen."""

    def __init__(self, deed: Callable[[], None], before_look: int) -> None:
        self.deed, self.looks, self.before = deed, 0, before_look

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if "liveobject" in sql and sql.startswith("SELECT"):
            self.looks += 1
            if self.looks == self.before:
                self.deed()
        return execute(sql, *rest)


@pytest.mark.parametrize("before_look", [1, 2, 3, 4])
def test_what_was_ready_before_a_push_is_never_ready_after_it(push: Push, before_look: int) -> None:
    with connection.execute_wrapper(Meanwhile(see_what_was_pushed, before_look)):
        (part,) = standing.placements(push)

    assert not part.readiness.is_ready


def test_what_is_seen_as_it_was_pushed_is_ready(push: Push) -> None:
    LiveObject.objects.filter(uid=f"Deployment/{NAME}").update(generation=2, observed_generation=2)

    (part,) = standing.placements(push)

    assert part.readiness.is_ready
