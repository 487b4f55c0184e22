"""The metrics source of a cluster: who enters it, where it may be, and what is never shown."""

from typing import Any

import pytest

from inference.accounts.models import Team, User
from inference.audit.models import AuditEvent
from inference.clusters import actions, metrics_sources
from inference.clusters.metrics_sources import MEASURE, bearer_of
from inference.clusters.models import Cluster, MetricsSource
from inference.errors import Conflict, Invalid, NotAllowed, Refusal
from inference.messages import clusters as addresses
from inference.messages import connecting
from inference.messages import metrics as messages
from inference.outbox.models import OutboxEntry
from tests.conftest import NOON
from tests.factories.clusters import ClusterFactory, EgressRangeFactory

CANARY = "canary-of-a-bearer"
URL = "https://10.20.0.1:9090/prometheus"


@pytest.fixture
def cluster(db: None) -> Cluster:
    EgressRangeFactory.create(cidr="10.20.0.0/16")
    return ClusterFactory.create()


def enter(cluster: Cluster, by: User, url: str = URL, **more: Any) -> MetricsSource:
    cluster.refresh_from_db()
    metrics_sources.enter_source(
        cluster=cluster, version=cluster.version, url=url, by=by, at=NOON, **more
    )
    return MetricsSource.objects.select_related("cluster").get()


def test_a_source_is_entered_recorded_and_asked(cluster: Cluster, platform: User) -> None:
    row = enter(cluster, platform, url=f"{URL}/")

    assert (row.url, row.has_token) == (URL, False)
    assert OutboxEntry.objects.filter(topic=MEASURE, key=cluster.pk).exists()
    assert AuditEvent.objects.filter(verb="entered the metrics source of").count() == 1
    cluster.refresh_from_db()
    assert cluster.version == 2


def test_people_may_find_it_elsewhere_than_workers(cluster: Cluster, platform: User) -> None:
    row = enter(cluster, platform, browser_url="https://prometheus.example.com/east/")
    before = enter(cluster, platform)

    assert (row.url, row.page) == (URL, "https://prometheus.example.com/east")
    assert before.page == URL
    assert AuditEvent.objects.filter(after__contains=row.browser_url).count() == 1


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "ftp://a.example", "https://u:p@a.example", "https://a.example/?x"],
)
def test_an_address_for_browsers_is_one(address: str, cluster: Cluster, platform: User) -> None:
    with pytest.raises(Invalid):
        enter(cluster, platform, browser_url=address)

    assert not MetricsSource.objects.exists()


def test_a_token_is_sealed_and_opened_by_workers_alone(cluster: Cluster, platform: User) -> None:
    row = enter(cluster, platform, bearer=CANARY)

    assert bearer_of(row) == CANARY
    assert CANARY.encode() not in bytes(row.sealed) + bytes(row.wrapped_key)
    assert CANARY not in str(list(AuditEvent.objects.values()))


def test_a_token_of_another_cluster_does_not_open(cluster: Cluster, platform: User) -> None:
    row = enter(cluster, platform, bearer=CANARY)
    row.cluster = ClusterFactory.create()

    with pytest.raises(Refusal):
        bearer_of(row)


def test_a_token_stays_with_its_address_and_goes_nowhere_else(
    cluster: Cluster, platform: User
) -> None:
    enter(cluster, platform, bearer=CANARY)

    kept = enter(cluster, platform)
    with pytest.raises(Invalid) as moved:
        enter(cluster, platform, url="https://10.20.0.2")
    gone = enter(cluster, platform, bearer="")

    assert kept.has_token
    assert moved.value.message is messages.TOKEN_NOT_KEPT
    assert not gone.has_token


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://10.20.0.1", addresses.ADDRESS_NOT_HTTPS),
        ("10.20.0.1:9090", addresses.ADDRESS_NOT_HTTPS),
        ("https://user:secret@10.20.0.1", addresses.ADDRESS_HAS_CREDENTIALS),
        ("http://user@10.20.0.1", addresses.ADDRESS_HAS_CREDENTIALS),
        ("http://10.20.0.1/?x=1", addresses.ADDRESS_MALFORMED),
        ("http://10.20.0.1/../x", addresses.ADDRESS_MALFORMED),
        ("http://10.20.0.1:22", addresses.ADDRESS_BAD_PORT),
        ("http://169.254.169.254", addresses.ADDRESS_NEVER),
        ("http://127.0.0.1:9090", addresses.ADDRESS_NOT_ALLOWED),
        ("http://10.99.0.1:9090", addresses.ADDRESS_NOT_ALLOWED),
    ],
)
def test_what_may_not_be_dialled_is_not_entered(
    url: str, message: Any, cluster: Cluster, platform: User
) -> None:
    with pytest.raises(Invalid) as refused:
        enter(cluster, platform, url=url)

    assert refused.value.message is message
    assert not MetricsSource.objects.exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"url": "http://10.20.0.1:9090", "bearer": CANARY}, messages.TOKEN_IN_THE_CLEAR),
        ({"bearer": "two words"}, messages.TOKEN_MALFORMED),
        ({"bearer": "a\r\nHost: b"}, messages.TOKEN_MALFORMED),
        ({"ca_pem": "no certificate"}, connecting.CA_MALFORMED),
        ({"ca_pem": "no certificate\u00c3"}, connecting.CA_MALFORMED),
    ],
)
def test_what_cannot_be_asked_is_refused(
    more: dict[str, str], message: Any, cluster: Cluster, platform: User
) -> None:
    with pytest.raises(Invalid) as refused:
        enter(cluster, platform, **more)

    assert refused.value.message is message


def test_only_platform_enters_one_and_nobody_by_an_old_version(
    cluster: Cluster, platform: User, chat: Team, admin: User
) -> None:
    del chat
    with pytest.raises(NotAllowed):
        enter(cluster, admin)
    enter(cluster, platform)

    with pytest.raises(Conflict):
        metrics_sources.enter_source(cluster=cluster, version=1, url=URL, by=platform, at=NOON)


def test_it_goes_with_its_cluster(cluster: Cluster, platform: User) -> None:
    enter(cluster, platform, bearer=CANARY)
    cluster.refresh_from_db()

    actions.remove(cluster=cluster, version=cluster.version, by=platform, at=NOON)

    assert not MetricsSource.objects.exists()
