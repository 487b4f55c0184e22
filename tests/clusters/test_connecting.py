"""From a row to a client: which credential goes to which address."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from inference.accounts.models import User
from inference.clusters import actions
from inference.clusters.client.connection import Connection
from inference.clusters.client.errors import ClusterUnavailable
from inference.clusters.connecting import connect, forget, streams_to
from inference.clusters.models import Cluster
from inference.errors import Refusal
from tests.clusters.client.authority import Authority
from tests.clusters.client.peers import Peer, Request, http, peer
from tests.conftest import NOON
from tests.factories.clusters import ClusterFactory, EgressRangeFactory

NEW = "canary-of-the-new-address"


def unready(request: Request, peer: Peer) -> Iterable[bytes]:
    del request, peer
    return http(503, b"starting")


@pytest.mark.django_db
def test_a_credential_for_a_new_address_is_not_sent_to_the_old_one(
    platform: User, tmp_path: Path
) -> None:
    EgressRangeFactory.create(cidr="127.0.0.0/8")
    authority = Authority()
    pair = authority.issue("127.0.0.1")
    with peer(tmp_path, pair, unready) as old, peer(tmp_path, pair, unready) as new:
        before = Connection(server=old.url, ca_pem=authority.pem, token="of-the-old-address")
        after = Connection(server=new.url, ca_pem=authority.pem, token=NEW)
        cluster = actions.connect_cluster(
            name="east", environment="prod", connection=before, by=platform, at=NOON
        )
        read_before = Cluster.objects.get(pk=cluster.pk)
        actions.replace_credential(
            cluster=cluster, version=1, connection=after, by=platform, at=NOON
        )

        with pytest.raises(ClusterUnavailable):
            connect(read_before).ready()
        forget(cluster.pk)

    assert [one.headers["authorization"] for one in new.requests] == [f"Bearer {NEW}"]
    assert old.requests == []
    assert streams_to(read_before)._connection == after


@pytest.mark.django_db
@pytest.mark.parametrize("related", [[], ["credential"]], ids=["alone", "with its credential"])
def test_a_cluster_without_a_credential_is_refused_however_it_was_read(related: list[str]) -> None:
    ClusterFactory.create(name="east")
    cluster = Cluster.objects.select_related(*related).get()

    with pytest.raises(Refusal, match="credential"):
        connect(cluster)
