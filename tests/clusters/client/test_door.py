"""What goes over the wire for each deed, and to whom."""

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inference.clusters.client.errors import (
    ClusterUnavailable,
    ManifestRejected,
    Rejected,
    Unavailable,
)
from inference.clusters.client.kinds import READ, WRITTEN
from inference.manifests import ObjectRef
from tests.clusters.client.conftest import Open, Serve, always
from tests.clusters.client.peers import Peer, Request, http, status

REF = ObjectRef("v1", "ConfigMap", "chat", "a")
PODS = READ[1]
BODY = b'{"apiVersion":"v1","data":{"k":"v"},"kind":"ConfigMap","metadata":{"name":"a"}}'
MADE = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a", "uid": "u-1"}}
MISSING = status(404, 'configmaps "a" not found', "NotFound", name="a", kind="configmaps")


def test_apply_sends_the_stored_bytes_and_nothing_else(serve: Serve, connect: Open) -> None:
    peer = serve(always(201, MADE))

    applied = connect(peer.url).apply(REF, BODY)

    sent = peer.requests[0]
    assert (applied.created, applied.object) == (True, MADE)
    assert (sent.method, sent.path) == ("PATCH", "/api/v1/namespaces/chat/configmaps/a")
    assert sent.body == BODY
    assert sent.headers["content-type"] == "application/apply-patch+yaml"
    assert sent.query == {"fieldManager": "waybill", "fieldValidation": "Strict"}


def test_an_update_carries_its_uid_as_the_only_change(serve: Serve, connect: Open) -> None:
    peer = serve(always(200, MADE))

    applied = connect(peer.url).apply(REF, BODY, uid="u-1")

    assert not applied.created
    assert peer.requests[0].body == BODY.replace(b'{"name"', b'{"uid":"u-1","name"')


def test_force_and_dry_run_are_asked_for_by_name(serve: Serve, connect: Open) -> None:
    peer = serve(always(200, MADE))
    client = connect(peer.url)

    client.apply(REF, BODY, force=True)
    client.apply(REF, BODY, dry_run=True)

    assert [one.query.get("force") for one in peer.requests] == ["true", None]
    assert [one.query.get("dryRun") for one in peer.requests] == [None, "All"]


def test_warm_each_apply_is_one_request(serve: Serve, connect: Open) -> None:
    peer = serve(always(200, MADE))
    client = connect(peer.url)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: client.apply(REF, BODY), range(40)))

    assert [one.method for one in peer.requests] == ["PATCH"] * 40
    assert peer.connections <= 8


def test_get_gives_the_object_or_none(serve: Serve, connect: Open) -> None:
    here, gone = serve(always(200, MADE)), serve(always(404, MISSING))

    assert connect(here.url).get(REF) == MADE
    assert connect(gone.url).get(REF) is None


@pytest.mark.parametrize(
    "body", [b"404 page not found", json.dumps(status(404, "could not find")).encode()]
)
def test_a_kind_that_is_not_served_is_no_absent_object(
    serve: Serve, connect: Open, body: bytes
) -> None:
    kind = "application/json" if body.startswith(b"{") else "text/plain"
    client = connect(serve(always(404, body, content_type=kind)).url)

    for ask in (lambda: client.get(REF), lambda: client.delete(REF, "u-1")):
        with pytest.raises(ManifestRejected) as refused:
            ask()
        assert refused.value.reason is Rejected.KIND_NOT_SERVED


NO_RIGHT = 'configmaps "a" is forbidden: User "waybill" cannot patch resource "configmaps"'
NOT_THERE = status(404, 'namespaces "chat" not found', "NotFound", name="chat", kind="namespaces")


@pytest.mark.parametrize(
    ("code", "said", "reason"),
    [
        (404, NOT_THERE, Rejected.NAMESPACE_MISSING),
        (200, {"kind": "Namespace", "metadata": {"name": "chat"}}, Rejected.FORBIDDEN),
        (403, status(403, "forbidden", "Forbidden"), Rejected.FORBIDDEN),
        (503, status(503, "away"), Rejected.FORBIDDEN),
    ],
)
def test_a_namespace_that_is_gone_is_told_from_rights_that_are_missing(
    serve: Serve, connect: Open, code: int, said: dict[str, Any], reason: Rejected
) -> None:
    def respond(request: Request, peer: Peer) -> Iterable[bytes]:
        if request.path == "/api/v1/namespaces/chat":
            return http(code, said)
        return http(403, status(403, NO_RIGHT, "Forbidden", name="a", kind="configmaps"))

    client = connect(serve(respond).url)

    for ask in (
        lambda: client.apply(REF, BODY),
        lambda: client.get(REF),
        lambda: client.delete(REF, "u-1"),
    ):
        with pytest.raises(ManifestRejected) as refused:
            ask()
        assert refused.value.reason is reason
        assert refused.value.params["namespace"] == "chat"


