"""Bringing one cluster to what was approved: phase by phase, as far as it answers. Thin."""

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakSet

from django.conf import settings
from django.db import transaction
from django.db.models import (
    BigAutoField,
    BooleanField,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    UUIDField,
)
from django.db.models.functions import Now
from django.utils import timezone

from inference import events
from inference.clusters.client.door import ClusterClient
from inference.clusters.client.errors import ClusterUnavailable
from inference.clusters.models import Cluster
from inference.compiled import Select, Slot, Update
from inference.definitions.models import Placement, RouteMember
from inference.delivery import breakers, ending, pruning, standing
from inference.delivery.apply import Round, chunks, many_hands, send
from inference.delivery.hands import Hands
from inference.delivery.leases import Lease, LeaseLost
from inference.delivery.models import DesiredObject, Push
from inference.delivery.phases import Item, Standing, StandsOn, Turn, turn
from inference.delivery.recording import announce, notice_of, record, say, versions
from inference.delivery.visits import Visit
from inference.delivery.wanting import still_open
from inference.errors import Refusal
from inference.failpoints import declare, failpoint
from inference.messages import delivery as messages
from inference.messages.connecting import IDENTITY_CHANGED
from inference.outbox import Later
from inference.rendering.objects import Phase

declare("push.before_met", "push.before_not_met", "push.before_phase", "push.before_wait")

LOOK = timedelta(seconds=1)
"""Between two looks at rows while placements become ready."""
ASK = timedelta(seconds=5)
"""Between two questions to the cluster where no observer looks for us."""
HELD = timedelta(seconds=5)

Connect = Callable[[Cluster], ClusterClient]

_APPLYING = Select(
    lambda: (
        Push.objects.filter(cluster=Slot("cluster", UUIDField()), state=Push.State.APPLYING)
        .select_related("cluster__credential")
        .order_by("pk")
    )
)
_OBJECTS = Select(
    lambda: DesiredObject.objects.filter(push=Slot("push", BigAutoField())).values_list(
        "pk",
        "definition_id",
        "phase",
        "problem_code",
        "placement_id",
        "wanted",
        ExpressionWrapper(Q(pushed_generation=F("generation")), BooleanField()),
        ExpressionWrapper(Q(due_at__isnull=True) | Q(due_at__lte=Now()), BooleanField()),
    )
)
_PHASE = Update(
    lambda: Push.objects.filter(pk=Slot("push", BigAutoField())),
    phase=Slot("phase", IntegerField()),
)

_known: WeakSet[ClusterClient] = WeakSet()
"""Clients whose cluster has shown its identity, and has not failed since: they are warm."""


def converge(cluster_id: UUID, lease: Lease, connect: Connect) -> Later | None:
    """Work on every push that applies to the cluster. Says when to look again, if ever.

    Raises LeaseLost when another worker took over; nothing more is written then.
    """
    began = time.monotonic()
    pushes = _APPLYING.rows(cluster=cluster_id)
    if not pushes:
        return None
    cluster = pushes[0].cluster
    if cluster.state != Cluster.State.ACTIVE:
        return _not_active(cluster, pushes, lease)
    closed = breakers.closed_for(cluster) if lease.has_failed else None
    if closed:
        return closed
    try:
        client = _met(cluster, lease, connect)
    except Refusal as problem:
        return _not_met(problem, pushes, lease)
    visit = Visit(client, lease, began + settings.TASK_DEADLINE.total_seconds(), began)
    waits = []
    for push in pushes:
        waits.append(_advance(visit, push))
        if client not in _known:
            break  # it has failed: the others wait with this one
    return min((wait for wait in waits if wait is not None), default=None)


def _met(cluster: Cluster, lease: Lease, connect: Connect) -> ClusterClient:
    """A client of the very cluster that was connected. Asks nothing while it is warm.

    Raises Refusal.
    """
    client = connect(cluster)
    if lease.has_failed and breakers.needs_a_probe(cluster):
        client.ready()
        _known.discard(client)
    if cluster.problem_code == IDENTITY_CHANGED.code:
        _known.discard(client)  # observers look every few seconds who answers there
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


def _advance(visit: Visit, push: Push) -> Later | None:
    """Take one push as far as it goes now."""
    items, touched = _items(push)
    stands_on, members = _foundations(touched)
    while time.monotonic() < visit.until:
        now = turn(items, stands_on, unready=set(members.values()))
        if now.route_waits:
            parts = _parts(push, visit.client, set(members))
            missing = [part for part in parts if not part.readiness.is_ready]
            if missing:
                return _wait(push, visit.lease, missing)
            now = turn(items, stands_on, unready=())
        if now.is_settled:
            ending.settle(push, now.blocked, visit.lease, timezone.now())
            return None
        if not now.send:
            return _until_due(push)
        wait = _send_phase(visit, push, now)
        if wait is not None:
            return wait
        items, _ = _items(push)
    return Later(seconds=0)


def _send_phase(visit: Visit, push: Push, now: Turn) -> Later | None:
    due = set(now.send)
    rows = [row for row in still_open(push, now.phase) if row.pk in due]
    refused = pruning.refused(push, rows)
    if refused:
        record(push, Round(results=refused), visit.lease, timezone.now())
        return Later(seconds=0)
    with many_hands(len(rows)) as hands:
        for part in chunks(rows):
            if not visit.goes_on(push):
                return Later(seconds=0)
            wait = _send_chunk(visit, push, part, now.phase, hands)
            if wait is not None:
                return Later(seconds=max(0.1, wait.total_seconds()))
    return None


def _send_chunk(
    visit: Visit, push: Push, part: Sequence[DesiredObject], phase: int, hands: Hands
) -> timedelta | None:
    if not visit.lease.allows_a_write:
        raise LeaseLost
    announced = _enter(push, part, phase, visit.lease)
    seen = versions(push, part)
    told = send(visit.client, part, announced, seen, visit.lease, visit.until, hands)
    if told.problem or told.met_another:
        _known.discard(visit.client)
    return record(push, told, visit.lease, timezone.now())


@transaction.atomic
def _enter(push: Push, part: Sequence[DesiredObject], phase: int, lease: Lease) -> frozenset[int]:
    """Write down what is about to be sent; returns what an earlier attempt may have created."""
    failpoint("push.before_phase")
    if push.phase != phase:
        push.phase = phase
        _PHASE.update(push=push.pk, phase=phase)
        events.announce(notice_of(push))
    return announce(part, lease, timezone.now())


def _items(push: Push) -> tuple[list[Item], set[tuple[UUID, UUID | None]]]:
    """The objects of the push; and the definitions and placements of those that it puts."""
    items, touched = [], set()
    for pk, definition, phase, problem, placement, wanted, is_pushed, is_due in _OBJECTS.rows(
        push=push.pk
    ):
        items.append(Item(pk, definition, phase, _standing(is_pushed, problem), is_due))
        if wanted:
            touched.add((definition, placement))
    return items, touched


def _standing(is_pushed: bool, problem: str) -> Standing:
    if is_pushed:
        return Standing.DONE
    return Standing.STUCK if problem else Standing.OPEN


def _foundations(
    touched: Collection[tuple[UUID, UUID | None]],
) -> tuple[StandsOn, dict[UUID, UUID]]:
    """What each definition of the push stands on; and the model of each placement that its
    routes send requests to. A definition that is alone stands on nothing of the push."""
    definitions = {definition for definition, _ in touched}
    if len(definitions) <= 1:
        return {}, {}
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
