"""A server to push to, a cluster row that leads there, and what workers share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from inference.accounts.models import User
from inference.clusters.credentials import seal
from inference.clusters.models import Cluster, EgressRange
from tests import servers
from tests.databases import on_file
from tests.delivery.lives import Lives
from tests.delivery.peer import LOOPBACK, Peer, real, simulated
from tests.factories.clusters import ClusterFactory, GrantFactory
from tests.factories.delivery import NAMESPACE

REAL = pytest.param("real", marks=pytest.mark.apiserver)
SERVERS = ["simulated", REAL]


@pytest.fixture(scope="package", params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    begin = real if request.param == "real" else simulated
    with begin(tmp_path_factory.mktemp(request.param)) as peer:
        yield peer


@pytest.fixture
def peer(server: Peer) -> Peer:
    """The server with an empty namespace."""
    server.reset()
    return server


@pytest.fixture
def threaded(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that threads and other processes may use at once."""
    with on_file(tmp_path):
        yield


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server, as the URL that Celery takes."""
    with servers.redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def lives(on_postgres: None, broker: str, tmp_path: Path) -> Lives:
    """Workers on PostgreSQL and Redis; named before fixtures that write rows."""
    found = Lives(tmp_path, broker)
    found.forget()
    return found


@pytest.fixture
def east(author: User, peer: Peer) -> Cluster:
    """The server, connected as by platform."""
    return connected(peer, author, "east")


def connected(peer: Peer, author: User, name: str) -> Cluster:
    connection = peer.connection
    cluster: Cluster = ClusterFactory.create(
        name=name,
        server=connection.server,
        ca_pem=connection.ca_pem,
        tls_server_name=connection.tls_server_name,
        identity=peer.administrator.identity(),
    )
    seal(cluster, connection, version=1, at=timezone.now()).save()
    EgressRange.objects.get_or_create(cidr=str(LOOPBACK), defaults={"reason": "tests"})
    team = author.memberships.get(environment="prod").team
    GrantFactory.create(cluster=cluster, team=team, namespace=NAMESPACE)
    return cluster
