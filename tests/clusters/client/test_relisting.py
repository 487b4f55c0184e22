"""Watches that are forgotten, late or cut off: nothing is deleted too early or told twice."""

from dataclasses import replace

import pytest

from inference.clusters.client import events
from inference.clusters.client.errors import Unavailable
from tests.clusters.client.conftest import Serve
from tests.clusters.client.peers import status
from tests.clusters.client.stories import (
    ADDED,
    DELETED,
    HASTY,
    LOST,
    MODIFIED,
    SYNCED,
    Follow,
    Turn,
    bookmark,
    line,
    listed,
    open_stream,
    pod,
    story,
    stream,
    told,
)


def expired_in_the_stream(version: int = 0) -> list[bytes]:
    return stream(line("ERROR", status(410, "too old resource version", "Expired")))


@pytest.mark.parametrize("expired", [status(410, "gone", "Expired"), expired_in_the_stream()])
def test_a_watch_that_is_forgotten_lists_once_and_tells_what_was_missed(
    serve: Serve, follow: Follow, expired: Turn
) -> None:
    peer = serve(
        story(
            listed(5, pod("a", 3), pod("b", 4), pod("c", 4), pod("d", 4)),
            expired,
            listed(20, pod("a", 3), pod("b", 11), pod("d", 12, uid="uid-new")),
            open_stream(),
        )
    )

    read = follow(peer, 11)

    assert [told(one) for one in read[5:]] == [
        (LOST, Unavailable.LIST_EXPIRED),
        (MODIFIED, "b"),
        (DELETED, "d"),
        (ADDED, "d"),
        (DELETED, "c"),
        (SYNCED, "20"),
    ]
    assert [one.uid for one in read[7:9]] == ["uid-d", "uid-new"]
    assert read[9].raw == b""
    assert sum("watch" not in one.query for one in peer.requests) == 2


def test_a_list_that_breaks_off_deletes_nothing(serve: Serve, follow: Follow) -> None:
    peer = serve(
        story(
            listed(5, pod("a", 3), pod("b", 4)),
            status(410),
            listed(9, pod("a", 3), following="t"),
            status(410),
            listed(12, pod("a", 3), pod("b", 4)),
            open_stream(),
        )
    )

    read = follow(peer, 6)

    assert [told(one) for one in read] == [
        (ADDED, "a"),
        (ADDED, "b"),
        (SYNCED, "5"),
        (LOST, Unavailable.LIST_EXPIRED),
        (LOST, Unavailable.LIST_EXPIRED),
        (SYNCED, "12"),
    ]


def test_an_empty_list_is_believed_the_second_time(serve: Serve, follow: Follow) -> None:
    peer = serve(
        story(
            listed(5, pod("a", 3)),
            status(410),
            listed(9),
            listed(9, pod("a", 3)),
            listed(9, pod("a", 3)),
            status(410),
            listed(12),
            listed(12),
            open_stream(),
        )
    )

    read = follow(peer, 8)

    assert [told(one) for one in read] == [
        (ADDED, "a"),
        (SYNCED, "5"),
        (LOST, Unavailable.LIST_EXPIRED),
        (LOST, Unavailable.LIST_EXPIRED),
        (SYNCED, "9"),
        (LOST, Unavailable.LIST_EXPIRED),
        (DELETED, "a"),
        (SYNCED, "12"),
    ]


def test_what_is_older_than_the_newest_is_not_told(serve: Serve, follow: Follow) -> None:
    peer = serve(
        story(
            listed(5, pod("a", 3)),
            open_stream(
                line("MODIFIED", pod("a", 10)),
                line("MODIFIED", pod("a", 10)),
                line("MODIFIED", pod("a", 7)),
                line("DELETED", pod("b", 8)),
                line("DELETED", pod("a", 11)),
                line("ADDED", pod("a", 4)),
                bookmark(6),
                line("ADDED", pod("z", 12)),
            ),
        )
    )

    read = follow(peer, 5)

    assert [told(one) for one in read] == [
        (ADDED, "a"),
        (SYNCED, "5"),
        (MODIFIED, "a"),
        (DELETED, "a"),
        (ADDED, "z"),
    ]


def test_a_copy_that_lags_behind_is_not_listened_to(serve: Serve, follow: Follow) -> None:
    peer = serve(
        story(
            listed(50, pod("a", 40)),
            status(410),
            listed(30),
            listed(60, pod("a", 40)),
            open_stream(),
        )
    )

    read = follow(peer, 5)

    assert [told(one) for one in read[2:]] == [
        (LOST, Unavailable.LIST_EXPIRED),
        (LOST, Unavailable.HISTORY_REWOUND),
        (SYNCED, "60"),
    ]


def test_a_cluster_that_was_restored_from_a_backup_is_seen_anew(
    serve: Serve, follow: Follow
) -> None:
    peer = serve(
        story(
            listed(50, pod("a", 40), pod("b", 45)),
            status(410),
            listed(30, pod("a", 20)),
            open_stream(line("ADDED", pod("c", 31))),
        )
    )

    read = follow(peer, 8, settings=replace(HASTY, lag=0.0))

    assert [told(one) for one in read[3:]] == [
        (LOST, Unavailable.LIST_EXPIRED),
        (MODIFIED, "a"),
        (DELETED, "b"),
        (SYNCED, "30"),
        (ADDED, "c"),
    ]


def test_a_stream_that_was_silent_is_no_reason_to_believe_what_was_told_before(
    serve: Serve, follow: Follow
) -> None:
    """A restored cluster takes a watch from the version of before the backup, and is silent."""
    peer = serve(
        story(
            listed(50, pod("a", 40)),
            open_stream(),
            listed(30, pod("a", 20)),
            open_stream(),
        )
    )

    read = follow(peer, 5, settings=replace(HASTY, idle=0.3, lag=0.0))

    assert [told(one) for one in read[2:]] == [
        (LOST, Unavailable.STREAM_STALLED),
        (MODIFIED, "a"),
        (SYNCED, "30"),
    ]


def test_versions_that_are_no_numbers_are_compared_to_none(serve: Serve, follow: Follow) -> None:
    peer = serve(
        story(
            listed("x5", pod("a", "x3")),
            stream(line("MODIFIED", pod("a", "x2"))),
            status(410),
            listed("x1", pod("a", "x9")),
            open_stream(),
        )
    )

    read = follow(peer, 6)

    assert [told(one) for one in read[2:]] == [
        (MODIFIED, "a"),
        (LOST, Unavailable.LIST_EXPIRED),
        (MODIFIED, "a"),
        (SYNCED, "x1"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [("1", "2", True), ("2", "1", False), ("9", "10", True), ("x", "1", False), ("", "1", False)],
)
def test_versions_are_compared_as_numbers_or_not_at_all(one: str, other: str, older: bool) -> None:
    assert events.is_older(one, other) is older
