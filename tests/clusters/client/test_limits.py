"""How many requests are let through at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.clusters.client.errors import (
    ClusterUnavailable,
    ManifestRejected,
    Rejected,
    Unavailable,
)
from inference.clusters.client.limits import FEWEST, MOST, START, RequestWindow, Window


def grown(window: Window, answers: int, latency: float = 0.05) -> Window:
    for number in range(answers):
        window = window.after_answer(latency, started_at=float(number), is_full=True)
    return window


def test_it_starts_small_and_grows_while_answers_come_quickly() -> None:
    assert Window().places == START == 4
    assert grown(Window(), 200).places == MOST == 16


def test_one_round_of_answers_adds_about_one_place() -> None:
    assert grown(Window(), START).places in {START, START + 1}


def test_a_window_that_nobody_fills_does_not_grow() -> None:
    window = Window()
    for number in range(200):
        window = window.after_answer(0.05, float(number), is_full=False)

    assert window.places == START


def test_it_stops_growing_when_answers_take_longer() -> None:
    window = grown(Window(), 40)

    slower = window.after_answer(0.5, started_at=100.0, is_full=True)

    assert slower.size < window.size


def test_it_never_shrinks_below_its_start_for_slowness_alone() -> None:
    window = grown(Window(), 40)
    for number in range(500):
        window = window.after_answer(5.0 + number, started_at=100.0, is_full=True)

    assert window.places >= START


def test_a_429_halves_it_once_for_all_that_were_under_way() -> None:
    window = grown(Window(), 500)
    for _ in range(10):
        window = window.after_slowing(now=1000.0, started_at=999.0, pause=1.0)

    assert window.places == MOST // 2


def test_a_429_after_that_halves_it_again() -> None:
    window = grown(Window(), 500)
    for now in (1000.0, 1002.0, 1004.0, 1006.0, 1008.0, 1010.0):
        window = window.after_slowing(now, started_at=now - 0.5, pause=0.0)

    assert window.places == FEWEST == 1


def test_it_stays_closed_for_the_longest_time_asked() -> None:
    window = Window().after_slowing(10.0, 9.0, 30.0).after_slowing(11.0, 9.5, 1.0)

    assert window.closed_until == 40.0


@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.booleans(), st.booleans(), st.floats(0, 300)), max_size=200
    )
)
def test_it_always_lies_between_one_and_sixteen(
    story: list[tuple[float, bool, bool, float]],
) -> None:
    window, now = Window(), 0.0
    for latency, is_slowing, is_full, pause in story:
        now += latency
        window = (
            window.after_slowing(now, now - latency, pause)
            if is_slowing
            else window.after_answer(latency, now - latency, is_full=is_full)
        )
        assert FEWEST <= window.places <= MOST


def test_no_more_than_its_places_are_under_way() -> None:
    window = RequestWindow(clock=lambda: 0.0)
    inside, most = 0, 0
    lock = threading.Lock()
    gate = threading.Barrier(START, timeout=30)

    def ask() -> None:
        nonlocal inside, most
        with window.slot(deadline=60.0):
            with lock:
                inside += 1
                most = max(most, inside)
            gate.wait()
            with lock:
                inside -= 1
            raise ManifestRejected(Rejected.INVALID)

    with ThreadPoolExecutor(max_workers=8) as threads:
        asked = [threads.submit(ask) for _ in range(START)]

    assert most == START
    assert all(isinstance(one.exception(), ManifestRejected) for one in asked)


def test_who_finds_no_place_before_the_deadline_is_told_at_once() -> None:
    window = RequestWindow(clock=lambda: 100.0)

    with pytest.raises(ClusterUnavailable) as refused, window.slot(deadline=100.0):
        pytest.fail("There was a place after the deadline.")

    assert refused.value.reason is Unavailable.THROTTLED


def test_retry_after_closes_the_window_for_everybody() -> None:
    now = [0.0]
    window = RequestWindow(clock=lambda: now[0])
    with pytest.raises(ClusterUnavailable), window.slot(deadline=10.0):
        raise ClusterUnavailable(Unavailable.THROTTLED, retry_after=30.0)

    with pytest.raises(ClusterUnavailable) as refused, window.slot(deadline=10.0):
        pytest.fail("The window was open.")

    assert refused.value.retry_after == 30.0
    now[0] = 30.0
    with window.slot(deadline=40.0):
        assert window.window.places == 2


@pytest.mark.parametrize("reason", [Unavailable.UNREACHABLE, Unavailable.TLS_UNTRUSTED])
def test_a_cluster_that_is_not_there_teaches_nothing(reason: Unavailable) -> None:
    window = RequestWindow()

    with pytest.raises(ClusterUnavailable), window.slot(deadline=float("inf")):
        raise ClusterUnavailable(reason)

    assert window.window == Window()


def test_a_fault_of_our_own_gives_the_place_back() -> None:
    window = RequestWindow(clock=lambda: 0.0)
    for _ in range(START * 2):
        with pytest.raises(KeyError), window.slot(deadline=1.0):
            raise KeyError

    assert window.window == Window()
