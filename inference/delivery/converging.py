"""Bringing one cluster to what was approved: phase by phase, as far as it answers. Thin."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakSet

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from inference import events
from inference.clusters.client.door import ClusterClient
from inference.clusters.client.errors import ClusterUnavailable
from inference.clusters.models import Cluster
from inference.definitions.models import Placement, RouteMember
from inference.delivery import breakers, ending, pruning, standing
from inference.delivery.apply import Hands, Round, chunks, many_hands, send
from inference.delivery.leases import Lease, LeaseLost
from inference.delivery.models import DesiredObject, Push
from inference.delivery.phases import Item, Standing, StandsOn, Turn, turn
from inference.delivery.recording import announce, notice_of, record, say, versions
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.messages import delivery as messages
from inference.outbox import Later
from inference.rendering.objects import Phase

declare("push.before_met", "push.before_not_met", "push.before_phase", "push.before_wait")

LOOK = timedelta(seconds=1)
"""Between two looks at rows while placements become ready."""
ASK = timedelta(seconds=5)
"""Between two questions to the cluster where no observer looks for us."""
HELD = timedelta(seconds=5)

Connect = Callable[[Cluster], ClusterClient]

_known: WeakSet[ClusterClient] = WeakSet()
"""Clients whose cluster has shown its identity, and has not failed since: they are warm."""


def converge(cluster: Cluster, lease: Lease, connect: Connect) -> Later | None:
    """Work on every push that applies to `cluster`. Says when to look again, if ever.

    Raises LeaseLost when another worker took over; nothing more is written then.
    """
    until = time.monotonic() + settings.TASK_DEADLINE.total_seconds()
    pushes = list(
        Push.objects.filter(cluster=cluster, state=Push.State.APPLYING)
        .select_related("change__team", "plan", "cluster")
        .order_by("pk")
    )
    if not pushes:
        return None
    if cluster.state != Cluster.State.ACTIVE:
        return _not_active(cluster, pushes, lease)
    closed = breakers.closed_for(cluster)
    if closed:
        return closed
    try:
        client = _met(cluster, connect)
    except Refusal as problem:
        return _not_met(problem, pushes, lease)
    waits = []
    for push in pushes:
        waits.append(_advance(client, push, lease, until))
        if client not in _known:
            break  # it has failed: the others wait with this one
    return min((wait for wait in waits if wait is not None), default=None)


def _met(cluster: Cluster, connect: Connect) -> ClusterClient:
    """A client of the very cluster that was connected. Asks nothing while it is warm.

    Raises Refusal.
    """
    client = connect(cluster)
    if breakers.needs_a_probe(cluster):
        client.ready()
        _known.discard(client)
    if client not in _known:
        client.check_identity(cluster.identity)
        failpoint("push.before_met")
        breakers.succeeded(cluster.pk)
        _known.add(client)
    return client


def _not_met(problem: Refusal, pushes: Sequence[Push], lease: Lease) -> Later:
    """The cluster cannot be asked, or is another one: no push goes on."""
    failpoint("push.before_not_met")
    retry_after = problem.retry_after if isinstance(problem, ClusterUnavailable) else None
    wait = breakers.failed(lease.cluster_id, 1, answered=False, retry_after=retry_after)
    for push in pushes:
        say(push, problem.message, problem.params)
    return Later(seconds=max(0.1, wait.total_seconds()))


def _not_active(cluster: Cluster, pushes: Sequence[Push], lease: Lease) -> Later | None:
    if cluster.state == Cluster.State.REMOVED:
        for push in pushes:
            ending.abandon(push, lease, timezone.now())
        return None
    for push in pushes:
        say(push, messages.CLUSTER_HELD, {"cluster": cluster.name})
    return Later(seconds=HELD.total_seconds())


def _advance(client: ClusterClient, push: Push, lease: Lease, until: float) -> Later | None:
    """Take one push as far as it goes now."""
    stands_on, members = _foundations(push)
    while time.monotonic() < until:
        items = _items(push)
        now = turn(items, stands_on, unready=set(members.values()))
        if now.route_waits:
            parts = _parts(push, client, set(members))
            missing = [part for part in parts if not part.readiness.is_ready]
            if missing:
                return _wait(push, lease, missing)
            now = turn(items, stands_on, unready=())
        if now.is_settled:
            ending.settle(push, now.blocked, lease, timezone.now())
            return None
        if not now.send:
            return _until_due(push)
        wait = _send_phase(client, push, now, lease, until)
        if wait is not None:
            return wait
    return Later(seconds=0)


def _send_phase(
    client: ClusterClient, push: Push, now: Turn, lease: Lease, until: float
) -> Later | None:
    failpoint("push.before_phase")
    _enter_phase(push, now.phase)
    rows = list(DesiredObject.objects.filter(pk__in=now.send).order_by("pk"))
    refused = pruning.refused(push, rows)
    if refused:
        record(push, Round(results=refused), lease, timezone.now())
        return Later(seconds=0)
    with many_hands(len(rows)) as hands:
        for part in chunks(rows):
            if time.monotonic() >= until or not _is_active(push):
                return Later(seconds=0)
            wait = _send_chunk(client, push, part, lease, until, hands)
            if wait is not None:
                return Later(seconds=max(0.1, wait.total_seconds()))
    return None


def _enter_phase(push: Push, phase: int) -> None:
    if push.phase != phase:
        push.phase = phase
        with transaction.atomic():
            Push.objects.filter(pk=push.pk).update(phase=phase)
            events.announce(notice_of(push))


def _send_chunk(
    client: ClusterClient,
    push: Push,
    part: Sequence[DesiredObject],
    lease: Lease,
    until: float,
    hands: Hands,
) -> timedelta | None:
    if not lease.allows_a_write:
        raise LeaseLost
    announced = announce(part, lease, timezone.now())
    seen = versions(push.cluster_id, part)
    told = send(client, part, announced, seen, lease, until, hands)
    if told.problem or told.met_another:
        _known.discard(client)
    return record(push, told, lease, timezone.now())


def _is_active(push: Push) -> bool:
    return Cluster.objects.active().filter(pk=push.cluster_id).exists()


def _items(push: Push) -> list[Item]:
    due = Case(
        When(Q(due_at__isnull=True) | Q(due_at__lte=Now()), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    rows = DesiredObject.objects.filter(push=push).annotate(is_due=due)
    return [
        Item(pk, definition, phase, _standing(pushed == generation, problem), is_due)
        for pk, definition, phase, pushed, generation, problem, is_due in rows.values_list(
            "pk",
            "definition_id",
            "phase",
            "pushed_generation",
            "generation",
            "problem_code",
            "is_due",
        )
    ]


def _standing(is_pushed: bool, problem: str) -> Standing:
    if is_pushed:
        return Standing.DONE
    return Standing.STUCK if problem else Standing.OPEN


def _foundations(push: Push) -> tuple[StandsOn, dict[UUID, UUID]]:
    """What each definition of the push stands on; and the model of each placement that its
    routes send requests to."""
    steps = push.plan.steps.filter(cluster=push.cluster).exclude(verb="delete")
    touched = set(steps.values_list("definition_id", "placement_id"))
    definitions = {definition for definition, _ in touched}
    found: dict[UUID, set[UUID]] = {}
    pools = Placement.objects.live().filter(served_model__in=definitions)
    for model, pool in pools.values_list("served_model", "pool"):
        found.setdefault(model, set()).add(pool)
    members = RouteMember.objects.filter(route__in=definitions, weight__gt=0)
    served: dict[UUID, UUID] = {}
    for route, placement, model in members.values_list(
        "route", "placement", "placement__served_model"
    ):
        if (model, placement) in touched:
            found.setdefault(route, set()).add(model)
            served[placement] = model
    return found, served


def _parts(push: Push, client: ClusterClient, members: set[UUID]) -> list[standing.Part]:
    parts = [part for part in standing.placements(push) if part.id in members]
    if all(part.readiness.is_known for part in parts):
        return parts
    try:
        return standing.asked(push, parts, client)
    except Refusal:
        return parts


def _wait(push: Push, lease: Lease, missing: Sequence[standing.Part]) -> Later | None:
    """The route comes when its engines answer; until then nothing is held but a row."""
    now: datetime = timezone.now()
    if push.verify_until is None:
        push.verify_until = now + standing.ready_within(push)
    failpoint("push.before_wait")
    Push.objects.filter(pk=push.pk).update(phase=Phase.WAIT, verify_until=push.verify_until)
    if Push.objects.filter(pk=push.pk, verify_until__lte=Now()).exists():
        ending.end_late(push, missing, lease, now)
        return None
    first = missing[0]
    say(push, messages.WAITS_FOR, ending.described(first))
    return Later(seconds=(LOOK if first.readiness.is_known else ASK).total_seconds())


def _until_due(push: Push) -> Later:
    """What is open failed before, and is asked for again when its time has come."""
    waiting = DesiredObject.objects.filter(
        push=push, problem_code="", pushed_generation__lt=F("generation"), due_at__gt=Now()
    )
    due_at = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    left = (due_at - timezone.now()).total_seconds() if due_at else 0.0
    return Later(seconds=max(0.05, left))
