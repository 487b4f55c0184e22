"""Whose failures are counted where proxies stand in between."""

from ipaddress import ip_network

import pytest
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings

from console.client_address import ClientAddressMiddleware


def seen(peer: str, forwarded: str) -> str:
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
    ClientAddressMiddleware(lambda _: HttpResponse())(request)
    return str(request.META["REMOTE_ADDR"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_last_address_that_no_proxy_of_ours_has(
    peer: str, forwarded: str, client: str, settings: Settings
) -> None:
    settings.PROXY_RANGES = [ip_network("10.0.0.0/24")]

    assert seen(peer, forwarded) == client


def test_nobody_is_believed_who_was_not_named() -> None:
    assert seen("10.0.0.1", "198.51.100.1") == "10.0.0.1"
