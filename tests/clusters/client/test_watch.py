"""Watches of servers that behave, that forget, that lie and that fall silent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from inference.clusters.client import events
from inference.clusters.client.connection import Connection, Timeouts
from inference.clusters.client.errors import ClusterUnavailable, Rejected, Unavailable
from inference.clusters.client.events import Event, EventType
from inference.clusters.client.kinds import READ
from inference.clusters.client.streams import Streams
from inference.clusters.client.watch import Watch, WatchSettings
from tests.clusters.client.authority import Authority
from tests.clusters.client.conftest import LOOPBACK, PATIENT, TOKEN, Serve
from tests.clusters.client.peers import Peer, Request, chunk, chunked, http, status

PODS = READ[1]
HASTY = WatchSettings(first_pause=0.001, longest_pause=0.002, short_life=3600.0)
ADDED, MODIFIED, DELETED = EventType.ADDED, EventType.MODIFIED, EventType.DELETED
SYNCED, LOST, BOOKMARK = EventType.SYNCED, EventType.LOST, EventType.BOOKMARK

Told = list[tuple[Any, ...]]
Turn = dict[str, Any] | list[bytes] | Callable[[Request, Peer], Iterable[bytes]]


def pod(name: str, version: int | str, uid: str = "") -> dict[str, Any]:
    metadata = {
        "name": name,
        "namespace": "chat",
        "uid": uid or f"uid-{name}",
        "resourceVersion": str(version),
    }
    return {"kind": "Pod", "apiVersion": "v1", "metadata": metadata}


def listed(version: int | str, *pods: Any, following: str = "") -> dict[str, Any]:
    metadata = {"resourceVersion": str(version)} | ({"continue": following} if following else {})
    return {"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": list(pods)}


def line(kind: str, obj: Any) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"


def bookmark(version: int) -> bytes:
    return line("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": str(version)}})


def stream(*lines: bytes) -> list[bytes]:
    """A watch that says this and ends."""
    return [chunked(), *map(chunk, lines), chunk(b"")]


def open_stream(*lines: bytes) -> Callable[[Request, Peer], Iterator[bytes]]:
    """A watch that says this and stays open."""

    def respond(request: Request, peer: Peer) -> Iterator[bytes]:
        yield chunked()
        for one in lines:
            yield chunk(one)
        peer.pause()

    return respond


def story(*turns: Turn) -> Callable[[Request, Peer], Iterable[bytes]]:
    """One answer after the other; the last one stays."""
    left = list(turns)

    def respond(request: Request, peer: Peer) -> Iterable[bytes]:
        turn = left.pop(0) if len(left) > 1 else left[0]
        if callable(turn):
            return turn(request, peer)
        return http(turn.get("code", 200), turn) if isinstance(turn, dict) else turn

    return respond


def told(event: Event) -> tuple[Any, ...]:
    if event.type is LOST:
        return LOST, event.error.reason
    if event.type in {SYNCED, BOOKMARK}:
        return event.type, event.resource_version
    return (event.type, event.name)


async def first(watch: AsyncIterator[Event], count: int) -> list[Event]:
    read: list[Event] = []
    async with asyncio.timeout(30), aclosing(watch) as events_told:  # type: ignore[type-var]  # generator
        async for event in events_told:
            read.append(event)
            if len(read) == count:
                break
    return read


Follow = Callable[..., list[Event]]


@pytest.fixture
def follow(authority: Authority) -> Follow:
    """The first events that a watch of this server tells."""

    def run(
        peer: Peer, count: int, settings: WatchSettings = HASTY, timeouts: Timeouts = PATIENT
    ) -> list[Event]:
        async def main() -> list[Event]:
            connection = Connection(peer.url, authority.pem, TOKEN)
            async with Streams(connection, allowed_networks=LOOPBACK, timeouts=timeouts) as streams:
                watch = Watch(streams, PODS, "chat", labels="app=x", settings=settings)
                return await first(aiter(watch), count)

        return asyncio.run(main())

    return run


def test_a_list_is_told_and_then_its_changes(serve: Serve, follow: Follow) -> None:
    peer = serve(
        story(
            listed(5, pod("a", 3), following="t"),
            listed(5, pod("b", 4)),
            open_stream(
                line("MODIFIED", pod("a", 6)),
                bookmark(8),
                line("DELETED", pod("b", 9)),
                line("ADDED", pod("c", 10)),
            ),
        )
    )

    read = follow(peer, 7)

    assert [told(one) for one in read] == [
        (ADDED, "a"),
        (ADDED, "b"),
        (SYNCED, "5"),
        (MODIFIED, "a"),
        (BOOKMARK, "8"),
        (DELETED, "b"),
        (ADDED, "c"),
    ]
    assert read[3].object() == pod("a", 6)
    assert (read[3].namespace, read[3].uid) == ("chat", "uid-a")


def test_a_watch_asks_for_bookmarks_an_end_and_its_place(serve: Serve, follow: Follow) -> None:
    peer = serve(story(listed(5), stream(bookmark(7)), open_stream(bookmark(8))))

    follow(peer, 4)

    first_list, first_watch, second_watch = (one.query for one in peer.requests)
    assert first_list == {"limit": "500", "labelSelector": "app=x"}
    assert first_watch["watch"] == "true"
    assert first_watch["allowWatchBookmarks"] == "true"
    assert 240 <= int(first_watch["timeoutSeconds"]) <= 300
    assert first_watch["labelSelector"] == "app=x"
    assert [first_watch["resourceVersion"], second_watch["resourceVersion"]] == ["5", "7"]
    assert peer.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


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


MALFORMED = [
    {},
    {"metadata": None},
    {"metadata": {"name": "x"}},
    {"metadata": {"name": 5, "uid": "u", "resourceVersion": "1"}},
    {"metadata": {"name": "", "uid": "u", "resourceVersion": "1"}},
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
    peer = serve(story(listed(5), open_stream(), open_stream(bookmark(9))))
    settings = WatchSettings(idle=0.1, first_pause=0.001, longest_pause=0.002)

    read = follow(peer, 3, settings)

    assert [told(one) for one in read] == [
        (SYNCED, "5"),
        (LOST, Unavailable.STREAM_STALLED),
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


def test_a_stream_that_lived_its_time_is_opened_again_without_a_word(
    serve: Serve, follow: Follow
) -> None:
    peer = serve(story(listed(5), stream(), open_stream(bookmark(9))))
    settings = WatchSettings(short_life=0.0)

    assert [told(one) for one in follow(peer, 2, settings)] == [(SYNCED, "5"), (BOOKMARK, "9")]


def test_pauses_grow_and_are_never_the_same(serve: Serve, authority: Authority) -> None:
    streams = Streams(Connection("https://127.0.0.1:6443", authority.pem, TOKEN))
    watch = Watch(streams, PODS, "chat")
    error = ClusterUnavailable(Unavailable.UNREACHABLE)

    pauses = [watch._pause(error) for _ in range(12)]

    assert all(0.25 * 2**n <= pause <= 0.5 * 2**n for n, pause in enumerate(pauses[:6]))
    assert all(15 <= pause <= 30 for pause in pauses[7:])
    assert len(set(pauses)) == len(pauses)


def test_what_a_person_must_mend_is_asked_for_seldom(authority: Authority) -> None:
    streams = Streams(Connection("https://127.0.0.1:6443", authority.pem, TOKEN))
    expired = ClusterUnavailable(Unavailable.CREDENTIAL_EXPIRED)
    throttled = ClusterUnavailable(Unavailable.THROTTLED, retry_after=77.0)

    assert Watch(streams, PODS)._pause(expired) >= 15
    assert Watch(streams, PODS)._pause(throttled) == 77.0


def test_a_refused_address_is_never_dialled(serve: Serve, authority: Authority) -> None:
    peer = serve(story(listed(5)))

    async def main() -> list[Event]:
        async with Streams(Connection(peer.url, authority.pem, TOKEN)) as streams:
            return await first(aiter(Watch(streams, PODS, settings=HASTY)), 1)

    assert told(asyncio.run(main())[0]) == (LOST, Unavailable.EGRESS_REFUSED)
    assert peer.connections == 0


def test_watches_trust_the_same_ca_as_writes(serve: Serve, follow: Follow) -> None:
    foreign = serve(story(listed(5)), Authority("another").issue("127.0.0.1"))
    elsewhere = serve(story(listed(5)), Authority("another").issue("api.example.com"))

    assert told(follow(foreign, 1)[0]) == (LOST, Unavailable.TLS_UNTRUSTED)
    assert told(follow(elsewhere, 1)[0])[0] is LOST


def test_a_certificate_for_another_host_ends_a_watch(
    serve: Serve, follow: Follow, authority: Authority
) -> None:
    peer = serve(story(listed(5)), authority.issue("api.example.com"))

    assert told(follow(peer, 1)[0]) == (LOST, Unavailable.WRONG_HOST)


def test_many_watches_share_one_door(serve: Serve, authority: Authority) -> None:
    def respond(request: Request, peer: Peer) -> Iterable[bytes]:
        if "watch" in request.query:
            return open_stream(line("ADDED", pod("b", 9)))(request, peer)
        return http(200, listed(5, pod("a", 3)))

    peer = serve(respond)

    async def main() -> list[list[Event]]:
        connection = Connection(peer.url, authority.pem, TOKEN)
        async with Streams(connection, allowed_networks=LOOPBACK) as streams:
            watches = [Watch(streams, PODS, f"team-{n}") for n in range(20)]
            return await asyncio.gather(*(first(aiter(one), 3) for one in watches))

    for read in asyncio.run(main()):
        assert [told(one) for one in read] == [(ADDED, "a"), (SYNCED, "5"), (ADDED, "b")]


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [("1", "2", True), ("2", "1", False), ("9", "10", True), ("x", "1", False), ("", "1", False)],
)
def test_versions_are_compared_as_numbers_or_not_at_all(one: str, other: str, older: bool) -> None:
    assert events.is_older(one, other) is older
