"""Asking the metrics source of a cluster, within a budget, and writing down what it said.

The evaluation time lies a little in the past: whatever was scraped by then has been written, so
that asking again at that time gives the same values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from inference import events, outbox
from inference.clusters.connecting import allowed_networks
from inference.clusters.metrics_sources import MEASURE, bearer_of
from inference.clusters.models import Cluster, MetricsSource
from inference.definitions.models import Placement, Route
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.health import measurements, signals
from inference.health.measurements import Backend, Face, Measurement
from inference.health.prometheus import Asking, Door
from inference.messages import Message
from inference.messages import metrics as messages
from inference.observation.models import Reading
from inference.outbox import Later

declare("health.before_measured")

SOURCE = "prometheus"
SETTLED = timedelta(seconds=5)
"""Scrapes of our pages take less."""
KEPT_FOR = timedelta(hours=1)
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Subjects:
    """What is placed in one cluster; `models` are the definitions that its pages show."""

    backends: tuple[Backend, ...]
    faces: tuple[Face, ...]
    models: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What an asking came to. `series` counts those that are ours."""

    measured: Sequence[Measurement] = ()
    series: int = 0
    message: Message | None = None
    params: dict[str, Any] | None = None


@outbox.handler(MEASURE)
def measure(key: str) -> Later | None:
    """Ask about everything in a cluster. Ends when its source is taken away."""
    source = (
        MetricsSource.objects.exclude(cluster__state=Cluster.State.REMOVED)
        .filter(pk=UUID(key))
        .select_related("cluster")
        .first()
    )
    if source is None:
        return None
    subjects = _subjects(source.cluster)
    now = timezone.now()
    at = (now - SETTLED).replace(microsecond=0)
    _write(source, subjects, _ask(source, subjects, at), at=at, now=now)
    return Later(seconds=settings.MEASURE_EVERY.total_seconds())


def _subjects(cluster: Cluster) -> Subjects:
    """Three queries."""
    placed = Placement.objects.live().filter(cluster=cluster).order_by("pk")
    backends = {row.pk: Backend(row.pk, (row.namespace, row.object_name)) for row in placed}
    routes = Route.objects.live().filter(gateway__cluster=cluster).prefetch_related("members")
    faces = tuple(
        Face(
            route.pk,
            tuple(
                backends[member.placement_id]
                for member in route.members.all()
                if member.placement_id in backends
            ),
        )
        for route in routes.order_by("pk")
    )
    models = frozenset(str(row.served_model_id) for row in placed)
    return Subjects(tuple(backends.values()), faces, models)


def _ask(source: MetricsSource, subjects: Subjects, at: datetime) -> Said:
    time = at.timestamp()
    try:
        door = Door(source.url, source.ca_pem, bearer_of(source))
        with Asking(door, allowed_networks()) as asking:
            discovered = asking.query(signals.discovery(), time)
            there = measurements.found(discovered.vector)
            answers = {
                question: asking.query(question.query, time)
                for question in measurements.questions(there, subjects.backends)
            }
    except Refusal as problem:
        return Said(message=problem.message, params=problem.params)
    places = {backend.place for backend in subjects.backends}
    mine = {
        labels: value
        for labels, value in discovered.vector.items()
        if measurements.place(labels) in places
    }
    measured = measurements.measure(
        there, answers, subjects.backends, subjects.faces, discovered.remarks
    )
    nothing = bool(places) and not mine
    return Said(measured, round(sum(mine.values())), messages.NO_SERIES if nothing else None)


@transaction.atomic
def _write(
    source: MetricsSource, subjects: Subjects, said: Said, *, at: datetime, now: datetime
) -> None:
    """Readings of one evaluation time, or the reason why there are none."""
    failpoint("health.before_measured")
    told: dict[str, Any] = {
        "asked_at": now,
        "problem_code": said.message.code if said.message else "",
        "problem_params": said.params or {},
    }
    if said.measured or not said.message:
        told |= {"read_at": at, "series": said.series}
    # A source that was taken away or entered anew meanwhile has said nothing.
    still = MetricsSource.objects.filter(pk=source.pk, entered_at=source.entered_at)
    if not still.update(**told):
        return
    of_source = Reading.objects.filter(cluster=source.cluster_id, source=SOURCE)
    of_source.filter(at__lt=now - KEPT_FOR).delete()
    rows = [_reading(source, one, at) for one in said.measured]
    Reading.objects.bulk_create(rows, batch_size=_ROWS)
    events.announce(f"metrics:{source.cluster_id}")
    if rows or told["problem_code"] != source.problem_code:
        names = {*subjects.models, *(str(face.id) for face in subjects.faces)}
        events.announce(*(f"numbers:{name}" for name in sorted(names)))


def _reading(source: MetricsSource, one: Measurement, at: datetime) -> Reading:
    return Reading(
        cluster_id=source.cluster_id,
        subject_kind=one.kind,
        subject_id=one.subject,
        replica=one.replica,
        signal=one.signal.key,
        value=one.value,
        unit=one.signal.unit,
        code=one.message.code if one.message else "",
        params={**one.params, **one.remarks.params},
        source=SOURCE,
        name=one.name,
        query=one.query,
        at=at.astimezone(UTC),
    )
