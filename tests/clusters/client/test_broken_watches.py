"""Watches of servers that send what cannot be read, break off, or fall silent."""

from collections.abc import Iterator
from typing import Any

import pytest

from inference.clusters.client.connection import Timeouts
from inference.clusters.client.errors import Rejected, Unavailable
from inference.clusters.client.events import EventType
from inference.clusters.client.watch import WatchSettings
from tests.clusters.client.conftest import Serve
from tests.clusters.client.peers import Peer, Request, chunk, chunked, http, status
from tests.clusters.client.stories import (
    ADDED,
    BOOKMARK,
    LOST,
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

MALFORMED = [
    {},
    {"metadata": None},
    {"metadata": {"name": "x"}},
    {"metadata": {"name": 5, "uid": "u", "resourceVersion": "1"}},
    {"metadata": {"name": "", "uid": "u", "resourceVersion": "1"}},
    {"metadata": {"name": "x" * 254, "uid": "u", "resourceVersion": "1"}},
    {"metadata": {"name": "x", "uid": "u" * 65, "resourceVersion": "1"}},
    {"metadata": {"name": "x", "uid": "u", "resourceVersion": "1" * 65}},
    {"metadata": {"name": "x", "namespace": "n" * 64, "uid": "u", "resourceVersion": "1"}},
    {"metadata": {"name": "x\0", "uid": "u", "resourceVersion": "1"}},
    [1],
    "text",
    5,
]


@pytest.mark.parametrize("broken", MALFORMED)
def test_a_malformed_object_spoils_nothing_but_itself(
    serve: Serve, follow: Follow, broken: Any
) -> None:
    peer = serve(
        story(
            listed(5, broken, pod("a", 3)),
            open_stream(
                line("MODIFIED", broken), line("UNHEARD", pod("a", 7)), line("ADDED", pod("b", 8))
            ),
        )
    )

    read = follow(peer, 6)

    assert [one.type for one in read] == [
        EventType.MALFORMED,
        ADDED,
        SYNCED,
        EventType.MALFORMED,
        EventType.MALFORMED,
        ADDED,
    ]


def test_an_object_that_cannot_be_read_is_not_taken_for_deleted(
    serve: Serve, follow: Follow
) -> None:
    peer = serve(
        story(
            listed(5, pod("a", 3)),
            status(410),
            listed(9, {"metadata": {"name": "a"}}),
            open_stream(),
        )
    )

    read = follow(peer, 5)

    assert [one.type for one in read] == [ADDED, SYNCED, LOST, EventType.MALFORMED, SYNCED]


@pytest.mark.parametrize(
    ("turn", "reason"),
    [
        (stream(), Unavailable.STREAM_ENDED),
        (stream(bookmark(9)), Unavailable.STREAM_ENDED),
        (stream(b"no json\n"), Unavailable.NOT_KUBERNETES),
        (stream(b'{"type":"ADDED"}\n'), Unavailable.NOT_KUBERNETES),
        (stream(b'{"type":"ADDED","object":' + b"[" * 100_000 + b"\n"), Unavailable.NOT_KUBERNETES),
        (stream(line("ADDED", pod("b", 9))[:-20]), Unavailable.CUT_OFF),
        (stream(line("ERROR", status(500, "etcd"))), Unavailable.SERVER_ERROR),
        (stream(line("ERROR", {"nothing": 1})), Unavailable.SERVER_ERROR),
        (stream(line("ERROR", status(200))), Unavailable.NOT_KUBERNETES),
        (status(401, "Unauthorized"), Unavailable.CREDENTIAL_EXPIRED),
        (status(429), Unavailable.THROTTLED),
        (status(503), Unavailable.SERVER_ERROR),
        (status(403, 'cannot watch resource "pods"'), Rejected.FORBIDDEN),
        (http(302, b"", location="https://169.254.169.254/"), Unavailable.REDIRECTED),
        (http(200, b"", content_encoding="gzip"), Unavailable.NOT_KUBERNETES),
        ([b"220 mail.example.com ESMTP\r\n\r\n"], Unavailable.NOT_KUBERNETES),
        (stream(b"x" * 300_000), Unavailable.ANSWER_TOO_LARGE),
    ],
)
def test_a_stream_that_breaks_is_named_and_opened_again(
    serve: Serve, follow: Follow, turn: Turn, reason: Unavailable | Rejected
) -> None:
    peer = serve(
        story(
            listed(5, pod("a", 3)),
            turn,
            # Where a list comes next it is this one; a watch takes the status for what it is.
            lambda request, peer: (
                open_stream(line("ADDED", pod("z", 99)))(request, peer)
                if "watch" in request.query
                else http(200, listed(9, pod("a", 3)))
            ),
        )
    )
    settings = WatchSettings(
        first_pause=0.001, longest_pause=0.002, short_life=3600.0, largest_line=200_000
    )

    read = [told(one) for one in follow(peer, 4, settings)]
    lost = [one for one in read if one[0] is LOST]

    assert lost == [(LOST, reason)]


def test_a_list_that_is_none_is_named(serve: Serve, follow: Follow) -> None:
    peer = serve(story({}, listed(5) | {"kind": "NodeList"}, status(500), listed(5), open_stream()))

    read = follow(peer, 4)

    assert [told(one) for one in read] == [
        (LOST, Unavailable.NOT_KUBERNETES),
        (LOST, Unavailable.NOT_KUBERNETES),
        (LOST, Unavailable.SERVER_ERROR),
        (SYNCED, "5"),
    ]


def test_a_stream_that_is_open_and_silent_is_given_up(serve: Serve, follow: Follow) -> None:
    peer = serve(story(listed(5), open_stream(), listed(7), open_stream(bookmark(9))))
    settings = WatchSettings(idle=0.1, first_pause=0.001, longest_pause=0.002)

    read = follow(peer, 4, settings)

    assert [told(one) for one in read] == [
        (SYNCED, "5"),
        (LOST, Unavailable.STREAM_STALLED),
        (SYNCED, "7"),
        (BOOKMARK, "9"),
    ]


def test_a_byte_now_and_then_does_not_keep_a_stream_alive(serve: Serve, follow: Follow) -> None:
    def trickle(request: Request, peer: Peer) -> Iterator[bytes]:
        yield chunked()
        while True:
            peer.pause(0.02)
            yield chunk(b" ")

    peer = serve(story(listed(5), trickle))
    settings = WatchSettings(idle=0.2, first_pause=0.001, longest_pause=0.002)

    read = follow(peer, 2, settings)

    assert told(read[1]) == (LOST, Unavailable.STREAM_STALLED)


def test_a_server_that_never_answers_is_given_up(serve: Serve, follow: Follow) -> None:
    peer = serve(story(open_stream()))
    timeouts = Timeouts(first_byte=0.2, total=0.3)

    read = follow(peer, 1, timeouts=timeouts)

    assert told(read[0]) == (LOST, Unavailable.TIMED_OUT)
