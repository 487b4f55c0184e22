"""How many requests of a push are made at once."""

import threading
from collections import Counter

import pytest

from inference.clusters.client.limits import MOST, START, RequestWindow
from inference.delivery.hands import Hands


def grown(places: int) -> RequestWindow:
    """A window that has seen enough quick answers."""
    window = RequestWindow(clock=lambda: 0.0)
    while window.window.places < places:
        learn(window)
    return window


def learn(window: RequestWindow) -> None:
    """All places at once: a round of quick answers, and one place more."""
    together = threading.Barrier(window.window.places, timeout=30)

    def ask() -> None:
        with window.slot(deadline=60.0):
            together.wait()

    threads = [threading.Thread(target=ask) for _ in range(window.window.places)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("count", [0, 1, 3, 200])
def test_each_thing_is_done_once(count: int) -> None:
    done: Counter[int] = Counter()

    Hands()(grown(6), lambda one: done.update([one]), range(count))

    assert done == Counter(range(count))


@pytest.mark.parametrize(
    ("places", "most", "count", "expected"),
    [(START, MOST, 50, START), (9, MOST, 50, 9), (9, 2, 50, 2), (9, MOST, 3, 3), (MOST, 1, 5, 1)],
)
def test_there_are_as_many_hands_as_places(
    places: int, most: int, count: int, expected: int
) -> None:
    together = threading.Barrier(expected, timeout=30)
    hands = set()

    def work(one: int) -> None:
        hands.add(threading.get_ident())
        if one < expected:
            together.wait()

    Hands(most)(grown(places), work, range(count))

    assert len(hands) == expected
    assert threading.get_ident() in hands


def test_more_hands_come_when_there_are_more_places() -> None:
    window = grown(START)
    all_here = threading.Barrier(START + 1, timeout=30)

    def work(one: int) -> None:
        while one == 0 and window.window.places == START:
            learn(window)
        if 0 < one <= START + 1:
            all_here.wait()

    Hands()(window, work, range(50))

    assert window.window.places == START + 1


def test_what_goes_wrong_is_raised_when_all_are_done() -> None:
    done: Counter[int] = Counter()

    def work(one: int) -> None:
        if one == 7:
            raise KeyError(one)
        done.update([one])

    with pytest.raises(KeyError):
        Hands()(grown(START), work, range(100))

    assert done == Counter(set(range(100)) - {7})
