"""A sealed credential opens for its own cluster and version, with a key that is here; else not."""

import base64
import os

import pytest
from pytest_django.fixtures import Settings

from inference.clusters.client.connection import Connection
from inference.clusters.credentials import rewrap, seal, unseal
from inference.clusters.models import Cluster, ClusterCredential
from inference.errors import Refusal
from tests.conftest import NOON
from tests.factories.clusters import ClusterFactory

CANARY = "canary-of-a-token"


def connection_of(cluster: Cluster) -> Connection:
    return Connection(server=cluster.server, ca_pem=cluster.ca_pem, token=CANARY)


def sealed(cluster: Cluster, version: int = 1) -> ClusterCredential:
    credential = seal(cluster, connection_of(cluster), version=version, at=NOON)
    credential.save()
    return ClusterCredential.objects.select_related("cluster").get(pk=cluster.pk)


def a_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.mark.django_db
def test_what_is_sealed_opens_again_and_does_not_show() -> None:
    cluster = ClusterFactory.create()

    credential = sealed(cluster)

    assert unseal(credential) == connection_of(cluster)
    assert CANARY.encode() not in bytes(credential.sealed)
    assert CANARY not in repr(unseal(credential))


@pytest.mark.django_db
def test_two_seals_of_one_secret_differ() -> None:
    cluster = ClusterFactory.create()

    first, second = (bytes(sealed(cluster).sealed) for _ in range(2))

    assert first != second


@pytest.mark.django_db
def test_a_row_that_was_swapped_does_not_open() -> None:
    mine, other = ClusterFactory.create_batch(2)
    credential = sealed(other)
    credential.cluster = mine

    with pytest.raises(Refusal, match="does not belong to it"):
        unseal(credential)


@pytest.mark.django_db
def test_an_old_version_does_not_pass_for_a_new_one() -> None:
    credential = sealed(ClusterFactory.create())
    credential.version = 2

    with pytest.raises(Refusal, match="does not belong to it"):
        unseal(credential)


@pytest.mark.django_db
def test_a_key_that_is_gone_is_named(settings: Settings) -> None:
    credential = sealed(ClusterFactory.create())
    settings.KEY_ENCRYPTION_KEYS = [a_key()]

    with pytest.raises(Refusal, match=credential.key_id):
        unseal(credential)


@pytest.mark.django_db
def test_a_new_key_takes_over_without_touching_the_secret(settings: Settings) -> None:
    cluster = ClusterFactory.create()
    credential = sealed(cluster)
    secret = bytes(credential.sealed)
    settings.KEY_ENCRYPTION_KEYS = [a_key(), *settings.KEY_ENCRYPTION_KEYS]

    moved = rewrap(credential)
    settings.KEY_ENCRYPTION_KEYS = settings.KEY_ENCRYPTION_KEYS[:1]

    assert moved
    assert bytes(credential.sealed) == secret
    assert unseal(credential) == connection_of(cluster)
    assert not rewrap(credential)


@pytest.mark.django_db
def test_a_key_of_another_length_is_refused(settings: Settings) -> None:
    settings.KEY_ENCRYPTION_KEYS = [base64.b64encode(b"short").decode()]

    with pytest.raises(Refusal, match="32 random bytes"):
        sealed(ClusterFactory.create())