def test_delete_names_precisely_one_object(serve: Serve, connect: Open) -> None:
    peer = serve(always(200, status(200)))
    client = connect(peer.url)

    assert client.delete(REF, "u-1")
    assert client.delete(REF, "u-1", "77", dry_run=True)

    first, second = (one.json() for one in peer.requests)
    assert first == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": "u-1"},
        "propagationPolicy": "Background",
    }
    assert second["preconditions"] == {"uid": "u-1", "resourceVersion": "77"}
    assert second["dryRun"] == ["All"]


def test_deleting_what_is_gone_is_no_error(serve: Serve, connect: Open) -> None:
    assert not connect(serve(always(404, MISSING)).url).delete(REF, "u-1")


@pytest.mark.parametrize(
    "ref",
    [
        ObjectRef("v1", "ConfigMap", "", "a"),
        ObjectRef("v1", "ConfigMap", "chat", ""),
        ObjectRef("v1", "ConfigMap", "chat", "../x"),
        ObjectRef("v1", "Node", "chat", "a"),
    ],
)
def test_a_reference_without_its_place_asks_nobody(
    serve: Serve, connect: Open, ref: ObjectRef
) -> None:
    peer = serve(always(200, MADE))

    with pytest.raises(ManifestRejected):
        connect(peer.url).apply(ref, BODY)

    assert peer.requests == []


def discovering(request: Request, peer: Peer) -> Iterable[bytes]:
    documents: dict[str, dict[str, Any]] = {
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/api/v1": {"kind": "APIResourceList", "resources": [{"name": "pods", "kind": "Pod"}]},
        "/apis": {"kind": "APIGroupList", "groups": [{"versions": [{"groupVersion": "x.io/v2"}]}]},
        "/apis/x.io/v2": {
            "kind": "APIResourceList",
            "resources": [{"name": "widgets", "kind": "Widget", "namespaced": True}],
        },
        "/version": {"gitVersion": "v1.30.1"},
    }
    return http(200, documents.get(request.path, MADE))


def test_a_kind_that_is_not_known_is_discovered_once(serve: Serve, connect: Open) -> None:
    peer = serve(discovering)
    client = connect(peer.url)
    ref = ObjectRef("x.io/v2", "Widget", "chat", "a")

    client.get(ref)
    client.get(ref)

    paths = [one.path for one in peer.requests]
    assert paths[-2:] == ["/apis/x.io/v2/namespaces/chat/widgets/a"] * 2
    assert len(paths) == 5 + 2


def test_a_kind_that_nobody_serves_is_refused_with_its_name(serve: Serve, connect: Open) -> None:
    client = connect(serve(discovering).url)

    with pytest.raises(ManifestRejected, match=r"Gadget in x\.io/v2") as refused:
        client.get(ObjectRef("x.io/v2", "Gadget", "chat", "a"))

    assert refused.value.reason is Rejected.KIND_NOT_SERVED


@pytest.mark.parametrize("body", [{}, {"metadata": 5}, {"metadata": {"uid": 5}}])
def test_an_identity_is_a_uid_or_no_kubernetes(
    serve: Serve, connect: Open, body: dict[str, Any]
) -> None:
    with pytest.raises(ClusterUnavailable) as refused:
        connect(serve(always(200, body)).url).identity()

    assert refused.value.reason is Unavailable.NOT_KUBERNETES


def test_another_cluster_at_the_same_address_is_noticed(serve: Serve, connect: Open) -> None:
    client = connect(serve(always(200, MADE)).url)

    client.check_identity("u-1")
    with pytest.raises(ClusterUnavailable) as refused:
        client.check_identity("u-0")

    assert refused.value.reason is Unavailable.IDENTITY_CHANGED
    assert refused.value.params["found"] == "u-1"


