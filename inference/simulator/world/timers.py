"""One wheel for all that waits: the world's clock, and what is due at which of its seconds."""

import heapq
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

Call = Callable[[], None]


class Clock:
    """The world's seconds, each of them `pace` real ones long; at pace 0 they only pass by hand."""

    def __init__(self, pace: float = 1.0, start: datetime | None = None) -> None:
        self.pace = pace
        self._start = start or datetime.now(UTC)
        self._began = time.monotonic()
        self._passed = 0.0

    def now(self) -> float:
        if self.pace:
            return (time.monotonic() - self._began) / self.pace
        return self._passed

    def date(self) -> datetime:
        """What a store's clock is, where stamps are to follow the world's seconds."""
        return self._start + timedelta(seconds=self.now())

    def move_to(self, seconds: float) -> None:
        self._passed = max(self._passed, seconds)


class Timer:
    """One appointment; cancelling it is safe at any time."""

    __slots__ = ("_call", "at")

    def __init__(self, at: float, call: Call) -> None:
        self.at = at
        self._call: Call | None = call

    def cancel(self) -> None:
        self._call = None

    @property
    def is_cancelled(self) -> bool:
        return self._call is None

    def ring(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


class Timers:
    """`moved` hears when the next appointment became earlier."""

    def __init__(self, now: Callable[[], float], moved: Call) -> None:
        self.now = now
        self._moved = moved
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = count()

    def after(self, seconds: float, call: Call) -> Timer:
        timer = Timer(self.now() + max(0.0, seconds), call)
        earlier = not self._heap or timer.at < self._heap[0][0]
        heapq.heappush(self._heap, (timer.at, next(self._order), timer))
        if earlier:
            self._moved()
        return timer

    @property
    def next_at(self) -> float | None:
        """When the next appointment is, cancelled ones left out."""
        while self._heap and self._heap[0][2].is_cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    @property
    def is_due(self) -> bool:
        at = self.next_at
        return at is not None and at <= self.now()

    def ring(self) -> None:
        """All that is due now; what those appoint for now waits for the next call."""
        due: list[Timer] = []
        while (at := self.next_at) is not None and at <= self.now():
            due.append(heapq.heappop(self._heap)[2])
        for timer in due:
            timer.ring()

    def __len__(self) -> int:
        return sum(not timer.is_cancelled for _, _, timer in self._heap)
