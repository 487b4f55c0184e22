"""What a plan is told of the pools that it places on."""

from inference.accounts.models import Team, User
from inference.changes.edits import propose
from inference.changes.supplies import supplies_of
from tests.api.house import House, furnish
from tests.changes.asking import altered, asked_for, placed_anew
from tests.health.capacities import node, watched


def test_of_each_placement_the_pool_is_counted_as_on_its_page(chat: Team, author: User) -> None:
    house: House = furnish(chat, author)
    watched(house.cluster, "llm-chat")
    node(house.cluster, "node-1")
    change = asked_for(placed_anew(house.model, house.pool), chat, author, "it grows")
    assert change.revision
    proposed = propose(change.revision.pk)
    placements = [one.id for _, spec in proposed.after.models() for one in spec.placements]

    found = supplies_of(proposed, placements)

    assert set(found) == set(placements)
    assert {(one.pool, one.cluster) for one in found.values()} == {
        (house.pool.name, house.cluster.name)
    }
    assert [one.count.free for one in found.values() if one.count] == [8] * len(placements)


def test_nothing_is_counted_where_nothing_is_placed(chat: Team, author: User) -> None:
    house = furnish(chat, author)
    change = asked_for(altered(house.pool, quota_devices=3), chat, author, "less")
    assert change.revision

    assert supplies_of(propose(change.revision.pk), [None]) == {}
