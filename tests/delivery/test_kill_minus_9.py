"""A worker is killed at every point that it can be killed at, once at each, and another goes on.

Before, it was woken by many copies of every message in no order; at its death the broker loses
everything. Each object's resourceVersion moves once at most, nothing is deleted that was not
planned, every deed stands in the chain once, and no person has to help. What lies off the way of a
push is in `test_kill_in_corners.py`.
"""

from pathlib import Path

import pytest

from inference.accounts.models import User
from inference.clusters.models import Cluster
from tests.delivery.attendance import attended
from tests.delivery.conftest import REAL
from tests.delivery.invariants import Before, check
from tests.delivery.lives import Lives, die_and_go_on
from tests.delivery.peer import Peer
from tests.delivery.points import AGAIN, OF_A_PUSH, OF_THE_WAY
from tests.delivery.scenarios import objects, planned_way

pytestmark = [
    *(pytest.mark.failpoints, pytest.mark.postgres, pytest.mark.redis),
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("server", [REAL], indirect=True),
]


@pytest.mark.parametrize("point", OF_A_PUSH)
def test_a_push_survives(
    lives: Lives, author: User, approver: User, peer: Peer, east: Cluster, point: str
) -> None:
    scenario = objects(author, approver, east)
    before = Before(peer)

    die_and_go_on(lives, f"{point}:kill@1")

    check(peer, scenario, before)


@pytest.mark.parametrize(
    ("point", "occurrence"),
    [(point, number) for point, most in AGAIN.items() for number in range(2, most + 1)],
)
def test_a_push_survives_at_a_later_object(
    lives: Lives,
    author: User,
    approver: User,
    peer: Peer,
    east: Cluster,
    point: str,
    occurrence: int,
) -> None:
    scenario = objects(author, approver, east)
    before = Before(peer)

    die_and_go_on(lives, f"{point}:kill@{occurrence}")

    check(peer, scenario, before)


@pytest.mark.parametrize("point", OF_THE_WAY)
def test_the_way_from_a_draft_survives(
    lives: Lives,
    author: User,
    approver: User,
    peer: Peer,
    east: Cluster,
    tmp_path: Path,
    point: str,
) -> None:
    scenario = planned_way(author, east, peer)
    before = Before(peer)

    with attended(tmp_path, peer):
        die_and_go_on(lives, f"{point}:kill@1")

    check(peer, scenario, before)
