"""Who follows what, found by the names of notices. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from inference.live.registry import prefixes

T = TypeVar("T", bound=Hashable)


class Followers(Generic[T]):
    """A notice reaches those who follow it, or what it is beneath, or what is beneath it."""

    def __init__(self) -> None:
        self._at: defaultdict[str, set[T]] = defaultdict(set)
        self._beneath: defaultdict[str, set[T]] = defaultdict(set)

    def add(self, follower: T, names: Iterable[str]) -> None:
        for name in names:
            self._at[name].add(follower)
            for above in prefixes(name)[:-1]:
                self._beneath[above].add(follower)

    def discard(self, follower: T, names: Iterable[str]) -> None:
        for name in names:
            self._drop(self._at, name, follower)
            for above in prefixes(name)[:-1]:
                self._drop(self._beneath, above, follower)

    def of(self, name: str) -> set[T]:
        found = set(self._beneath.get(name, ()))
        for one in prefixes(name):
            found |= self._at.get(one, set())
        return found

    def names(self) -> list[str]:
        return list(self._at)

    @staticmethod
    def _drop(index: defaultdict[str, set[T]], name: str, follower: T) -> None:
        index[name].discard(follower)
        if not index[name]:
            del index[name]
