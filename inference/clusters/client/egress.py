"""The one check of addresses that Waybill dials: public ones, and ranges an administrator named.

The caller connects to the address that was checked, never to the name again: a name that leads
elsewhere a second later leads nowhere.
"""

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any
from urllib.parse import SplitResult, urlsplit

from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.clusters.client.resolving import look_up
from inference.errors import Invalid
from inference.messages import clusters as messages

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[..., Iterable[tuple[Any, ...]]]
"""`socket.getaddrinfo`, or something that answers like it."""

_LONGEST = 2048
_HTTP = 80
_HTTPS = 443
_WELL_KNOWN_PORTS = range(1, 1024)
_LABEL = re.compile(r"[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?\Z")
_NUMERIC_LABEL = re.compile(r"(?:[0-9]+|0[xX][0-9a-fA-F]*)\Z")
_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~:-]+)*/?\Z")

_METADATA_NAMES = {
    "instance-data",
    "instance-data.ec2.internal",
    "metadata",
    "metadata.azure.internal",
    "metadata.goog",
    "metadata.google.internal",
    "metadata.oraclecloud.com",
}
_NEVER: tuple[tuple[str, tuple[Network, ...]], ...] = tuple(
    (why, tuple(ip_network(one) for one in networks))
    for why, networks in (
        (
            "it hands out a cloud machine's credentials",
            (
                "169.254.169.254/32",
                "169.254.170.2/32",
                "169.254.170.23/32",
                "100.100.100.200/32",
                "168.63.129.16/32",
                "192.0.0.192/32",
                "fd00:ec2::/32",
                "fd20:ce::254/128",
            ),
        ),
        ("it means any address", ("0.0.0.0/8", "::/128")),
        ("it is multicast", ("224.0.0.0/4", "ff00::/8")),
        ("it is reserved", ("240.0.0.0/4",)),
        ("it wraps another address", ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48")),
        ("it wraps another address", ("2002::/16", "2001::/32")),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_LOOPBACK_6 = IPv6Address("::1")


@dataclass(frozen=True, slots=True)
class Server:
    """The parts of an https URL that is well formed. `path` has no slash at its end."""

    host: str
    port: int
    path: str = ""

    @property
    def authority(self) -> str:
        """As it stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _HTTPS else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class CheckedAddress:
    """Where to connect (`ip`, `port`), and whom to expect there (`host`)."""

    host: str
    ip: str
    port: int

    @property
    def origin(self) -> str:
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"https://{ip}:{self.port}"


def check_address(
    url: str,
    allowed_networks: Iterable[str | Network],
    resolve: Resolve = look_up,
    *,
    turn: int = 0,
) -> CheckedAddress:
    """Resolve once and check every address that the name has; all of them must be allowed.

    `turn`: how many addresses were tried in vain. Of several API servers behind one name one may
    be away, and the resolver goes on naming it first.

    Raises Invalid for what may not be dialled, ClusterUnavailable where the name is unknown.
    """
    server = parse_server(url)
    addresses = _checked(server, allowed_networks, resolve)
    address = addresses[turn % len(addresses)]
    return CheckedAddress(server.host, str(address), server.port)


def check_gateway(
    host: str,
    port: int,
    allowed_networks: Iterable[str | Network],
    resolve: Resolve = look_up,
) -> str:
    """The address to dial for a gateway that a cluster named. Any port; the same ranges.

    Raises as `check_address` does.
    """
    server = Server(
        parse_server(f"https://[{host}]" if ":" in host else f"https://{host}").host, port
    )
    return str(_checked(server, allowed_networks, resolve)[0])


@dataclass(frozen=True, slots=True)
class Web:
    """Where a web API is: whom to expect (`server`), where to connect (`ip`), and how."""

    server: Server
    ip: str
    is_tls: bool


def check_metrics(
    url: str,
    allowed_networks: Iterable[str | Network],
    resolve: Resolve = look_up,
) -> Web:
    """The same check for a metrics source, which may speak http.

    Raises as `check_address` does.
    """
    server, is_tls = parse_web(url)
    return Web(server, str(_checked(server, allowed_networks, resolve)[0]), is_tls)


def parse_web(url: str) -> tuple[Server, bool]:
    """The same of an address that may speak http, and whether it speaks TLS. Raises Invalid."""
    is_tls = not url.startswith("http://")
    parts, port = _split(url if is_tls else f"https://{url[len('http://') :]}")
    port = _HTTP if not is_tls and parts.port is None else port
    if port in _WELL_KNOWN_PORTS and port not in {_HTTP, _HTTPS}:
        raise Invalid(messages.ADDRESS_BAD_PORT, port=port)
    if not _PATH.match(parts.path):
        raise Invalid(messages.ADDRESS_MALFORMED)
    return Server(_host(parts), port, parts.path.rstrip("/")), is_tls


def parse_server(url: str) -> Server:
    """What can be said about an address without asking anybody. Raises Invalid."""
    parts, port = _split(url)
    host = _host(parts)
    if port in _WELL_KNOWN_PORTS and port != _HTTPS:
        raise Invalid(messages.ADDRESS_BAD_PORT, port=port)
    if not _PATH.match(parts.path):
        raise Invalid(messages.ADDRESS_MALFORMED)
    return Server(host, port, parts.path.rstrip("/"))


def _split(url: str) -> tuple[SplitResult, int]:
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or set(url) & set(" \\"):
        raise Invalid(messages.ADDRESS_MALFORMED)
    try:
        parts = urlsplit(url)
        port = _HTTPS if parts.port is None else parts.port
    except ValueError:
        raise Invalid(messages.ADDRESS_MALFORMED) from None
    if parts.scheme != "https":
        raise Invalid(messages.ADDRESS_NOT_HTTPS)
    if "@" in parts.netloc:
        raise Invalid(messages.ADDRESS_HAS_CREDENTIALS)
    if "?" in url or "#" in url:
        raise Invalid(messages.ADDRESS_MALFORMED)
    if port == 0:
        raise Invalid(messages.ADDRESS_BAD_PORT, port=port)
    return parts, port


def _host(parts: SplitResult) -> str:
    """The host in lower case: a canonical address, or a DNS name that no parser takes for one."""
    host = (parts.hostname or "").rstrip(".")
    if parts.netloc.startswith("["):
        try:
            return str(IPv6Address(host)) if "%" not in host else _bad_host()
        except ValueError:
            return _bad_host()
    labels = host.split(".")
    if _NUMERIC_LABEL.match(labels[-1]):
        try:
            return str(IPv4Address(host))
        except ValueError:
            return _bad_host()
    if len(host) > 253 or not all(map(_LABEL.match, labels)):  # noqa: PLR2004 - the limit of DNS
        return _bad_host()
    if host in _METADATA_NAMES:
        raise Invalid(
            messages.ADDRESS_NEVER,
            host=host,
            address="a metadata service",
            why="it hands out a cloud machine's credentials",
        )
    return host


def _bad_host() -> str:
    raise Invalid(messages.ADDRESS_BAD_HOST)


def _checked(
    server: Server, allowed_networks: Iterable[str | Network], resolve: Resolve
) -> list[Address]:
    """Every address that the name has, in the order of the resolver; one that is refused refuses
    them all."""
    allowed = tuple(ip_network(network) for network in allowed_networks)
    addresses = _addresses(server, resolve)
    for address in addresses:
        _check(server.host, address, allowed)
    return addresses


def _addresses(server: Server, resolve: Resolve) -> list[Address]:
    try:
        return [ip_address(server.host)]
    except ValueError:
        pass
    try:
        answers = list(resolve(server.host, server.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        raise ClusterUnavailable(Unavailable.NAME_UNKNOWN, detail=str(error)) from error
    addresses = list(dict.fromkeys(_unscoped(str(answer[4][0])) for answer in answers))
    if not addresses:
        raise ClusterUnavailable(Unavailable.NAME_UNKNOWN)
    return addresses


def _unscoped(text: str) -> Address:
    return ip_address(text.partition("%")[0])


def _check(host: str, address: Address, allowed: tuple[Network, ...]) -> None:
    for why, networks in _NEVER:
        if address != _LOOPBACK_6 and _is_in(address, networks):
            raise Invalid(messages.ADDRESS_NEVER, host=host, address=str(address), why=why)
    if not _is_public(address) and not _is_in(address, allowed):
        raise Invalid(messages.ADDRESS_NOT_ALLOWED, host=host, address=str(address))


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global
