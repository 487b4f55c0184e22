"""The samples of the last minutes, by series. Pure: times are given, in seconds of Unix."""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

Labels = tuple[tuple[str, str], ...]
"""Sorted, `__name__` among them."""
LOOKBACK = 300.0
_STALE = math.nan
"""Marks where a series ended; what is no number in a page is not kept."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """`is_pattern`: the whole value matches; `is_not`: the opposite. No label is an empty value."""

    label: str
    value: str
    is_pattern: bool = False
    is_not: bool = False

    def test(self) -> Callable[[str], bool]:
        if not self.is_pattern:
            return lambda text: (text == self.value) is not self.is_not
        pattern = re.compile(self.value)
        return lambda text: bool(pattern.fullmatch(text)) is not self.is_not


@dataclass(slots=True)
class Series:
    times: list[float]
    values: list[float]

    def newest(self, at: float) -> tuple[float, float] | None:
        """Time and value of the newest sample up to `at`, unless it is old or the series ended."""
        place = bisect_right(self.times, at) - 1
        if place < 0 or self.times[place] <= at - LOOKBACK or math.isnan(self.values[place]):
            return None
        return self.times[place], self.values[place]

    def within(self, since: float, until: float) -> list[tuple[float, float]]:
        """Samples after `since` and up to `until`."""
        low, high = bisect_right(self.times, since), bisect_right(self.times, until)
        pairs = zip(self.times[low:high], self.values[low:high], strict=True)
        return [(time, value) for time, value in pairs if not math.isnan(value)]

    def forget(self, before: float) -> None:
        place = bisect_left(self.times, before)
        del self.times[:place], self.values[:place]


class Samples:
    """Kept for twice the lookback, so that a question about a while ago finds them."""

    def __init__(self) -> None:
        self._by_name: dict[str, dict[Labels, Series]] = {}
        self._seen: dict[object, set[Labels]] = {}

    def scrape(self, target: object, at: float, page: Mapping[Labels, float]) -> None:
        """What a target said; series of it that are not there any more have ended."""
        seen = self._seen.get(target, set())
        self._seen[target] = set(page)
        for labels, value in page.items():
            if not math.isnan(value):
                self._add(labels, at, value)
        for labels in seen - set(page):
            self._add(labels, at, _STALE)

    def lose(self, at: float, present: Iterable[object]) -> None:
        """Targets that are not `present` have ended, with all their series."""
        for target in set(self._seen) - set(present):
            self.scrape(target, at, {})
            del self._seen[target]

    def forget(self, before: float) -> None:
        for name, found in list(self._by_name.items()):
            for labels, series in list(found.items()):
                series.forget(before)
                if not series.times:
                    del found[labels]
            if not found:
                del self._by_name[name]

    def select(self, matchers: Iterable[Matcher]) -> Iterator[tuple[Labels, Series]]:
        tests = [(one.label, one.test()) for one in matchers]
        of_name = [test for label, test in tests if label == "__name__"]
        others = [(label, test) for label, test in tests if label != "__name__"]
        for name, found in self._by_name.items():
            if all(test(name) for test in of_name):
                for labels, series in found.items():
                    given = dict(labels)
                    if all(test(given.get(label, "")) for label, test in others):
                        yield labels, series

    def _add(self, labels: Labels, at: float, value: float) -> None:
        found = self._by_name.setdefault(dict(labels)["__name__"], {})
        series = found.setdefault(labels, Series([], []))
        series.times.append(at)
        series.values.append(value)
