"""Names are looked up within a bound, whatever the resolver of the system does."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Never

import pytest

from inference.clusters.client import resolving
from inference.clusters.client.egress import check_gateway, check_metrics
from inference.clusters.client.errors import ClusterUnavailable, Unavailable


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A resolver that is asked and does not answer, as where a firewall swallows DNS."""
    over = threading.Event()

    def swallow(*_names: object, **_more: object) -> Never:
        over.wait()
        raise socket.gaierror

    monkeypatch.setattr(resolving, "SECONDS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", swallow)
    yield
    over.set()
    for thread in threading.enumerate():
        if thread.name == "waybill-look-up":
            thread.join()


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


def test_a_name_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(OSError):
        resolving.look_up("nobody.invalid", 443)
