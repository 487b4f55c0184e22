"""Probing routes, each within its budget, and forgetting readings that are old."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from inference import events, outbox
from inference.clusters.connecting import allowed_networks
from inference.definitions.models import Route
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.health.patience import pause
from inference.health.probing import Answer, ask
from inference.health.targets import served_now, target_of
from inference.observation.models import Reading
from inference.outbox import Later

declare("health.before_reading")

SIGNAL = "first-token"
"""In milliseconds, from the request to the whole answer of one token."""
SOON = timedelta(seconds=2)
"""After a first failure; what goes on failing is asked ever more rarely."""
KEPT_FOR = timedelta(days=30)


@outbox.handler("health.probe")
def probe(key: str) -> Later | None:
    """Ask a route for one token and write down the reading. Ends when the route is gone."""
    route = served_now().filter(pk=key).first()
    if route is None:
        return None
    answer = _answer(route)
    now = timezone.now()
    _write(route, answer, now)
    wait = settings.PROBE_EVERY
    if answer.milliseconds is None:
        wait = pause(_failing_for(route, now), min(SOON, wait), wait)
    return Later(seconds=wait.total_seconds())


def _failing_for(route: Route, now: datetime) -> timedelta:
    """As far as it matters: after a few usual waits it is asked as rarely as any other."""
    mine = Reading.objects.filter(subject_id=route.pk, signal=SIGNAL, at__lte=now)
    since = now
    for at, value in (
        mine.filter(at__gte=now - 4 * settings.PROBE_EVERY)
        .order_by("-at", "-pk")
        .values_list("at", "value")
    ):
        if value is not None:
            break
        since = at
    return now - since


def _answer(route: Route) -> Answer:
    try:
        target = target_of(route)
    except Refusal as refusal:
        return Answer(None, refusal.message, refusal.params)
    return ask(target, allowed_networks())


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
