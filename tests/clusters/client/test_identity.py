"""Which cluster it is, whether it is ready, what it allows, and the tokens that it gives."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from tests.clusters.client.answers import MADE
from tests.clusters.client.conftest import Open, Serve, always


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
