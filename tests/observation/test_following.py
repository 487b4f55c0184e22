"""What a watch tells, and what readers may believe of it: synced, how old, and what is wrong."""

from dataclasses import dataclass

import pytest

from inference.clusters.client.errors import (
    ClusterUnavailable,
    ManifestRejected,
    Rejected,
    Unavailable,
)
from inference.clusters.client.events import Event, EventType, lost
from inference.messages import observation as messages
from inference.observation.following import GRACE, Heard, Standing

SYNCED = Event(EventType.SYNCED)
MALFORMED = Event(EventType.MALFORMED)
BROKEN = lost(ClusterUnavailable(Unavailable.CUT_OFF))
EXPIRED = lost(ClusterUnavailable(Unavailable.LIST_EXPIRED))
FORBIDDEN = lost(ManifestRejected(Rejected.FORBIDDEN))


@dataclass
class Follower:
    """A standing, with a clock and a server that was heard at some time."""

    standing: Standing
    heard_at: float = 0.0

    def tell(self, event: Event, at: float) -> None:
        if event.type is not EventType.LOST:
            self.heard_at = at
        self.standing.take(event, at)

    def at(self, now: float) -> Heard:
        return self.standing.heard("llm", "", "Pod", heard_at=self.heard_at, now=now)


@pytest.fixture
def new() -> Follower:
    return Follower(Standing())


@pytest.fixture
def synced(new: Follower) -> Follower:
    new.tell(SYNCED, 1.0)
    return new


def test_a_watch_that_has_told_nothing_is_beginning(new: Follower) -> None:
    found = new.at(100.0)

    assert (found.is_synced, found.age) == (False, None)
    assert found.code == messages.STARTING_TO_WATCH.code


def test_a_watch_is_believed_once_its_list_was_complete(synced: Follower) -> None:
    found = synced.at(4.0)

    assert (found.is_synced, found.age, found.code) == (True, 3.0, "")


def test_each_line_makes_it_young_again(synced: Follower) -> None:
    synced.tell(Event(EventType.BOOKMARK), 60.0)

    assert synced.at(61.0).age == 1.0


def test_an_open_watch_that_tells_nothing_grows_old(synced: Follower) -> None:
    assert synced.at(91.0).age == 90.0


def test_what_was_never_listed_says_at_once_why(new: Follower) -> None:
    new.tell(FORBIDDEN, 1.0)

    found = new.at(1.0)

    assert (found.is_synced, found.age) == (False, None)
    assert found.code == FORBIDDEN.error.message.code


def test_a_stream_that_is_soon_open_again_is_not_told_of(synced: Follower) -> None:
    synced.tell(BROKEN, 60.0)
    while_broken = synced.at(60.5)
    synced.heard_at = 61.0
    again = synced.at(61.0 + GRACE)

    assert (while_broken.code, while_broken.age) == ("", 59.5)
    assert (again.code, again.age) == ("", GRACE)


def test_a_stream_that_stays_broken_is_told_of_and_grows_old(synced: Follower) -> None:
    synced.tell(BROKEN, 60.0)
    synced.tell(BROKEN, 70.0)

    found = synced.at(60.0 + GRACE)

    assert (found.is_synced, found.age) == (True, 59.0 + GRACE)
    assert found.code == BROKEN.error.message.code


def test_a_stream_that_opens_at_last_is_believed_again(synced: Follower) -> None:
    synced.tell(BROKEN, 60.0)
    synced.at(60.0 + GRACE)
    synced.heard_at = 90.0

    found = synced.at(91.0)

    assert (found.code, found.age) == ("", 1.0)


def test_answers_to_an_expired_watch_count_only_when_the_next_list_is_complete(
    synced: Follower,
) -> None:
    synced.tell(EXPIRED, 60.0)
    synced.heard_at = 61.0
    while_listing = synced.at(60.0 + GRACE)
    synced.tell(SYNCED, 62.0 + GRACE)
    afterwards = synced.at(62.0 + GRACE)

    assert while_listing.code == EXPIRED.error.message.code
    assert while_listing.age == GRACE
    assert (afterwards.code, afterwards.age) == ("", 0.0)


def test_an_object_that_cannot_be_read_is_told_of_until_the_next_list(synced: Follower) -> None:
    synced.tell(MALFORMED, 2.0)
    while_there = synced.at(3.0)
    synced.tell(SYNCED, 4.0)

    assert (while_there.code, while_there.age) == (messages.WATCH_MALFORMED.code, 1.0)
    assert synced.at(4.0).code == ""


def test_a_break_hides_that_an_object_could_not_be_read(synced: Follower) -> None:
    synced.tell(MALFORMED, 2.0)
    synced.tell(BROKEN, 3.0)

    assert synced.at(3.0 + GRACE).code == BROKEN.error.message.code


@pytest.mark.parametrize(
    "reason",
    [Unavailable.STREAM_STALLED, Unavailable.HISTORY_REWOUND, Unavailable.LIST_EXPIRED],
)
def test_an_answer_is_no_news_before_the_list_that_has_to_come(
    synced: Follower, reason: Unavailable
) -> None:
    """A cluster that was restored from a backup answers a watch, and tells it nothing."""
    synced.tell(lost(ClusterUnavailable(reason)), 91.0)
    synced.heard_at = 95.0

    found = synced.at(120.0)

    assert (found.age, found.code) == (29.0, ClusterUnavailable(reason).message.code)
