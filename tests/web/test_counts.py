"""Sentences from counts read as a person would write them: for none, one, some and all."""

import pytest

from inference.health.assessment import Serving
from inference.web import counts

S, D, N, T, U, Z = (
    Serving.SERVING,
    Serving.DEGRADED,
    Serving.NOT_SERVING,
    Serving.STARTING,
    Serving.UNKNOWN,
    Serving.ASLEEP,
)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "No route is defined yet"),
        ([S], "The one route answers"),
        ([D], "The one route answers, but not as it should"),
        ([N], "The one route does not answer"),
        ([T], "The one route is starting"),
        ([U], "The one route cannot be seen"),
        ([Z], "The one route is asleep"),
        ([S, S], "Both routes answer"),
        ([S] * 3, "All 3 routes answer"),
        ([S, S, D], "All 3 routes answer; 1 needs you"),
        ([N, N], "None of the 2 routes answers"),
        ([U] * 3, "None of the 3 routes can be seen"),
        ([T] * 3, "All 3 routes are starting"),
        ([N, U, U], "None of the 3 routes answers; 1 needs you, 2 cannot be seen"),
        ([S, N, N, U], "1 of 4 routes answers; 2 need you, 1 cannot be seen"),
        ([S, S, T, T], "2 of 4 routes answer; 2 are starting"),
        ([S, S, Z], "2 of 3 routes answer; 1 is asleep"),
        ([S] * 1200, "All 1,200 routes answer"),
    ],
)
def test_the_overview_says_which_routes_answer(found: list[Serving], said: str) -> None:
    assert counts.answering(found) == said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([S] * 200, "All of the first 200 routes answer"),
        ([U] * 200, "None of the first 200 routes can be seen"),
        ([T] * 200, "All of the first 200 routes are starting"),
        ([S, N] * 100, "100 of the first 200 routes answer; 100 need you"),
        ([N] * 200, "None of the first 200 routes answers"),
    ],
)
def test_what_is_left_out_is_not_spoken_of(found: list[Serving], said: str) -> None:
    assert counts.answering(found, is_all=False) == said


@pytest.mark.parametrize(
    ("found", "failing", "said"),
    [
        ([S, S], 1, "Both routes answer; 1 placement needs you"),
        ([], 2, "No route is defined yet; 2 placements need you"),
        (
            [S, N, U],
            2,
            "1 of 3 routes answers; 1 needs you, 1 cannot be seen, 2 placements need you",
        ),
    ],
)
def test_placements_that_fail_beside_the_routes_are_counted(
    found: list[Serving], failing: int, said: str
) -> None:
    assert counts.answering(found, failing=failing) == said


@pytest.mark.parametrize(
    ("count", "total", "said"),
    [
        (0, 0, "no approval yet"),
        (0, 1, "no approval yet"),
        (1, 1, "1 approval"),
        (0, 2, "0 of 2 approvals"),
        (1, 2, "1 of 2 approvals"),
        (2, 2, "all 2 approvals"),
    ],
)
def test_a_caption_says_how_far_it_is(count: int, total: int, said: str) -> None:
    assert counts.reached(count, total, "approval") == said


@pytest.mark.parametrize(
    ("count", "total", "said"),
    [
        (0, 0, "No object is there"),
        (0, 1, "The one object is not there"),
        (1, 1, "The one object is there"),
        (0, 3, "None of 3 objects is there"),
        (1, 3, "1 of 3 objects is there"),
        (2, 3, "2 of 3 objects are there"),
        (3, 3, "All 3 objects are there"),
    ],
)
def test_what_has_come_about(count: int, total: int, said: str) -> None:
    assert counts.have(count, total, "object", "is there", "are there") == said


@pytest.mark.parametrize(
    ("count", "total", "said"),
    [
        (1, 1, "its one object differs"),
        (1, 3, "1 of 3 objects differs"),
        (2, 3, "2 of 3 objects differ"),
        (3, 3, "all 3 objects differ"),
    ],
)
def test_what_something_is_wrong_with(count: int, total: int, said: str) -> None:
    assert counts.affected(count, total, "object", "differs", "differ") == said


@pytest.mark.parametrize(
    ("added", "deleted", "said"),
    [
        (0, 0, ""),
        (1, 0, "1 model was added since"),
        (2, 0, "2 models were added since"),
        (0, 1, "1 model was deleted since"),
        (0, 3, "3 models were deleted since"),
        (2, 1, "2 models were added and 1 was deleted since"),
    ],
)
def test_what_an_open_list_does_not_show(added: int, deleted: int, said: str) -> None:
    assert counts.news(added, deleted, "model") == said


@pytest.mark.parametrize(
    ("count", "word", "said"),
    [(1, "object", "1 object"), (0, "reply", "0 replies"), (5001, "push", "5,001 pushes")],
)
def test_a_number_of_things(count: int, word: str, said: str) -> None:
    assert counts.plural(count, word) == said


@pytest.mark.parametrize(
    ("came", "left", "said"),
    [
        (0, 0, ""),
        (1, 0, "1 change was added since"),
        (2, 0, "2 changes were added since"),
        (0, 1, "1 change left since"),
        (2, 1, "2 changes were added and 1 left since"),
    ],
)
def test_a_view_tells_what_came_and_what_left(came: int, left: int, said: str) -> None:
    assert counts.moved(came, left, "change") == said
