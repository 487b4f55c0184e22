"""What platform allows: namespaces, gateways and whom to trust there, addresses, pairs of eyes."""

from collections.abc import Callable

import pytest
from django.test import Client

from inference.accounts.models import EnvironmentRule, User
from inference.clusters.models import EgressRange, Gateway, Grant
from tests.api.house import House, furnish
from tests.clusters.client.authority import Authority
from tests.factories.accounts import TeamFactory
from tests.factories.clusters import GatewayFactory
from tests.web.markup import typed, words

Browse = Callable[[User | None], Client]


def test_platform_grants_registers_and_allows(house: House, platform: User, browse: Browse) -> None:
    browser, cluster = browse(platform), house.cluster.name
    address = "/settings/allowances/"

    browser.post(
        address, {"what": "grant", "cluster": cluster, "team": "chat", "namespace": "llm-two"}
    )
    browser.post(
        address, {"what": "gateway", "cluster": cluster, "namespace": "edge", "name": "public"}
    )
    browser.post(address, {"what": "range", "cidr": "172.20.0.0/16", "reason": "lab"})
    browser.post(address, {"what": "eyes", "one_pair_of_eyes": "yes"})

    grant, gateway = Grant.objects.get(namespace="llm-two"), Gateway.objects.get(name="public")
    egress = EgressRange.objects.get(cidr="172.20.0.0/16")
    assert EnvironmentRule.objects.get(environment="dev").one_pair_of_eyes
    for what, row in (("grant", grant), ("gateway", gateway), ("range", egress)):
        browser.post(f"{address}{what}/{row.pk}/remove/")
    gateway.refresh_from_db()
    assert gateway.removed_at is not None
    assert not Grant.objects.filter(pk=grant.pk).exists()
    assert not EgressRange.objects.filter(pk=egress.pk).exists()


def test_platform_enters_whom_to_trust_at_a_gateway(
    house: House, platform: User, browse: Browse
) -> None:
    browser, ca_pem = browse(platform), Authority().pem.strip()
    address, first = "/settings/allowances/", f"{house.gateway.pk} 1"

    def enter(gateway: str, ca_pem: str) -> int:
        sent = {"what": "authority", "gateway": gateway, "ca_pem": ca_pem}
        return browser.post(address, sent).status_code

    assert f'value="{first}"' in browser.get(address).content.decode()
    statuses = [enter(first, ca_pem), enter(first, "")]
    statuses += [enter(f"{house.gateway.pk} 2", "no PEM"), enter("nonsense", "")]

    house.gateway.refresh_from_db()
    assert house.gateway.ca_pem == ca_pem
    assert statuses == [302, 409, 422, 422]
    assert "one of its own" in browser.get(address).content.decode()


OTHER = {"cluster": "east-1", "namespace": "Not so"}


@pytest.mark.parametrize(
    ("what", "sent"),
    [
        ("grant", {**OTHER, "team": "search", "pull-secret": "pull", "token-secret": "token"}),
        ("gateway", {**OTHER, "name": "llm", "listener": "https", "ca": "no PEM"}),
        ("ca", {"gateway": "", "of-gateway": "no PEM"}),
        ("range", {"cidr": "10.0.0.0/99", "reason": "a lab"}),
    ],
)
def test_what_was_typed_is_there_when_it_was_refused(
    what: str, sent: dict[str, str], house: House, platform: User, author: User, browse: Browse
) -> None:
    """Fields are called by their ids: names stand in several forms of this page."""
    furnish(house.team, author, 1)
    TeamFactory.create(name="search")
    other = GatewayFactory.create(cluster=house.cluster, name="other")
    if what == "ca":
        sent = sent | {"gateway": f"{other.pk} {other.version}"}
    names = {"pull-secret": "pull_secret", "token-secret": "token_secret", "ca": "ca_pem"}
    names |= {"of-gateway": "ca_pem"}
    body = {names.get(name, name): value for name, value in sent.items()}

    response = browse(platform).post(
        "/settings/allowances/", body | {"what": {"ca": "authority"}.get(what, what)}
    )

    assert response.status_code == 422
    shown = typed(response.content.decode())
    assert {name: shown[f"{what}-{name}"] for name in sent} == sent
    kept = {f"{what}-{name}" for name in sent}
    assert not [
        one for one in sent.values() if one in {shown[name] for name in shown.keys() - kept}
    ]


@pytest.mark.parametrize("what", ["grant", "gateway", "authority", "range", "eyes"])
def test_others_are_allowed_to_look_alone(
    what: str, house: House, admin: User, browse: Browse
) -> None:
    browser = browse(admin)
    sent = {"what": what, "cluster": house.cluster.name, "team": "chat", "namespace": "x"}

    page = words(browser.get("/settings/allowances/").content.decode())
    posted = browser.post("/settings/allowances/", {**sent, "name": "y", "cidr": "10.9.0.0/16"})
    removed = browser.post(f"/settings/allowances/grant/{house.grant.pk}/remove/")

    assert "You may look, not change." in page
    assert house.range.cidr not in page
    assert (posted.status_code, removed.status_code) == (403, 403)
    assert Grant.objects.filter(pk=house.grant.pk).exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"what": "range", "cidr": "nonsense", "reason": "x"}, 422),
        ({"what": "grant", "cluster": "nowhere", "team": "chat"}, 422),
        ({"what": "grant", "cluster": "east-0", "team": "chat", "namespace": "llm-chat"}, 409),
        ({"what": "moon"}, 404),
    ],
)
def test_what_cannot_be_allowed_says_why(
    sent: dict[str, str], status: int, house: House, platform: User, browse: Browse
) -> None:
    assert browse(platform).post("/settings/allowances/", sent).status_code == status


@pytest.mark.parametrize("key", ["1", "nonsense", "9" * 40])
def test_what_is_not_there_is_not_removed(
    key: str, house: House, platform: User, browse: Browse
) -> None:
    browser = browse(platform)

    for what in ("grant", "gateway"):
        assert browser.post(f"/settings/allowances/{what}/{key}/remove/").status_code == 404
