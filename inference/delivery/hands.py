"""Threads that send at once: as many as the cluster has places for.

Any other would only wait for a place, and waiting is not free. The caller is one of them.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from inference.clusters.client.limits import RequestWindow

THREADS = 16

T = TypeVar("T")


class Hands:
    """Does one piece of work on many things, on at most so many threads."""

    def __init__(self, most: int = THREADS) -> None:
        self._most = most

    def __call__(
        self, window: RequestWindow, work: Callable[[T], object], things: Sequence[T]
    ) -> None:
        """Come back when all is done. Raises then what the first piece of work raised."""
        _Round(window, work, things, self._most).run()


class _Round(Generic[T]):
    def __init__(
        self, window: RequestWindow, work: Callable[[T], object], things: Sequence[T], most: int
    ) -> None:
        self._window = window
        self._work = work
        self._left: Iterator[T] = iter(things)
        self._most = min(most, len(things))
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        self._starting = threading.Lock()

    def run(self) -> None:
        for _ in range(self._window.window.places - 1):
            self._call_another()
        self._hand()
        for thread in self._threads:  # those that are called meanwhile as well
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _call_another(self) -> None:
        """Where there is a place for it: windows grow."""
        if len(self._threads) + 1 >= min(self._window.window.places, self._most):
            return
        with self._starting:
            if len(self._threads) + 1 < min(self._window.window.places, self._most):
                thread = threading.Thread(target=self._hand, name="push", daemon=True)
                thread.start()
                self._threads.append(thread)

    def _hand(self) -> None:
        for one in self._left:
            try:
                self._work(one)
            except BaseException as error:  # noqa: BLE001  (the caller raises it)
                self._errors.append(error)
                return
            self._call_another()
