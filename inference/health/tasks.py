"""Probing routes, each within its budget, and forgetting readings that are old."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from inference import events, outbox
from inference.clusters.connecting import allowed_networks
from inference.clusters.models import Cluster, LiveObject
from inference.definitions.models import Route
from inference.failpoints import declare, failpoint
from inference.health.probing import Answer, Target, ask
from inference.messages import health as messages
from inference.observation.models import Reading
from inference.outbox import Later

declare("health.before_reading")

SIGNAL = "first-token"
"""In milliseconds, from the request to the whole answer of one token."""
SOON = timedelta(seconds=2)
KEPT_FOR = timedelta(days=30)


@outbox.handler("health.probe")
def probe(key: str) -> Later | None:
    """Ask a route for one token and write down the reading. Ends when the route is gone."""
    route = (
        Route.objects.live()
        .filter(pk=key, gateway__cluster__state=Cluster.State.ACTIVE)
        .select_related("gateway__cluster")
        .first()
    )
    if route is None:
        return None
    answer = _answer(route)
    now = timezone.now()
    _write(route, answer, now)
    wait = SOON if answer.milliseconds is None else settings.PROBE_EVERY
    return Later(seconds=min(wait, settings.PROBE_EVERY).total_seconds())


def _answer(route: Route) -> Answer:
    gateway = LiveObject.objects.filter(
        cluster=route.gateway.cluster_id,
        kind="Gateway",
        namespace=route.gateway.namespace,
        name=route.gateway.name,
        gone_at__isnull=True,
    ).first()
    summary = gateway.summary if gateway else {}
    if not summary.get("addresses"):
        return Answer(None, messages.NO_ADDRESS, {"gateway": str(route.gateway)})
    wanted = route.gateway.listener
    for listener in summary.get("listeners", []):
        known = listener["protocol"] in {"HTTP", "HTTPS"}
        if known and wanted in {"", listener["name"]}:
            target = Target(
                address=summary["addresses"][0],
                port=listener["port"],
                is_tls=listener["protocol"] == "HTTPS",
                hostname=route.hostname,
                path_prefix=route.path_prefix,
                model=_served_name(route),
            )
            return ask(target, allowed_networks())
    return Answer(None, messages.NO_LISTENER, {"gateway": str(route.gateway)})


def _served_name(route: Route) -> str:
    """Members share their first served name, so that any of them may answer."""
    names = route.members.values_list("placement__served_model__served_name", flat=True)
    return names.first() or ""


@transaction.atomic
def _write(route: Route, answer: Answer, at: datetime) -> None:
    failpoint("health.before_reading")
    Reading.objects.filter(subject_id=route.pk, at__lt=at - KEPT_FOR).delete()
    Reading.objects.create(
        cluster=route.gateway.cluster,
        subject_kind="route",
        subject_id=route.pk,
        signal=SIGNAL,
        value=answer.milliseconds,
        code=answer.message.code if answer.message else "",
        params=answer.params or {},
        source="probe",
        at=at,
    )
    events.announce(f"reading:{route.pk}")
