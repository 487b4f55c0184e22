"""How many requests may be under way to one cluster: few at first, more while it stays quick,
half as many when it asks for less."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from inference.clusters.client.errors import ClusterUnavailable, ManifestRejected, Unavailable

START = 4
MOST = 16
FEWEST = 1
_TOLERANCE = 2.0
"""Latency that stays below this many times the usual one is no sign of a queue."""
_NOISE = 0.01
"""Seconds that say nothing about a server, however quick it is otherwise."""
_DRIFT = 0.02
_PAUSE = 1.0
"""Seconds to pause after a 429 that names no time of its own."""

_SLOWING = {
    Unavailable.THROTTLED,
    Unavailable.TIMED_OUT,
    Unavailable.TOO_SLOW,
}


@dataclass(frozen=True, slots=True)
class Window:
    """The decision, as a value: how many at once, and not before when. Times are monotonic."""

    size: float = START
    usual: float | None = None
    """What a request takes while nothing queues, in seconds."""
    halved_at: float = float("-inf")
    closed_until: float = float("-inf")

    @property
    def places(self) -> int:
        return int(self.size)

    def after_answer(self, latency: float, started_at: float, *, is_full: bool) -> "Window":
        """Grow by about one for each full round of answers that came as quickly as usual.

        `is_full`: all places were taken; a window that nobody fills has proved nothing.
        """
        usual = latency if self.usual is None else self.usual
        # A quicker answer teaches at once; slower ones only over many, or a queue would be usual.
        usual = min(latency, usual + _DRIFT * (latency - usual))
        is_quick = latency <= max(_TOLERANCE * usual, usual + _NOISE)
        size = self.size
        if is_quick and is_full:
            size = min(MOST, size + 1 / size)
        elif not is_quick and size > START and started_at > self.halved_at:
            size = max(START, size - 1 / size)
        return Window(size, usual, self.halved_at, self.closed_until)

    def after_slowing(self, now: float, started_at: float, pause: float) -> "Window":
        """Halve, once for all requests that were under way when the cluster asked for less."""
        closed_until = max(self.closed_until, now + pause)
        if started_at <= self.halved_at:
            return replace(self, closed_until=closed_until)
        size = max(FEWEST, self.size / 2)
        return replace(self, size=size, halved_at=now, closed_until=closed_until)


class RequestWindow:
    """A `Window` that threads wait at. One per cluster and process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._window = Window()
        self._under_way = 0

    @property
    def window(self) -> Window:
        return self._window

    @contextmanager
    def slot(self, deadline: float) -> Iterator[None]:
        """Hold one place while a request is under way; what it raises teaches the window.

        Raises ClusterUnavailable at once where no place can be had before `deadline`: a thread
        that waits is a worker lost.
        """
        self._enter(deadline)
        started_at = self._clock()
        learn: Callable[[Window], Window] = _nothing
        try:
            yield
            learn = self._answered(started_at)
        except ManifestRejected:
            learn = self._answered(started_at)
            raise
        except ClusterUnavailable as error:
            if error.reason in _SLOWING:
                learn = self._slowed(started_at, error)
            raise
        finally:
            self._leave(learn)

    def _answered(self, started_at: float) -> Callable[[Window], Window]:
        latency = self._clock() - started_at
        is_full = self._under_way >= self._window.places
        return lambda window: window.after_answer(latency, started_at, is_full=is_full)

    def _slowed(self, started_at: float, error: ClusterUnavailable) -> Callable[[Window], Window]:
        pause = error.retry_after
        if pause is None:
            pause = _PAUSE if error.reason is Unavailable.THROTTLED else 0.0
        now = self._clock()
        return lambda window: window.after_slowing(now, started_at, pause)

    def _leave(self, learn: Callable[[Window], Window]) -> None:
        with self._changed:
            self._under_way -= 1
            self._window = learn(self._window)
            self._wake()

    def _wake(self) -> None:
        """As many threads as there are places: any other would only find that there is none."""
        free = self._window.places - self._under_way
        if free > 0:
            self._changed.notify(free)

    def _enter(self, deadline: float) -> None:
        with self._changed:
            while True:
                now = self._clock()
                closed_for = self._window.closed_until - now
                if now + max(closed_for, 0) >= deadline:
                    self._wake()  # it may have been this thread that was woken for a free place
                    raise ClusterUnavailable(Unavailable.THROTTLED, max(closed_for, 0.0))
                if closed_for <= 0 and self._under_way < self._window.places:
                    break
                self._changed.wait(closed_for if closed_for > 0 else deadline - now)
            self._under_way += 1


def _nothing(window: Window) -> Window:
    return window
