"""The inventory holds what Waybill made and what is there: one object of one name."""

import pytest

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster, Inventory
from tests.delivery.peer import Peer
from tests.delivery.scenarios import pushed
from tests.factories.delivery import Put, approved, config_map

pytestmark = pytest.mark.usefixtures("database")


def test_an_object_that_is_made_anew_takes_the_place_of_the_one_that_is_gone(
    database: str, author: User, approver: User, peer: Peer, east: Cluster
) -> None:
    one, other = config_map("one"), config_map("other")
    pushed(approved(author, approver, [Put(one), Put(other)], cluster=east), east)
    peer.take_away(one)

    change = pushed(approved(author, approver, [Put(one)], cluster=east), east)

    assert change.state == ChangeRequest.State.SUCCEEDED
    live = {name: peer.get(manifest) for name, manifest in (("one", one), ("other", other))}
    held = Inventory.objects.filter(deleted_at__isnull=True)
    assert dict(held.values_list("name", "uid")) == {
        name: found["metadata"]["uid"] for name, found in live.items() if found
    }
    assert held.count() == 2
    assert Inventory.objects.filter(name="one").count() == 2
