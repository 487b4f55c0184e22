"""When requests have shown all members of a route: values only."""

from uuid import uuid4

import pytest

from inference.health.shares import MOST, TIMES, Shown, enough

STABLE, CANARY = uuid4(), uuid4()
SHARES = {STABLE: 3, CANARY: 1}


def shown(*members: object) -> Shown:
    found = Shown()
    for one in members:
        found = found.plus(one)  # type: ignore[arg-type]
    return found


def test_it_takes_three_answers_of_each_member_however_few_they_are() -> None:
    once = [STABLE, CANARY]

    assert shown(*once * (TIMES - 1)).lacks(SHARES) == set(SHARES)
    assert shown(*once * (TIMES - 1), STABLE).lacks(SHARES) == {CANARY}
    assert shown(*once * TIMES).lacks(SHARES) == set()


def test_answers_of_the_others_do_not_stand_for_one_that_is_silent() -> None:
    assert shown(*[STABLE] * 100).lacks(SHARES) == {CANARY}


def test_where_nobody_is_named_the_number_decides() -> None:
    needed = enough(SHARES, SHARES)

    assert shown(*[None] * (needed - 1)).lacks(SHARES) == set(SHARES)
    assert shown(*[None] * needed).lacks(SHARES) == set()


@pytest.mark.parametrize("weights", [(1,), (1, 1), (3, 1), (9, 1), (1, 1, 1)])
def test_after_so_many_a_member_that_serves_has_answered_three_times_with_nineteen_in_twenty(
    weights: tuple[int, ...],
) -> None:
    shares = {uuid4(): weight for weight in weights}
    needed, share = enough(shares, shares), min(weights) / sum(weights)

    def missed(count: int) -> float:
        """Fewer than three of so many."""
        none, one = (1 - share) ** count, count * share * (1 - share) ** (count - 1)
        two = count * (count - 1) / 2 * share**2 * (1 - share) ** (count - 2)
        return none + one + two

    assert missed(needed) <= 0.05
    assert needed == TIMES or missed(needed - 1) > 0.05


def test_a_share_that_is_too_small_is_not_waited_for_without_end() -> None:
    shares = {STABLE: 999, CANARY: 1}

    assert shown(*[STABLE] * (MOST - 1)).lacks(shares) == {CANARY}
    assert shown(*[STABLE] * MOST).lacks(shares) == set()
