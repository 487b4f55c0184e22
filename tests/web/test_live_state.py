"""Live state of a plan that waits: green only where somebody sees that nothing has moved."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.models import LiveObject, WatchState
from inference.delivery.models import DesiredObject
from inference.live.registry import feed_of
from inference.web.live_state import live_state_of
from tests.api.house import House
from tests.health.capacities import watched
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]


@pytest.fixture
def waiting(house: House, author: User) -> ChangeRequest:
    return scenes.in_review(house, author)


def seen(house: House) -> None:
    """An observer lives, and looks at Deployments."""
    watched(house.cluster)
    WatchState.objects.filter(kind="Deployment").update(heard_at=Now(), synced_at=Now())


def test_what_nobody_sees_is_not_called_as_planned(
    waiting: ChangeRequest, approver: User, browse: Browse
) -> None:
    WatchState.objects.all().delete()

    page = words(browse(approver).get(f"/change-requests/{waiting.pk}/").content.decode())

    assert "as planned" not in page
    assert "not seen now" in page
    assert "No observer has looked there yet." in page


def test_what_is_seen_to_be_the_same_is_as_planned(waiting: ChangeRequest, house: House) -> None:
    seen(house)

    badge = live_state_of(waiting)

    assert badge is not None
    assert (badge.look, badge.word) == ("is-ok", "as planned")


def test_another_object_in_its_place_has_moved(waiting: ChangeRequest, house: House) -> None:
    seen(house)
    step = waiting.plan.steps.first()
    LiveObject.objects.update_or_create(
        cluster=house.cluster,
        group=step.group,
        kind=step.kind,
        namespace=step.namespace,
        name=step.name,
        defaults={
            "api_version": step.api_version,
            "uid": "another",
            "seen_at": timezone.now() + timedelta(seconds=1),
            "changed_at": timezone.now(),
        },
    )

    assert live_state_of(waiting).word == "has moved"


def test_a_hand_since_then_has_moved_it(waiting: ChangeRequest, house: House) -> None:
    seen(house)
    scenes.drift(house)
    step = waiting.plan.steps.first()
    DesiredObject.objects.filter(kind="Deployment").update(name=step.name)
    LiveObject.objects.filter(kind="Deployment").update(name=step.name)
    ChangeRequest.objects.filter(pk=waiting.pk).update(planned_at="2026-05-31T12:00:00Z")
    waiting.refresh_from_db()

    assert live_state_of(waiting).word == "has moved"


def test_the_open_page_hears_of_it(waiting: ChangeRequest, house: House, approver: User) -> None:
    feed = feed_of(approver, f"arrival:{waiting.pk}")

    assert any(one.startswith(f"observed:{house.cluster.pk}/llm-chat") for one in feed.follows)
    assert "not seen now" in feed.show()["live-state"]
