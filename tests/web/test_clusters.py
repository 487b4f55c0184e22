"""Clusters on pages: seen by their teams, connected and held by platform, no secret ever shown."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inference.accounts.models import Team, User
from inference.clusters.models import Cluster, ClusterCredential
from inference.outbox.models import OutboxEntry
from tests.api.house import House
from tests.api.test_clusters import kubeconfig
from tests.clusters.test_actions import certificate
from tests.factories.clusters import ClusterFactory, EgressRangeFactory, GrantFactory
from tests.web.markup import words

Browse = Callable[[User | None], Client]
CANARY = "canary-of-a-token"
SERVER = "https://10.20.0.1:6443"


@pytest.fixture(autouse=True)
def range_of_ours(db: None) -> None:
    EgressRangeFactory.create(cidr="10.20.0.0/24")


@pytest.fixture(scope="module")
def ca() -> str:
    return certificate(until=datetime(2036, 1, 1, tzinfo=UTC))[0]


def parts(ca: str, **other: str) -> dict[str, str]:
    sent = {"name": "west", "environment": "dev", "server": SERVER, "ca_pem": ca, "token": CANARY}
    return {**sent, **other}


def test_platform_connects_by_parts_and_a_worker_looks_at_it(
    ca: str, platform: User, browse: Browse
) -> None:
    response = browse(platform).post("/connect/", parts(ca))

    cluster = Cluster.objects.get(name="west")
    assert response["Location"] == "/clusters/west/"
    assert OutboxEntry.objects.filter(key=str(cluster.pk)).exists()
    assert CANARY not in browse(platform).get("/clusters/west/").content.decode()


def test_platform_connects_by_a_kubeconfig(ca: str, platform: User, browse: Browse) -> None:
    sent = {
        "name": "west",
        "environment": "prod",
        "kubeconfig": kubeconfig(ca, {}, {"token": CANARY}),
    }

    browse(platform).post("/connect/", sent)

    assert ClusterCredential.objects.get().cluster.name == "west"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"name": "Not A Name"}, "A name begins with a letter"),
        ({"server": "http://10.20.0.1"}, "https://"),
        ({"server": "", "ca_pem": "", "token": ""}, "Paste a kubeconfig, or give the address"),
        ({"server": "https://192.168.0.1:6443"}, "192.168.0.1"),
        ({"environment": "moon"}, "Choose one."),
        ({"token": ""}, "credential"),
    ],
)
def test_what_cannot_be_connected_says_why_and_keeps_what_is_no_secret(
    other: dict[str, str], said: str, ca: str, platform: User, browse: Browse
) -> None:
    response = browse(platform).post("/connect/", parts(ca, title="The west", **other))

    page = response.content.decode()
    assert response.status_code == 422
    assert said in words(page)
    assert 'value="The west"' in page
    assert CANARY not in page
    assert not Cluster.objects.exists()


@pytest.mark.parametrize("who", ["author", "admin"])
def test_nobody_else_connects(
    who: str, ca: str, browse: Browse, request: pytest.FixtureRequest
) -> None:
    response = browse(request.getfixturevalue(who)).post("/connect/", parts(ca))

    assert response.status_code == 403
    assert not Cluster.objects.exists()


@pytest.mark.parametrize(("deed", "state"), [("hold", "held"), ("resume", "active")])
def test_platform_holds_and_resumes(
    deed: str, state: str, house: House, platform: User, browse: Browse
) -> None:
    cluster = house.cluster
    address = f"/clusters/{cluster.name}/{deed}/"

    old = browse(platform).post(address, {"version": "77"})
    browse(platform).post(address, {"version": str(cluster.version)})

    cluster.refresh_from_db()
    assert old.status_code == 409
    assert cluster.state == state


def test_a_cluster_is_removed_by_typing_its_name(
    house: House, platform: User, browse: Browse
) -> None:
    browser, cluster = browse(platform), house.cluster
    address, version = f"/clusters/{cluster.name}/remove/", str(cluster.version)

    careless = browser.post(address, {"version": version})
    browser.post(address, {"version": version, "confirm": cluster.name})

    cluster.refresh_from_db()
    assert careless.status_code == 422
    assert cluster.state == Cluster.State.REMOVED
    assert browser.get(f"/clusters/{cluster.name}/").status_code == 404


def test_a_credential_is_replaced(ca: str, house: House, platform: User, browse: Browse) -> None:
    sent = {"server": SERVER, "ca_pem": ca, "token": CANARY, "version": str(house.cluster.version)}

    browse(platform).post(f"/clusters/{house.cluster.name}/credential/", sent)

    house.cluster.refresh_from_db()
    assert house.cluster.server == SERVER
    assert ClusterCredential.objects.filter(cluster=house.cluster).exists()


@pytest.mark.parametrize("deed", ["probe", "hold", "resume", "remove", "credential"])
@pytest.mark.parametrize("who", ["viewer", "admin"])
def test_deeds_are_for_platform_alone(
    deed: str, who: str, house: House, browse: Browse, request: pytest.FixtureRequest
) -> None:
    browser = browse(request.getfixturevalue(who))
    sent = {"version": str(house.cluster.version), "confirm": house.cluster.name}

    response = browser.post(f"/clusters/{house.cluster.name}/{deed}/", sent)

    house.cluster.refresh_from_db()
    assert response.status_code == 403
    assert house.cluster.state == Cluster.State.ACTIVE
    assert "For platform" not in browser.get(f"/clusters/{house.cluster.name}/").content.decode()


def test_a_cluster_of_others_is_not_there(house: House, outsider: User, browse: Browse) -> None:
    browser = browse(outsider)

    for address in ("", "rbac/"):
        assert browser.get(f"/clusters/{house.cluster.name}/{address}").status_code == 404
    assert browser.post(f"/clusters/{house.cluster.name}/hold/").status_code == 404
    assert house.cluster.name not in words(browser.get("/clusters/").content.decode())


def test_rights_are_downloaded_for_the_granted_namespaces(
    house: House, viewer: User, browse: Browse
) -> None:
    response = browse(viewer).get(f"/clusters/{house.cluster.name}/rbac/")

    assert response["Content-Type"] == "application/yaml"
    assert "attachment" in response["Content-Disposition"]
    assert house.grant.namespace in response.content.decode()


def test_a_silent_cluster_says_what_it_said_last(
    house: House, viewer: User, browse: Browse
) -> None:
    Cluster.objects.update(problem_code="cluster-unreachable", contacted_at=timezone.now())

    page = words(browse(viewer).get(f"/clusters/{house.cluster.name}/").content.decode())

    assert "Does not answer." in page
    assert "check that the API server runs" in page


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("cluster-credential-expired", "Not let in."),
        ("cluster-known", "Known already."),
        ("cluster-answers-as-another", "Another one."),
        ("cluster-identity-changed", "Another one."),
    ],
)
def test_a_cluster_that_is_refused_or_refuses_does_answer(
    code: str, word: str, house: House, viewer: User, browse: Browse
) -> None:
    Cluster.objects.update(problem_code=code, contacted_at=timezone.now())

    page = words(browse(viewer).get(f"/clusters/{house.cluster.name}/").content.decode())

    assert word in page
    assert "Does not answer" not in page


def test_a_cluster_that_nobody_has_asked_says_never(
    house: House, platform: User, browse: Browse
) -> None:
    Cluster.objects.filter(pk=house.cluster.pk).update(contacted_at=None)

    page = words(browse(platform).get(f"/clusters/{house.cluster.name}/").content.decode())

    assert "Last contact never no worker has asked it yet" in page


def test_the_list_costs_as_many_queries_with_one_row_as_with_fifty(
    house: House, chat: Team, viewer: User, browse: Browse
) -> None:
    browser = browse(viewer)
    browser.get("/clusters/")
    few = _count(browser)
    for cluster in ClusterFactory.create_batch(49):
        GrantFactory.create(cluster=cluster, team=chat)

    assert _count(browser) == few


def _count(browser: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get("/clusters/").status_code == 200
    return len(queries)


def test_a_cluster_may_be_called_as_a_page_is(house: House, platform: User, browse: Browse) -> None:
    for name in ("new", "connect"):
        Cluster.objects.filter(pk=house.cluster.pk).update(name=name)

        page = browse(platform).get(f"/clusters/{name}/").content.decode()

        assert f"/clusters/{name}/rbac/" in page


def test_platform_says_what_a_cluster_is_called_and_keeps_what_was_typed(
    house: House, platform: User, browse: Browse
) -> None:
    browser, cluster = browse(platform), house.cluster
    address = f"/clusters/{cluster.name}/describe/"

    old = browser.post(address, {"version": "77", "title": "The old east"})
    browser.post(address, {"version": str(cluster.version), "title": "The east"})

    assert old.status_code == 409
    assert 'value="The old east"' in old.content.decode()
    cluster.refresh_from_db()
    assert str(cluster) == "The east"
    assert "The east" in words(browser.get(f"/clusters/{cluster.name}/").content.decode())


@pytest.mark.parametrize(("who", "status"), [("author", 403), ("admin", 403), ("outsider", 404)])
def test_nobody_else_names_a_cluster(
    who: str, status: int, house: House, browse: Browse, request: pytest.FixtureRequest
) -> None:
    sent = {"version": str(house.cluster.version), "title": "Mine"}

    response = browse(request.getfixturevalue(who)).post(
        f"/clusters/{house.cluster.name}/describe/", sent
    )

    assert response.status_code == status
    house.cluster.refresh_from_db()
    assert house.cluster.title != "Mine"
