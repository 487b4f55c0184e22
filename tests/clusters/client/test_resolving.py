"""Names are looked up within a bound, whatever the resolver of the system does."""

import socket
import threading
from collections.abc import Callable

import pytest

from inference.clusters.client import resolving
from inference.clusters.client.egress import check_gateway, check_metrics
from inference.clusters.client.errors import ClusterUnavailable, Unavailable


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that is asked and does not answer, as where a firewall swallows DNS."""
    asleep = threading.Event()
    monkeypatch.setattr(resolving, "SECONDS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_names, **_more: asleep.wait(10))


@pytest.mark.usefixtures("silence")
@pytest.mark.parametrize(
    "check",
    [lambda: check_metrics("http://p.example", []), lambda: check_gateway("g.example", 80, [])],
)
def test_a_resolver_that_is_silent_is_not_waited_for(check: Callable[[], object]) -> None:
    with pytest.raises(ClusterUnavailable) as refused:
        check()

    assert refused.value.reason is Unavailable.NAME_UNKNOWN
    assert refused.value.detail == "the resolver is silent"


def test_a_name_is_looked_up_as_the_system_does() -> None:
    asked = ("localhost", 443)

    assert resolving.look_up(*asked, type=socket.SOCK_STREAM) == socket.getaddrinfo(
        *asked, type=socket.SOCK_STREAM
    )


def test_a_name_that_nobody_knows_is_told_as_the_system_does() -> None:
    with pytest.raises(socket.gaierror):
        resolving.look_up("nobody.invalid", 443)
