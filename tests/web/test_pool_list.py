"""The list of pools: why its numbers are not of now."""

from inference.accounts.models import Team, User
from inference.definitions.models import HardwarePool
from inference.live.registry import feed_of
from inference.web import streams
from tests.api.house import House
from tests.conftest import NOON
from tests.health.capacities import in_use
from tests.web.changes import Browse
from tests.web.markup import words


def test_a_list_of_pools_says_once_why_their_numbers_are_not_of_now(
    house: House, chat: Team, viewer: User, browse: Browse
) -> None:
    HardwarePool.objects.create(
        team=chat,
        name="second",
        document=house.pool.document,
        cluster=house.cluster,
        created_at=NOON,
        updated_at=NOON,
    )
    why = "east-0. No observer has looked at the nodes of this cluster yet."
    key = streams.rows_key("hardware-pool-rows", HardwarePool.objects.values_list("pk", flat=True))

    page = words(browse(viewer).get("/hardware-pools/").content.decode())
    feed = feed_of(viewer, key)
    assert feed is not None
    before = words(feed.show()["rest"])
    in_use(house.placement)

    assert page.count(why) == 1
    assert why in before
    assert words(feed.show()["rest"]) == ""
