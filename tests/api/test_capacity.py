"""Capacity of a pool in REST: numbers with their age, or null with the reason."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from inference.accounts.models import User
from tests.api.callers import Caller
from tests.api.house import House
from tests.health.capacities import in_use

Rest = Callable[..., Caller]


def test_a_pool_tells_what_is_in_use_and_free_at_most(
    house: House, viewer: User, rest: Rest
) -> None:
    in_use(house.placement)

    (row,) = rest(viewer).get("hardware-pools/").json()["items"]

    found = row["capacity"]
    seen_at = datetime.fromisoformat(found.pop("observed_at"))
    assert timezone.now() - seen_at < timedelta(seconds=20)
    assert found == {
        "is_fresh": True,
        "problem": None,
        "nodes": 2,
        "open_nodes": 1,
        "devices": 16,
        "placed": 4,
        "others": 1,
        "out_of_use": 8,
        "free_at_most": 3,
        "largest_on_one_node": 3,
        "unseen_namespaces": 0,
    }


def test_what_was_never_counted_is_null_and_says_why(
    house: House, viewer: User, rest: Rest
) -> None:
    (row,) = rest(viewer).get("hardware-pools/").json()["items"]

    found = row["capacity"]
    assert found["problem"]["code"] == "nodes-not-seen"
    assert found["problem"]["detail"]
    assert (found["is_fresh"], found["observed_at"], found["free_at_most"]) == (False, None, None)
