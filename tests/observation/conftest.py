"""A simulated cluster with an observer's rows, and rows without any cluster."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import timezone

from inference.clusters.client.door import ClusterClient
from inference.clusters.client.kubeconfig import parse_kubeconfig
from inference.clusters.credentials import seal
from inference.clusters.models import Cluster, EgressRange
from inference.clusters.tasks import look
from inference.simulator.cluster import SimulatedCluster
from tests import databases
from tests.contract.samples import named
from tests.factories.clusters import ClusterFactory
from tests.observation.observing import LOOPBACK, NAMESPACE, East
from tests.observation.scene import Scene, observed


@pytest.fixture
def rows(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A file that the observer's thread may write while the test reads; a lease of four seconds."""
    with databases.on_file(tmp_path), override_settings(LEASE=timedelta(seconds=4)):
        yield


@pytest.fixture
def east(rows: None) -> Iterator[East]:
    with SimulatedCluster() as server:
        connection = parse_kubeconfig(json.dumps(server.kubeconfig()))
        EgressRange.objects.create(cidr=str(LOOPBACK), reason="tests")
        row: Cluster = ClusterFactory.create(
            name="east", server=connection.server, ca_pem=connection.ca_pem, identity=""
        )
        seal(row, connection, version=1, at=timezone.now()).save()
        client = ClusterClient(connection, allowed_networks=[LOOPBACK])
        try:
            Cluster.objects.update(**look(row, client, at=timezone.now()))
        finally:
            client.close()
        found = East(server, row)
        found.put(named("v1", "Namespace", "", NAMESPACE))
        found.grant(NAMESPACE)
        yield found


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene(observed())
