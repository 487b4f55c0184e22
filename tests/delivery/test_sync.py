"""Is live what was pushed? What was seen before the push, and what nobody sees, says nothing."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from inference.accounts.models import Team, User
from inference.clusters.models import LiveObject, WatchState
from inference.delivery import drift, sync
from inference.delivery.models import DesiredObject
from inference.messages import observation as messages
from inference.observation.models import ObserverLease
from tests.api.house import House, furnish


@pytest.fixture
def house(chat: Team, author: User) -> House:
    """Whose one object was pushed at generation 2, and seen as it was pushed."""
    made = furnish(chat, author)
    DesiredObject.objects.update(live_generation=2)
    LiveObject.objects.update(generation=2)
    return made


def state(house: House) -> str:
    return str(sync.of_definitions([house.model.pk])[house.model.pk]["state"])


def test_what_was_pushed_and_seen_is_in_sync(house: House) -> None:
    assert state(house) == "in-sync"
    assert drift.of_definitions([house.model.pk]) == []


def test_what_somebody_changed_after_the_push_is_drift(house: House) -> None:
    LiveObject.objects.update(values_hash="9" * 64, generation=3)

    assert state(house) == "drift"
    (found,) = drift.of_placements([house.placement.pk])
    assert found.definition_id == house.model.pk


def test_what_was_seen_before_the_push_is_no_drift(house: House) -> None:
    LiveObject.objects.update(values_hash="9" * 64, generation=1)

    assert state(house) == "in-sync"
    assert drift.of_definitions([house.model.pk]) == []


def test_what_was_deleted_is_drift_that_says_so(house: House) -> None:
    LiveObject.objects.update(gone_at=Now())

    (found,) = drift.of_teams(Team.objects.all(), house.cluster.name)

    assert found.gone_at is not None
    assert drift.of_teams(Team.objects.all(), "elsewhere") == []


def test_placements_have_a_state_of_their_own(house: House) -> None:
    LiveObject.objects.update(values_hash="9" * 64, generation=3)

    assert sync.of_placements([house.placement.pk])[house.placement.pk]["state"] == "drift"


def test_what_nobody_sees_says_since_when(house: House) -> None:
    (reason,) = sync.unseen([house.model.pk]).values()

    assert reason.message is messages.STALE


def test_what_an_observer_sees_is_not_unseen(house: House) -> None:
    WatchState.objects.update(heard_at=Now(), synced_at=Now())
    ObserverLease.objects.create(
        cluster=house.cluster, holder="one", expires_at=Now() + timedelta(seconds=30)
    )

    assert sync.unseen([house.model.pk, house.placement.pk]) == {}
