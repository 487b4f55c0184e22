"""Who asks, where proxies stand in between: the last address that none of ours has added."""

from collections.abc import Callable, Iterator
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ClientAddressMiddleware:
    """Without `PROXY_RANGES` nobody is believed: anybody can send the header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.PROXY_RANGES:
            request.META["REMOTE_ADDR"] = _client(request)
        return self.get_response(request)


def _client(request: HttpRequest) -> str:
    """The nearest address that is no proxy; the outermost proxy, where there is none."""
    client = str(request.META.get("REMOTE_ADDR", ""))
    for address in _addresses(request):
        if not _is_proxy(client):
            break
        client = address
    return client


def _addresses(request: HttpRequest) -> Iterator[str]:
    """As the proxies wrote them, the nearest first; nothing beyond what is no address."""
    header = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))[-1000:]
    for text in reversed(header.split(",")):
        try:
            yield str(ip_address(text.strip()))
        except ValueError:
            return


def _is_proxy(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in one for one in settings.PROXY_RANGES)
