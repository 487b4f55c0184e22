"""What an expression is worth at one time, as Prometheus itself reckons it. Pure."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from inference.simulator.world.prometheus.grammar import (
    Aggregation,
    Binary,
    Expression,
    NotUnderstood,
    Number,
    Quantile,
    Rate,
    Selector,
    Timestamp,
)
from inference.simulator.world.prometheus.samples import Labels, Samples

Vector = dict[Labels, float]
_NAME = "__name__"
_FEWEST = 2


def evaluate(expression: Expression, samples: Samples, at: float) -> Vector:
    """Raises NotUnderstood for what has no vector."""
    match expression:
        case Selector():
            found = _newest(expression, samples, at)
            return {labels: value for labels, (_, value) in found.items()}
        case Timestamp(selector):
            found = _newest(selector, samples, at)
            return {_without(labels, _NAME): time for labels, (time, _) in found.items()}
        case Rate():
            return _rates(expression, samples, at)
        case Quantile(share, of):
            return _quantiles(share, evaluate(of, samples, at))
        case Aggregation():
            return _aggregated(expression, evaluate(expression.of, samples, at))
        case Binary():
            return _joined(expression, samples, at)
        case Number():
            raise NotUnderstood("a number alone is no vector")


def _newest(selector: Selector, samples: Samples, at: float) -> dict[Labels, tuple[float, float]]:
    found = ((labels, series.newest(at)) for labels, series in samples.select(selector.matchers))
    return {labels: one for labels, one in found if one is not None}


def _rates(rate: Rate, samples: Samples, at: float) -> Vector:
    since, made = at - rate.seconds, {}
    for labels, series in samples.select(rate.selector.matchers):
        points = series.within(since, at)
        if len(points) >= _FEWEST:
            made[_without(labels, _NAME)] = _rate(points, since, at)
    return made


def _rate(points: Sequence[tuple[float, float]], since: float, until: float) -> float:
    """The rise, stretched to the ends of the range where samples come near to them."""
    (first_at, first), (last_at, last) = points[0], points[-1]
    rise, before = last - first, first
    for _, value in points[1:]:
        if value < before:  # the counter began anew
            rise += before
        before = value
    sampled = last_at - first_at
    between = sampled / (len(points) - 1)
    start, end = first_at - since, until - last_at
    if start >= between * 1.1:
        start = between / 2
    if rise > 0 and first >= 0:
        start = min(start, sampled * (first / rise))  # a counter was never below nought
    if end >= between * 1.1:
        end = between / 2
    return rise * ((sampled + start + end) / sampled) / (until - since)


def _quantiles(share: float, vector: Vector) -> Vector:
    buckets: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
    for labels, value in vector.items():
        bound = dict(labels).get("le")
        if bound is not None:
            buckets[_without(labels, "le", _NAME)].append((float(bound), value))
    return {labels: _quantile(share, sorted(found)) for labels, found in buckets.items()}


def _quantile(share: float, buckets: Sequence[tuple[float, float]]) -> float:
    """Within a bucket, as if what is in it were spread evenly."""
    if len(buckets) < _FEWEST or not math.isinf(buckets[-1][0]) or buckets[-1][1] == 0:
        return math.nan
    counts, most = [], 0.0
    for _, count in buckets:
        most = max(most, count)
        counts.append(most)
    rank = share * counts[-1]
    place = next((i for i, count in enumerate(counts[:-1]) if count >= rank), len(counts) - 1)
    if place == len(counts) - 1:
        return buckets[-2][0]
    low, below = (buckets[place - 1][0], counts[place - 1]) if place else (0.0, 0.0)
    return low + (buckets[place][0] - low) * ((rank - below) / (counts[place] - below))


_DEEDS: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": sum,
    "max": max,
    "min": min,
    "count": len,
}


def _aggregated(aggregation: Aggregation, vector: Vector) -> Vector:
    groups: dict[Labels, list[float]] = defaultdict(list)
    for labels, value in vector.items():
        groups[tuple(pair for pair in labels if pair[0] in aggregation.by)].append(value)
    deed = _DEEDS[aggregation.deed]
    return {labels: float(deed(_numbers(values))) for labels, values in groups.items()}


def _numbers(values: Sequence[float]) -> Sequence[float]:
    """What is no number is passed over, where there is a number."""
    return [value for value in values if not math.isnan(value)] or values


def _joined(binary: Binary, samples: Samples, at: float) -> Vector:
    if isinstance(binary.left, Number):
        raise NotUnderstood("a number stands to the right of its sign here")
    left = evaluate(binary.left, samples, at)
    if isinstance(binary.right, Number):
        if binary.sign == "or":
            raise NotUnderstood("a number has no labels to be joined by")
        value = binary.right.value
        return {_without(one, _NAME): _worked(binary.sign, has, value) for one, has in left.items()}
    right = evaluate(binary.right, samples, at)
    if binary.sign == "or":
        there = {_without(labels, _NAME) for labels in left}
        more = {one: has for one, has in right.items() if _without(one, _NAME) not in there}
        return left | more
    others = {_without(labels, _NAME): value for labels, value in right.items()}
    pairs = ((_without(labels, _NAME), value) for labels, value in left.items())
    return {
        labels: _worked(binary.sign, value, others[labels])
        for labels, value in pairs
        if labels in others
    }


def _worked(sign: str, left: float, right: float) -> float:
    if sign == "*":
        return left * right
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
    return left / right


def _without(labels: Iterable[tuple[str, str]], *names: str) -> Labels:
    return tuple(pair for pair in labels if pair[0] not in names)
