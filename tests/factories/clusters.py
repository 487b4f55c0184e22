"""Valid clusters and grants. Their servers do not exist: tests that dial use a simulated one."""

import factory
from factory.django import DjangoModelFactory

from inference.clusters.models import Cluster, EgressRange, Gateway, Grant
from tests.factories.accounts import TeamFactory


class ClusterFactory(DjangoModelFactory[Cluster]):
    class Meta:
        model = Cluster

    name = factory.Sequence(lambda number: f"cluster-{number}")
    environment = "prod"
    server = factory.Sequence(lambda number: f"https://127.0.0.1:{20000 + number}")
    ca_pem = "-----BEGIN CERTIFICATE-----"
    identity = factory.Sequence(lambda number: f"00000000-0000-4000-8000-{number:012d}")


class GrantFactory(DjangoModelFactory[Grant]):
    class Meta:
        model = Grant

    cluster = factory.SubFactory(ClusterFactory)
    team = factory.SubFactory(TeamFactory)
    namespace = factory.Sequence(lambda number: f"llm-{number}")


class GatewayFactory(DjangoModelFactory[Gateway]):
    class Meta:
        model = Gateway

    cluster = factory.SubFactory(ClusterFactory)
    namespace = "gateway-system"
    name = factory.Sequence(lambda number: f"gateway-{number}")


class EgressRangeFactory(DjangoModelFactory[EgressRange]):
    class Meta:
        model = EgressRange

    cidr = factory.Sequence(lambda number: f"172.{16 + number // 256}.{number % 256}.0/24")
    reason = "test"
