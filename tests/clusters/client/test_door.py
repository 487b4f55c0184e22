"""What goes over the wire for each deed, and to whom."""

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from inference.clusters.client.errors import (
    ClusterUnavailable,
    ManifestRejected,
    Rejected,
    Unavailable,
)
from inference.manifests import ObjectRef
from tests.clusters.client.answers import BODY, MADE, MISSING, REF
from tests.clusters.client.conftest import Open, Serve, always
from tests.clusters.client.peers import Peer, Request, http, status


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
