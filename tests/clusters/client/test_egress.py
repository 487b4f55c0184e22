"""Which addresses Waybill dials."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.clusters.client.egress import CheckedAddress, Resolve, check_address, parse_server
from inference.clusters.client.errors import ClusterUnavailable, Unavailable
from inference.errors import Invalid
from inference.messages import Message
from inference.messages import clusters as messages

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fd00::/8", "::1/128")
EVERYTHING = ("0.0.0.0/0", "::/0")


def answering(*addresses: str) -> Resolve:
    """A resolver that knows every name under these addresses."""

    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_UNSPEC, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    return resolve


def nothing(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
    raise AssertionError(f"{host} was resolved")


MALFORMED: list[tuple[str, Message]] = [
    ("", messages.ADDRESS_NOT_HTTPS),
    ("api.example.com", messages.ADDRESS_NOT_HTTPS),
    ("http://api.example.com", messages.ADDRESS_NOT_HTTPS),
    ("HTTP://api.example.com", messages.ADDRESS_NOT_HTTPS),
    ("file:///etc/passwd", messages.ADDRESS_NOT_HTTPS),
    ("gopher://api.example.com", messages.ADDRESS_NOT_HTTPS),
    ("https://", messages.ADDRESS_BAD_HOST),
    ("https:///path", messages.ADDRESS_BAD_HOST),
    ("https://:443", messages.ADDRESS_BAD_HOST),
    ("https://user@api.example.com", messages.ADDRESS_HAS_CREDENTIALS),
    ("https://user:word@api.example.com", messages.ADDRESS_HAS_CREDENTIALS),
    ("https://api.example.com@127.0.0.1", messages.ADDRESS_HAS_CREDENTIALS),
    ("https://@127.0.0.1", messages.ADDRESS_HAS_CREDENTIALS),
    ("https://api.example.com/\r\nHost: x", messages.ADDRESS_MALFORMED),
    ("https://api.example.com\r\n.evil", messages.ADDRESS_MALFORMED),
    ("https://api.example.com\t", messages.ADDRESS_MALFORMED),
    ("https://api.example.com/ x", messages.ADDRESS_MALFORMED),
    ("https://api.example.com\\@127.0.0.1", messages.ADDRESS_MALFORMED),
    ("https://api.example.com/?a=b", messages.ADDRESS_MALFORMED),
    ("https://api.example.com/?", messages.ADDRESS_MALFORMED),
    ("https://api.example.com/#a", messages.ADDRESS_MALFORMED),
    ("https://api.example.com/a/../b", messages.ADDRESS_MALFORMED),
    ("https://api.example.com/%2e%2e", messages.ADDRESS_MALFORMED),
    ("https://api.example.com//x", messages.ADDRESS_MALFORMED),
    ("https://api.example.com:port", messages.ADDRESS_MALFORMED),
    ("https://api.example.com:99999", messages.ADDRESS_MALFORMED),
    ("https://api.example.com:0", messages.ADDRESS_BAD_PORT),
    ("https://api.example.com:22", messages.ADDRESS_BAD_PORT),
    ("https://api.example.com:25", messages.ADDRESS_BAD_PORT),
    ("https://[::1", messages.ADDRESS_MALFORMED),
    ("https://[::1%25eth0]", messages.ADDRESS_BAD_HOST),
    ("https://[fe80::1%eth0]", messages.ADDRESS_BAD_HOST),
    ("https://[v1.a]", messages.ADDRESS_BAD_HOST),
    ("https://\uff41pi.example.com", messages.ADDRESS_MALFORMED),
    ("https://127\u30020\u30020\u30021", messages.ADDRESS_MALFORMED),
    ("https://a..example.com", messages.ADDRESS_BAD_HOST),
    ("https://-a.example.com", messages.ADDRESS_BAD_HOST),
    ("https://" + "a" * 64 + ".com", messages.ADDRESS_BAD_HOST),
    ("https://" + "a." * 130 + "com", messages.ADDRESS_BAD_HOST),
    ("https://a.com/" + "x" * 3000, messages.ADDRESS_MALFORMED),
    ("https://a%00.com", messages.ADDRESS_BAD_HOST),
    ("https://a%2fb.com", messages.ADDRESS_BAD_HOST),
]

SPELLINGS = [
    "0",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.01",
    "127.0.0.0x1",
    "127.0.0.1.1",
    "1.2.3.256",
    "0xa9fea9fe",
    "2852039166",
    "0xa9.0xfe.0xa9.0xfe",
]

NEVER = [
    "0.0.0.0",  # noqa: S104 - nobody listens there
    "0.1.2.3",
    "[::]",
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "224.0.0.1",
    "239.255.255.250",
    "[ff02::1]",
    "240.0.0.1",
    "255.255.255.255",
    "[::ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:8.8.8.8]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2001:0:1::1]",
    "metadata",
    "metadata.google.internal",
    "METADATA.google.internal.",
    "instance-data.ec2.internal",
]

NOT_PUBLIC = [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.1",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.1",
    "[::1]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fec0::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[4000::1]",
]

PUBLIC = ["1.1.1.1", "8.8.8.8", "34.120.5.6", "[2606:4700:4700::1111]", "[2a00:1450::1]"]


@pytest.mark.parametrize(("url", "message"), MALFORMED)
def test_what_is_no_plain_https_address_is_refused(url: str, message: Message) -> None:
    with pytest.raises(Invalid) as refused:
        check_address(url, EVERYTHING, nothing)

    assert refused.value.message == message


@pytest.mark.parametrize("host", SPELLINGS)
def test_an_address_in_another_spelling_is_refused_and_not_resolved(host: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_address(f"https://{host}:6443", EVERYTHING, nothing)

    assert refused.value.message == messages.ADDRESS_BAD_HOST


@pytest.mark.parametrize("host", NEVER)
def test_some_addresses_no_allow_list_opens(host: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_address(f"https://{host}:6443", EVERYTHING, nothing)

    assert refused.value.message == messages.ADDRESS_NEVER


@pytest.mark.parametrize("host", NOT_PUBLIC)
def test_what_is_not_public_needs_an_administrator(host: str) -> None:
    url = f"https://{host}:6443"

    with pytest.raises(Invalid) as refused:
        check_address(url, (), nothing)

    assert refused.value.message == messages.ADDRESS_NOT_ALLOWED
    assert check_address(url, EVERYTHING, nothing).ip == host.strip("[]")


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_need_nobody(host: str) -> None:
    found = check_address(f"https://{host}", (), nothing)

    assert found == CheckedAddress(host.strip("[]"), host.strip("[]"), 443)


@pytest.mark.parametrize("host", [*NEVER[:23], *NOT_PUBLIC])
def test_a_name_is_judged_by_every_address_that_it_leads_to(host: str) -> None:
    resolve = answering("8.8.8.8", host.strip("[]"))

    with pytest.raises(Invalid):
        check_address("https://api.example.com", (), resolve)


def test_a_name_is_resolved_once_and_its_address_is_kept() -> None:
    found = check_address("https://API.example.com.:6443/", (), answering("8.8.8.8", "1.1.1.1"))

    assert found == CheckedAddress("api.example.com", "8.8.8.8", 6443)
    assert found.origin == "https://8.8.8.8:6443"


def test_localhost_is_a_name_like_any_other() -> None:
    with pytest.raises(Invalid) as refused:
        check_address("https://localhost:6443", (), answering("127.0.0.1"))

    assert refused.value.message == messages.ADDRESS_NOT_ALLOWED
    assert check_address("https://localhost:6443", PRIVATE, answering("127.0.0.1", "::1"))


def test_a_scope_behind_an_address_does_not_hide_it() -> None:
    with pytest.raises(Invalid):
        check_address("https://api.example.com", (), answering("fe80::1%eth0"))


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), UnicodeError("label too long")])
def test_a_name_that_nobody_knows_is_said(error: Exception) -> None:
    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        raise error

    with pytest.raises(ClusterUnavailable) as refused:
        check_address("https://api.example.com", (), resolve)

    assert refused.value.reason is Unavailable.NAME_UNKNOWN


def test_a_name_without_addresses_is_unknown() -> None:
    with pytest.raises(ClusterUnavailable):
        check_address("https://api.example.com", (), answering())


def test_a_path_before_the_api_is_kept() -> None:
    found = parse_server("https://rancher.example.com/k8s/clusters/c-m-1/")

    assert (found.path, found.authority) == ("/k8s/clusters/c-m-1", "rancher.example.com")


def test_the_authority_names_a_port_that_is_not_the_usual_one() -> None:
    assert parse_server("https://[2a00:1450::1]:6443").authority == "[2a00:1450::1]:6443"


@given(st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address))
def test_without_an_allow_list_only_global_addresses_are_dialled(
    address: IPv4Address | IPv6Address,
) -> None:
    try:
        found = check_address("https://api.example.com", (), answering(str(address)))
    except Invalid:
        return

    dialled = ip_address(found.ip)
    assert dialled.is_global
    assert not dialled.is_multicast
    assert not dialled.is_private


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        found = check_address(f"https://{text}", PRIVATE, answering("10.0.0.1"))
    except Invalid:
        return

    assert found.ip == "10.0.0.1" or ip_address(found.ip)
    assert 1 <= found.port <= 65535


def test_networks_are_taken_as_values_too() -> None:
    found = check_address("https://10.1.2.3", (ip_network("10.0.0.0/8"),), nothing)

    assert found.ip == "10.1.2.3"
