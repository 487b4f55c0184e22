"""For whoever runs Waybill: is it up, and what does it measure of itself? Names of nothing."""

from collections.abc import Iterable
from threading import Event

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector

from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster, WatchState
from inference.delivery.models import Push
from inference.outbox.models import OutboxEntry

_migrated = Event()


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the database answers and has this release's tables, 503 otherwise."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        migrated = _is_migrated()
    except DatabaseError:
        return JsonResponse({"status": "unready", "database": "unreachable"}, status=503)
    if not migrated:
        return JsonResponse({"status": "unready", "migrations": "pending"}, status=503)
    return JsonResponse({"status": "ok"})


def _is_migrated() -> bool:
    """Asked until it is so: migrations are not taken back under a running process."""
    if not _migrated.is_set():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.set()
    return True


def forget_migrations() -> None:
    """Ask the database again, as a new process would."""
    _migrated.clear()


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What this process has counted, and what the rows say now."""
    del request
    rows = CollectorRegistry()
    rows.register(_Rows())
    body = generate_latest(REGISTRY) + generate_latest(rows)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


class _Rows(Collector):
    """Six small aggregates."""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        yield from _outbox()
        yield _by_state("waybill_changes", "Changes by state", ChangeRequest)
        yield _by_state("waybill_pushes", "Pushes by state", Push)
        yield _by_state("waybill_clusters", "Clusters by state", Cluster)
        yield _watches()


def _outbox() -> Iterable[GaugeMetricFamily]:
    now = timezone.now()
    waiting = OutboxEntry.objects.filter(due_at__lte=now).aggregate(
        depth=Count("pk"), oldest=Min("due_at")
    )
    age = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
    yield _one("waybill_outbox_depth", "Entries of the outbox that are due", waiting["depth"])
    yield _one("waybill_outbox_age_seconds", "How long the oldest due entry waits", age)


def _by_state(
    name: str, text: str, table: type[ChangeRequest | Push | Cluster]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["state"])
    counted = dict(table.objects.values_list("state").annotate(count=Count("pk")))
    for state in table.State.values:
        family.add_metric([state], counted.get(state, 0))
    return family


def _watches() -> GaugeMetricFamily:
    """Of the watch that was silent for longest, in clusters that are there."""
    rows = WatchState.objects.exclude(cluster__state=Cluster.State.REMOVED)
    oldest = rows.aggregate(oldest=Min("heard_at"))["oldest"]
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return _one("waybill_watch_silence_seconds", "Silence of the quietest watch", age)


def _one(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
