"""Lists are read to their end, page by page, or not at all."""

from collections.abc import Iterable
from typing import Any

import pytest

from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.client.kinds import READ, WRITTEN
from tests.clusters.client.conftest import Open, Serve
from tests.clusters.client.peers import Peer, Request, http, status

PODS = READ[1]


def listing(*pages: dict[str, Any], codes: tuple[int, ...] = ()) -> Any:
    """Answer one page after the other; a `code` in place of a page is a refusal."""
    answers = iter(pages)

    def respond(request: Request, peer: Peer) -> Iterable[bytes]:
        page = next(answers)
        return http(page.get("code", 200), page)

    return respond


def page(*names: str, following: str = "", version: str = "9") -> dict[str, Any]:
    metadata = {"resourceVersion": version} | ({"continue": following} if following else {})
    items = [{"metadata": {"name": name}} for name in names]
    return {"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": items}


def test_a_list_is_read_to_its_end(serve: Serve, connect: Open) -> None:
    peer = serve(listing(page("a", "b", following="t1"), page("c")))

    read = connect(peer.url).list(PODS, "chat", labels="app=x", limit=2)

    assert [one["metadata"]["name"] for one in read.items] == ["a", "b", "c"]
    assert read.resource_version == "9"
    assert [one.query for one in peer.requests] == [
        {"limit": "2", "labelSelector": "app=x"},
        {"limit": "2", "labelSelector": "app=x", "continue": "t1"},
    ]


def test_a_list_that_expires_is_read_anew_and_holds_nothing_of_the_first_reading(
    serve: Serve, connect: Open
) -> None:
    peer = serve(listing(page("old", following="t1"), status(410), page("new", version="12")))

    read = connect(peer.url).list(PODS, "chat")

    assert [one["metadata"]["name"] for one in read.items] == ["new"]
    assert read.resource_version == "12"


def test_a_list_that_always_expires_is_an_error(serve: Serve, connect: Open) -> None:
    story = [page("a", following="t"), status(410)] * 5
    client = connect(serve(listing(*story)).url)

    with pytest.raises(ClusterUnavailable) as refused:
        client.list(PODS, "chat")

    assert refused.value.reason is Unavailable.LIST_EXPIRED


def test_pages_say_when_the_rest_is_lost(serve: Serve, connect: Open) -> None:
    client = connect(serve(listing(page("a", following="t"), status(410))).url)
    pages = client.pages(PODS, "chat")

    assert len(next(pages).items) == 1
    with pytest.raises(ClusterUnavailable) as refused:
        next(pages)

    assert refused.value.reason is Unavailable.LIST_EXPIRED


@pytest.mark.parametrize(
    "story",
    [
        [{}],
        [page() | {"kind": "ConfigMapList"}],
        [page() | {"kind": "Status", "status": "Success"}],
        [page() | {"items": {}}],
        [page() | {"items": ["a"]}],
        [page() | {"metadata": {}}],
        [page("a", following="t"), {}],
        [page("a", following="t"), page("b", following="t")],
    ],
)
def test_what_is_no_whole_list_is_never_taken_for_one(
    serve: Serve, connect: Open, story: list[dict[str, Any]]
) -> None:
    client = connect(serve(listing(*story)).url)

    with pytest.raises(ClusterUnavailable) as refused:
        client.list(PODS, "chat")

    assert refused.value.reason is Unavailable.NOT_KUBERNETES


def test_no_items_are_an_empty_list(serve: Serve, connect: Open) -> None:
    client = connect(serve(listing(page() | {"items": None})).url)

    assert client.list(PODS, "chat").items == ()


def test_a_cluster_may_be_asked_for_kinds_of_all_namespaces(serve: Serve, connect: Open) -> None:
    peer = serve(listing({**page(), "kind": "ConfigMapList"}))

    connect(peer.url).list(WRITTEN[0])

    assert peer.requests[0].path == "/api/v1/configmaps"
