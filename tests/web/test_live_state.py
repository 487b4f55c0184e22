"""Live state of a plan that waits: green only where somebody sees that nothing has moved."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from inference.accounts.models import User
from inference.changes.models import ChangeRequest, PlanStep
from inference.clusters.models import LiveObject, WatchState
from inference.delivery import gate
from inference.delivery.models import DesiredObject
from inference.live.registry import feed_of
from inference.web.live_state import live_state_of
from tests.api.house import House
from tests.factories.clusters import ClusterFactory
from tests.health.capacities import watched
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]
State = ChangeRequest.State


@pytest.fixture
def waiting(house: House, author: User) -> ChangeRequest:
    return scenes.in_review(house, author)


def seen(house: House) -> None:
    """An observer lives, and looks at Deployments."""
    watched(house.cluster)
    WatchState.objects.filter(kind="Deployment").update(heard_at=Now(), synced_at=Now())


def see(step: PlanStep, **fields: str) -> None:
    """The object of a step, as an observer tells of it since the plan was made."""
    place = {name: getattr(step, name) for name in ("group", "kind", "namespace", "name")}
    soon = timezone.now() + timedelta(seconds=1)
    LiveObject.objects.update_or_create(
        cluster=step.cluster,
        **place,
        defaults={
            "api_version": step.api_version,
            "seen_at": soon,
            "changed_at": soon,
            **fields,
        },
    )


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
    see(step, uid="another")

    assert live_state_of(waiting).word == "has moved"


@pytest.mark.parametrize("value", ["b", ""])
def test_a_field_of_ours_that_was_set_or_removed_since_then_has_moved_it(
    value: str, waiting: ChangeRequest, house: House
) -> None:
    """As the gate sees it, which would not let this plan start."""
    seen(house)
    step = waiting.plan.steps.get()
    waiting.plan.steps.update(seen_hash="a")
    see(step, uid=step.uid, values_hash=value)
    (asked,) = gate.ask(waiting)

    badge = live_state_of(waiting)

    assert gate.has_moved(asked)
    assert (badge.look, badge.word) == ("is-warn", "has moved")


def test_a_hand_elsewhere_has_moved_nothing_of_the_plan(
    waiting: ChangeRequest, house: House
) -> None:
    """Objects of one name may be in several clusters."""
    seen(house)
    scenes.drift(house)
    step, other = waiting.plan.steps.get(), ClusterFactory.create(name="west")
    for table in (DesiredObject, LiveObject):
        table.objects.filter(kind="Deployment").update(name=step.name, cluster=other)
    ChangeRequest.objects.filter(pk=waiting.pk).update(planned_at="2026-05-31T12:00:00Z")
    waiting.refresh_from_db()

    assert live_state_of(waiting).word == "as planned"


@pytest.mark.parametrize(
    ("state", "then"),
    [(State.PLANNING, "It is planned anew."), (State.IN_REVIEW, "Have it planned anew.")],
)
def test_what_the_gate_sent_back_says_what_comes_next(
    state: str, then: str, waiting: ChangeRequest
) -> None:
    """Another change is one cause of many."""
    waiting.state, waiting.stale = state, True

    badge = live_state_of(waiting)

    assert badge.word == "has moved"
    assert badge.line == f"What it was made from is not so any more. {then}"


def test_the_open_page_hears_of_it(waiting: ChangeRequest, house: House, approver: User) -> None:
    feed = feed_of(approver, f"arrival:{waiting.pk}")

    assert any(one.startswith(f"observed:{house.cluster.pk}/llm-chat") for one in feed.follows)
    assert "not seen now" in feed.show()["live-state"]
