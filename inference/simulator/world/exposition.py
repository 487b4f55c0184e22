"""The text format of metrics: families, their samples, and the page. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Labels = tuple[tuple[str, str], ...]
_EXACT = 1e15


@dataclass(frozen=True, slots=True)
class Family:
    """`name` is as it is exported; `buckets` make it a histogram's."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    since: tuple[int, ...] = ()
    buckets: tuple[float, ...] = ()


@dataclass(slots=True)
class Histogram:
    bounds: Sequence[float]
    counts: list[int] = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float, times: int = 1) -> None:
        self.counts[bisect_left(self.bounds, value)] += times
        self.total += value * times


class Page:
    """The samples of one process. `created` adds the times that Python's client adds."""

    def __init__(self, families: Iterable[Family], *, created: float | None = None) -> None:
        self.families = {family.name: family for family in families}
        self._values: dict[str, dict[Labels, float]] = {}
        self._histograms: dict[str, dict[Labels, Histogram]] = {}
        self._created = created

    def set(self, name: str, labels: Labels, value: float) -> None:
        """A family that this version does not have is left out."""
        if name in self.families:
            self._values.setdefault(name, {})[labels] = value

    def add(self, name: str, labels: Labels, amount: float = 1.0) -> None:
        if name in self.families:
            held = self._values.setdefault(name, {})
            held[labels] = held.get(labels, 0.0) + amount

    def observe(self, name: str, labels: Labels, value: float, times: int = 1) -> None:
        if name in self.families and times > 0:
            self.histogram(name, labels).observe(value, times)

    def histogram(self, name: str, labels: Labels) -> Histogram:
        held = self._histograms.setdefault(name, {})
        if labels not in held:
            held[labels] = Histogram(self.families[name].buckets)
        return held[labels]

    def clear(self, name: str) -> None:
        self._values.pop(name, None)

    def value(self, name: str, labels: Labels) -> float:
        return self._values.get(name, {}).get(labels, 0.0)

    def text(self) -> str:
        return "".join(f"{line}\n" for name in self.families for line in self._family(name))

    def _family(self, name: str) -> Iterator[str]:
        family = self.families[name]
        if name not in self._values and name not in self._histograms:
            return
        yield f"# HELP {name} {family.help}"
        yield f"# TYPE {name} {family.kind}"
        for labels, value in self._values.get(name, {}).items():
            yield f"{name}{_braced(labels)} {number(value)}"
        for labels, histogram in self._histograms.get(name, {}).items():
            yield from _histogram(name, labels, histogram)
        if self._created is not None and family.kind in {"counter", "histogram"}:
            yield from self._times(family)

    def _times(self, family: Family) -> Iterator[str]:
        name = f"{family.name.removesuffix('_total')}_created"
        yield f"# HELP {name} {family.help}"
        yield f"# TYPE {name} gauge"
        held = self._values.get(family.name) or self._histograms.get(family.name) or {}
        for labels in held:
            yield f"{name}{_braced(labels)} {number(self._created or 0.0)}"


def _histogram(name: str, labels: Labels, histogram: Histogram) -> Iterator[str]:
    running = 0
    for bound, count in zip(histogram.bounds, histogram.counts, strict=False):
        running += count
        yield f"{name}_bucket{_braced((*labels, ('le', number(bound))))} {running}"
    count = sum(histogram.counts)
    yield f"{name}_bucket{_braced((*labels, ('le', '+Inf')))} {count}"
    yield f"{name}_sum{_braced(labels)} {number(histogram.total)}"
    yield f"{name}_count{_braced(labels)} {count}"


def number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < _EXACT else repr(value)


def _braced(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
