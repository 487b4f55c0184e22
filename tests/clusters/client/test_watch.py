"""Watches of servers that behave: what they ask, when they ask again, and whom they trust."""

import asyncio
from collections.abc import Iterable

from inference.clusters.client.connection import Connection
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.client.events import Event
from inference.clusters.client.streams import Streams
from inference.clusters.client.watch import Watch, WatchSettings
from tests.clusters.client.authority import Authority
from tests.clusters.client.conftest import LOOPBACK, TOKEN, Serve
from tests.clusters.client.peers import Peer, Request, http
from tests.clusters.client.stories import (
    ADDED,
    BOOKMARK,
    DELETED,
    HASTY,
    LOST,
    MODIFIED,
    PODS,
    SYNCED,
    Follow,
    bookmark,
    first,
    line,
    listed,
    open_stream,
    pod,
    story,
    stream,
    told,
)


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
