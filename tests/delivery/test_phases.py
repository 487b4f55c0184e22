"""What may be sent, what waits, and what is stopped: values only."""

from uuid import UUID, uuid4

import pytest

from inference.delivery.phases import FIRST_DELETION, Item, Standing, Turn, turn
from inference.rendering.objects import Phase

POOL, MODEL, OTHER, ROUTE = (uuid4() for _ in range(4))
STANDS_ON = {MODEL: {POOL}, ROUTE: {MODEL}}
OPEN, DONE, STUCK = Standing.OPEN, Standing.DONE, Standing.STUCK


def item(
    number: int,
    phase: int,
    standing: Standing = OPEN,
    *,
    of: UUID = MODEL,
    is_due: bool = True,
) -> Item:
    return Item(number, of, phase, standing, is_due)


def look(*items: Item, unready: set[UUID] | None = None) -> Turn:
    return turn(items, STANDS_ON, unready or set())


def test_objects_of_one_phase_go_together_and_the_lowest_first() -> None:
    found = look(item(1, Phase.COMPUTE), item(2, Phase.COMPUTE), item(3, Phase.PICKER))

    assert (found.phase, found.send) == (Phase.COMPUTE, (1, 2))


def test_a_phase_begins_when_the_one_before_is_done() -> None:
    found = look(item(1, Phase.COMPUTE, DONE), item(2, Phase.PICKER))

    assert (found.phase, found.send) == (Phase.PICKER, (2,))


def test_a_phase_waits_for_an_object_that_is_not_due_yet() -> None:
    found = look(item(1, Phase.COMPUTE, is_due=False), item(2, Phase.PICKER))

    assert (found.send, found.is_settled, found.route_waits) == ((), False, False)


def test_a_backing_off_definition_holds_up_no_other() -> None:
    found = look(item(1, Phase.COMPUTE, is_due=False), item(2, Phase.PICKER, of=OTHER))

    assert found.send == (2,)


def test_a_model_comes_after_its_pool() -> None:
    found = look(item(1, Phase.POOL, of=POOL), item(2, Phase.COMPUTE))

    assert found.send == (1,)


def test_a_stuck_object_stops_the_later_phases_of_its_definition_alone() -> None:
    found = look(
        item(1, Phase.COMPUTE, STUCK),
        item(2, Phase.COMPUTE),
        item(3, Phase.PICKER),
        item(4, Phase.PICKER, of=OTHER),
    )

    assert found.send == (2,)
    assert found.blocked == {3: 1}


def test_a_stuck_pool_stops_its_models_and_their_routes() -> None:
    found = look(
        item(1, Phase.POOL, STUCK, of=POOL),
        item(2, Phase.COMPUTE),
        item(3, Phase.ROUTE, of=ROUTE),
    )

    assert found.is_settled
    assert found.blocked == {2: 1, 3: 1}


def test_a_push_is_settled_when_nothing_open_is_left() -> None:
    assert look(item(1, Phase.COMPUTE, DONE), item(2, Phase.PICKER, DONE)).is_settled


def test_a_push_without_objects_is_settled() -> None:
    assert look().is_settled


def test_a_route_waits_until_its_models_are_ready() -> None:
    items = [item(1, Phase.COMPUTE, DONE), item(2, Phase.ROUTE, of=ROUTE)]

    waits = look(*items, unready={MODEL})
    goes = look(*items)

    assert (waits.phase, waits.send, waits.route_waits) == (Phase.WAIT, (), True)
    assert (goes.phase, goes.send) == (Phase.ROUTE, (2,))


def test_a_route_does_not_wait_for_models_of_others() -> None:
    assert look(item(1, Phase.ROUTE, of=ROUTE), unready={OTHER}).send == (1,)


def test_a_deletion_comes_after_everything_that_is_put() -> None:
    found = look(item(1, Phase.ROUTE, of=ROUTE), item(2, FIRST_DELETION, of=OTHER))

    assert found.send == (1,)


@pytest.mark.parametrize("of", [MODEL, OTHER])
def test_nothing_is_deleted_when_anything_put_is_stuck(of: UUID) -> None:
    found = look(item(1, Phase.ROUTE, STUCK, of=ROUTE), item(2, FIRST_DELETION, of=of))

    assert found.is_settled
    assert found.blocked == {2: 1}


def test_nothing_is_taken_away_from_under_a_route_that_waits() -> None:
    found = look(
        item(1, Phase.COMPUTE, DONE),
        item(2, Phase.ROUTE, of=ROUTE),
        item(3, FIRST_DELETION, of=OTHER),
        unready={MODEL},
    )

    assert (found.send, found.route_waits) == ((), True)


def test_deletions_go_from_the_route_inwards() -> None:
    found = look(item(1, FIRST_DELETION + 3), item(2, FIRST_DELETION, of=ROUTE))

    assert found.send == (2,)
