"""Numbers of engines and pickers for pages: each with unit, age, name, and the query that gives it.

What is not known says why. A number links to its query at its evaluation time, where anybody can
ask again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from inference.clusters.models import Cluster, MetricsSource
from inference.health.measuring import SOURCE
from inference.health.remarks import NONE, Remarks
from inference.health.signals import ENGINE, PICKER, SIGNALS, Merge, Signal, Unit
from inference.messages import metrics as messages
from inference.messages import sentence
from inference.observation.freshness import STALE_AFTER
from inference.observation.models import Reading

SCRAPE_IS_OLD = timedelta(seconds=45)
"""Three intervals of our monitors."""
MAIN = (
    *("requests-running", "requests-waiting", "kv-cache-use", "ttft-p95", "itl-p95"),
    *("request-rate", "generation-token-rate", "picker-error-share"),
)
BY_REPLICA = tuple(one for one in ENGINE if one.by_replica)
WHY = {
    messages.NOT_ASKED.code: "not asked yet",
    messages.NO_NAME.code: "not known there",
    messages.NO_VALUE.code: "nothing counted",
    messages.NO_BACKEND.code: "no backend knows it",
}
"""As a cell has room for; the sentence stands where it says what was asked."""
GROUPS = (("Engines", ENGINE), ("Picker", PICKER))


@dataclass(frozen=True)
class Shown:
    """One number as it is read. Without `text` it is not known, and `note` says why."""

    title: str
    text: str = ""
    unit: str = ""
    note: str = ""
    why: str = ""
    name: str = ""
    query: str = ""
    at: datetime | None = None
    link: str = ""
    json: str = ""
    is_stale: bool = True
    remarks: Remarks = NONE

    @property
    def words(self) -> str:
        """What has to be known before it is believed."""
        return ", ".join(filter(None, [self.note, "with a warning" * bool(self.remarks.warnings)]))


@dataclass(frozen=True)
class Numbers:
    """What a metrics source says of one subject; `problem` is why it says nothing new."""

    cluster: Cluster
    source: MetricsSource | None = None
    problem: str = ""
    at: datetime | None = None
    by_signal: dict[str, Shown] = field(default_factory=dict[str, Shown])
    replicas: Sequence[tuple[str, Sequence[Shown]]] = ()

    @property
    def has_some(self) -> bool:
        """Whether any of the main ones is known."""
        return any(one.text for one in self.main)

    @property
    def main(self) -> list[Shown]:
        return [self.by_signal[key] for key in MAIN if key in self.by_signal]


def numbers_of(subjects: Iterable[tuple[UUID, Cluster]]) -> dict[UUID, Numbers]:
    """The newest of each subject. Two queries at most."""
    where = dict(subjects)
    clusters = {cluster.pk for cluster in where.values()}
    sources = {one.pk: one for one in MetricsSource.objects.filter(cluster__in=clusters)}
    # The evaluation time finds them among all that was read within the hour.
    newest = [Q(cluster=one.pk, at=one.read_at) for one in sources.values() if one.read_at]
    found: dict[UUID, list[Reading]] = defaultdict(list)
    if newest:
        rows = Reading.objects.filter(reduce(or_, newest), source=SOURCE, subject_id__in=where)
        for row in rows.order_by("replica", "pk"):
            found[row.subject_id].append(row)
    now = timezone.now()
    return {
        subject: _numbers(cluster, sources.get(cluster.pk), found[subject], now)
        for subject, cluster in where.items()
    }


def table_of(columns: Sequence[tuple[str, Numbers]]) -> list[dict[str, Any]]:
    """Signals as rows, in groups. Each cell says its column, for where the table is folded."""
    return [
        {
            "title": title,
            "rows": [
                {
                    "title": one.title,
                    "cells": [(name, each.by_signal[one.key]) for name, each in columns],
                }
                for one in signals
                if all(one.key in each.by_signal for _, each in columns)
            ],
        }
        for title, signals in GROUPS
    ]


def _numbers(
    cluster: Cluster, source: MetricsSource | None, rows: Sequence[Reading], now: datetime
) -> Numbers:
    if source is None:
        return Numbers(cluster, problem=messages.NO_SOURCE.text(cluster=cluster.name))
    problem = sentence(source.problem_code, source.problem_params) if source.problem_code else ""
    if not rows:
        return Numbers(cluster, source, problem or messages.NOT_ASKED.sentence)
    at = rows[0].at
    scraped = {row.replica: row.value for row in rows if row.signal == "last-scrape"}
    shown = {
        (row.replica, row.signal): _shown(
            row, source, now, is_old=_is_old(at, scraped.get(row.replica))
        )
        for row in rows
        if row.signal in SIGNALS
    }
    whole = {key: shown["", key] for key in SIGNALS if ("", key) in shown}
    pods = dict.fromkeys(row.replica for row in rows if row.replica)
    replicas = [
        (pod, [shown.get((pod, one.key), Shown(one.title)) for one in BY_REPLICA]) for pod in pods
    ]
    return Numbers(cluster, source, problem, at, whole, replicas)


def _is_old(at: datetime, scraped: float | None) -> bool:
    return scraped is not None and at.timestamp() - scraped > SCRAPE_IS_OLD.total_seconds()


def _shown(row: Reading, source: MetricsSource, now: datetime, *, is_old: bool) -> Shown:
    signal = SIGNALS[row.signal]
    asked: dict[str, Any] = {
        "name": row.name,
        "query": row.query,
        "at": row.at,
        "link": _graph(source.page, row) if row.query else "",
        "json": _api(source.page, row) if row.query else "",
        "remarks": Remarks.kept(row.params),
    }
    if row.value is None:
        note = sentence(row.code, row.params)
        return Shown(signal.title, note=note, why=WHY.get(row.code, ""), **asked)
    text, unit = _read(row.value, signal.unit, row.at)
    note = "scraped long before" if is_old else _note(signal, row.params)
    is_stale = is_old or now - row.at > STALE_AFTER
    return Shown(signal.title, text, unit, note, is_stale=is_stale, **asked)


def _note(signal: Signal, params: dict[str, Any]) -> str:
    """Of a route: how many backends it is of, and that the worst speaks where none can be added."""
    known, backends = params.get("known", 0), params.get("backends", 0)
    if known < backends:
        return f"{known} of {backends} backends"
    if backends < 2 or signal.merge is Merge.SUM:  # noqa: PLR2004
        return ""
    return "the oldest" if signal.unit is Unit.TIME else "the worst"


def _read(value: float, unit: Unit, at: datetime) -> tuple[str, str]:
    if unit is Unit.SECONDS:
        return (f"{value * 1000:.0f}", "ms") if value < 1 else (f"{value:.2f}", "s")
    if unit is Unit.SHARE:
        return _digits(value * 100), "%"
    if unit is Unit.TIME:
        return f"{max(0.0, at.timestamp() - value):.0f}", "s before"
    units = {Unit.REQUESTS_PER_SECOND: "/s", Unit.TOKENS_PER_SECOND: "tokens/s"}
    return _digits(value), units.get(unit, "")


def _digits(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004


def _graph(url: str, row: Reading) -> str:
    """The page of Prometheus, its table at that moment. Version 3 leads on to its `/query`, which
    reads the same."""
    asked = {"g0.expr": row.query, "g0.tab": "1", "g0.moment_input": f"{row.at:%Y-%m-%d %H:%M:%S}"}
    return f"{url}/graph?{urlencode(asked)}"


def _api(url: str, row: Reading) -> str:
    asked = {"query": row.query, "time": f"{row.at.timestamp():.0f}"}
    return f"{url}/api/v1/query?{urlencode(asked)}"