def test_ready_is_a_word_and_nothing_else(serve: Serve, connect: Open) -> None:
    connect(serve(always(200, b"ok")).url).ready()

    with pytest.raises(ClusterUnavailable):
        connect(serve(always(200, b"<html>ok</html>")).url).ready()
    with pytest.raises(ClusterUnavailable):
        connect(serve(always(500, b"[-]etcd failed")).url).ready()


@pytest.mark.parametrize("allowed", [True, False])
def test_rights_are_asked_of_the_cluster(serve: Serve, connect: Open, allowed: bool) -> None:
    peer = serve(always(201, {"status": {"allowed": allowed}}))

    answered = connect(peer.url).can_i("get", "", "pods", namespace="chat")

    assert answered is allowed
    assert peer.requests[0].json()["spec"] == {
        "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "chat"}
    }


def test_a_token_is_requested_for_a_time_and_not_shown(serve: Serve, connect: Open) -> None:
    given = {"token": "fresh-canary", "expirationTimestamp": "2026-06-01T13:00:00Z"}
    peer = serve(always(201, {"status": given}))

    made = connect(peer.url).request_token("waybill", "waybill", timedelta(hours=1))

    assert made.token == "fresh-canary"
    assert made.expires_at == datetime(2026, 6, 1, 13, tzinfo=UTC)
    assert "canary" not in repr(made)
    assert peer.requests[0].json()["spec"] == {"expirationSeconds": 3600}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"token": "", "expirationTimestamp": "2026-06-01T13:00:00Z"},
        {"token": 5, "expirationTimestamp": "2026-06-01T13:00:00Z"},
        {"token": "a", "expirationTimestamp": "soon"},
        {"token": "a", "expirationTimestamp": "2026-06-01T13:00:00"},
    ],
)
def test_a_token_without_an_end_is_none(serve: Serve, connect: Open, given: dict[str, Any]) -> None:
    client = connect(serve(always(201, {"status": given})).url)

    with pytest.raises(ClusterUnavailable):
        client.request_token("waybill", "waybill", timedelta(hours=1))


def test_credentials_of_two_clusters_never_cross(serve: Serve, connect: Open) -> None:
    peers = [serve(always(200, MADE)) for _ in range(2)]
    clients = [connect(peer.url, f"canary-{n}") for n, peer in enumerate(peers)]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: clients[n % 2].apply(REF, BODY), range(80)))

    for n, peer in enumerate(peers):
        assert {one.headers["authorization"] for one in peer.requests} == {f"Bearer canary-{n}"}
        assert len(peer.requests) == 40


def test_a_redirect_to_another_cluster_takes_no_credential_along(
    serve: Serve, connect: Open
) -> None:
    other = serve(always(200, MADE))

    def redirect(request: Request, peer: Peer) -> Iterable[bytes]:
        return http(307, b"", location=f"{other.url}{request.target}")

    with pytest.raises(ClusterUnavailable) as refused:
        connect(serve(redirect).url).apply(REF, BODY)

    assert refused.value.reason is Unavailable.REDIRECTED
    assert other.requests == []


def test_a_deadline_that_has_passed_sends_nothing(serve: Serve, connect: Open) -> None:
    peer = serve(always(200, MADE))

    with pytest.raises(ClusterUnavailable):
        connect(peer.url).apply(REF, BODY, deadline=time.monotonic() - 1)

    assert peer.requests == []


def test_after_a_429_nothing_is_sent_until_the_cluster_said(serve: Serve, connect: Open) -> None:
    peer = serve(always(429, b"", retry_after="120"))
    client = connect(peer.url)

    for _ in range(3):
        with pytest.raises(ClusterUnavailable) as refused:
            client.apply(REF, BODY)
        assert refused.value.reason is Unavailable.THROTTLED
        assert refused.value.retry_after is not None

    assert len(peer.requests) == 1
    assert client.window.window.places == 2


def test_a_server_behind_a_path_is_asked_below_it(serve: Serve, connect: Open) -> None:
    peer = serve(always(200, MADE))

    connect(f"{peer.url}/k8s/clusters/c-1/").get(REF)

    assert peer.requests[0].path == "/k8s/clusters/c-1/api/v1/namespaces/chat/configmaps/a"


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
