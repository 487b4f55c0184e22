"""What happened in a store, in order: the history that watches resume from, and its listeners."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from inference.simulator.errors import Object
from inference.simulator.resources import Resource

ADDED, MODIFIED, DELETED = "ADDED", "MODIFIED", "DELETED"


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One committed change. `object` and `previous` belong to the store: read, never change."""

    type: str
    resource: Resource
    object: Object
    previous: Object | None
    resource_version: int


Listener = Callable[[Event], None]


class History:
    """The last changes of each kind, and who wants to hear of the next ones."""

    def __init__(self, kept: int = 2000) -> None:
        self._kept = kept
        self._shelves: dict[tuple[str, str], deque[Event]] = {}
        self._oldest: dict[tuple[str, str], int] = {}
        self._forgotten = 0
        self._listeners: list[Listener] = []
        self._waiting: deque[Event] = deque()
        self._telling = False

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each commit, in order; returns how to stop.

        A listener may write to the store: what that causes is told after the event at hand has
        reached everybody.
        """
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def add(self, event: Event) -> None:
        shelf = self._shelves.setdefault(event.resource.shelf, deque())
        shelf.append(event)
        if len(shelf) > self._kept:
            self._oldest[event.resource.shelf] = shelf.popleft().resource_version
        self._waiting.append(event)
        if self._telling:
            return
        self._telling = True
        try:
            while self._waiting:
                told = self._waiting.popleft()
                for listener in tuple(self._listeners):
                    listener(told)
        finally:
            self._telling = False

    def since(self, shelf: tuple[str, str], resource_version: int) -> list[Event] | None:
        """The events after `resource_version`, or None where some of them are forgotten."""
        if resource_version < max(self._oldest.get(shelf, 0), self._forgotten):
            return None
        return [e for e in self._shelves.get(shelf, ()) if e.resource_version > resource_version]

    def forget(self, before: int) -> None:
        """Compaction: nobody resumes from a version before `before`."""
        self._forgotten = max(self._forgotten, before)
        for shelf in self._shelves.values():
            while shelf and shelf[0].resource_version <= before:
                shelf.popleft()
