"""Writing down what became of objects, under the epoch of the lease, in one transaction a chunk."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from json import dumps
from typing import Any

from django.db import transaction
from django.db.models import BigAutoField, F, QuerySet, UUIDField
from django.db.models.functions import Now

from inference import events
from inference.clusters.client.errors import ClusterUnavailable
from inference.clusters.models import Inventory, LiveObject
from inference.compiled import Select, Slot
from inference.delivery import breakers, sets
from inference.delivery.apply import Result, Round
from inference.delivery.leases import Lease
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.delivery.wanting import any_of
from inference.failpoints import declare, failpoint
from inference.messages import Message

declare("push.before_create_sent", "push.after_create_sent")
declare("push.before_record", "push.after_record", "push.before_say")

Outcome = PushOutcome.Outcome


def announce(rows: Iterable[DesiredObject], lease: Lease, at: datetime) -> frozenset[int]:
    """Write down which creations are about to be sent; returns those that were so before."""
    creations = [row for row in rows if row.wanted and not row.uid]
    fresh = [row for row in creations if row.creation_sent_at is None]
    if fresh:
        failpoint("push.before_create_sent")
        with transaction.atomic(savepoint=False):
            lease.fence()
            DesiredObject.objects.filter(pk__in=[row.pk for row in fresh]).update(
                creation_sent_at=at
            )
            transaction.on_commit(_written_down)
        for row in fresh:
            row.creation_sent_at = at
    return frozenset({row.pk for row in creations} - {row.pk for row in fresh})


def _written_down() -> None:
    """Once the creations are, whoever's transaction it was."""
    failpoint("push.after_create_sent")


def versions(push: Push, rows: Sequence[DesiredObject]) -> dict[str, str]:
    """The resourceVersion that an observer last saw of each object that is to be updated. `rows`
    are in the order of their keys."""
    if not any(row.wanted and row.uid for row in rows):
        return {}
    which = {"push": push.pk, "first": rows[0].pk, "last": rows[-1].pk}
    return dict(_VERSIONS.rows(**which, cluster=push.cluster_id))


def _versions() -> QuerySet[Any, tuple[str, str]]:
    """Between keys: SQL with a place for each would be another one for each number of them."""
    first, last = Slot("first", BigAutoField()), Slot("last", BigAutoField())
    sent = DesiredObject.objects.filter(
        push=Slot("push", BigAutoField()), pk__gte=first, pk__lte=last
    )
    seen = LiveObject.objects.filter(cluster=Slot("cluster", UUIDField()), gone_at__isnull=True)
    return seen.filter(uid__in=sent.values("uid")).values_list("uid", "resource_version")


_VERSIONS = Select(_versions)


@transaction.atomic
def record(push: Push, told: Round, lease: Lease, at: datetime) -> timedelta | None:
    """Desired objects, outcomes, inventory and breaker together; returns how long to wait, if so.

    Raises LeaseLost, and nothing is written.
    """
    wait = None
    lease.fence()
    failpoint("push.before_record")
    results = told.results
    if results:
        _settle([one for one in results if one.outcome in PushOutcome.DONE])
        _hold([one for one in results if one.outcome not in PushOutcome.DONE])
        _tell(results, lease, at)
        _enter(results, at)
        definitions = {f"{one.row.definition_kind}:{one.row.definition_id}" for one in results}
        events.announce(notice_of(push), *definitions)
    if told.problem:
        wait = _put_off(push, told, told.problem, lease, at)
    elif told.answered:
        if lease.has_failed:
            breakers.succeeded(lease.cluster_id)
        if push.problem_code:
            say(push, None, {})
    failpoint("push.after_record")
    return wait


def say(push: Push, message: Message | None, params: dict[str, Any]) -> None:
    """What a push waits for, or that it waits for nothing. Costs nothing when it was said."""
    code = message.code if message else ""
    if (push.problem_code, push.problem_params) != (code, params):
        failpoint("push.before_say")
        push.problem_code, push.problem_params = code, params
        with transaction.atomic():
            Push.objects.filter(pk=push.pk, state__in=Push.UNFINISHED).update(
                problem_code=code, problem_params=params
            )
            events.announce(notice_of(push))


def notice_of(push: Push) -> str:
    """What is announced when its rows change, beside what is audited of its change."""
    return f"delivery:{push.change_id}/{push.pk}"


def _settle(results: Sequence[Result]) -> None:
    """Objects that are as desired, and what the cluster says that they are now."""
    if results:
        sets.update_each(
            DesiredObject,
            [
                (
                    one.row.pk,
                    one.row.generation,
                    one.live_uid,
                    one.live_generation,
                    one.field_set,
                    one.values_hash,
                )
                for one in results
            ],
            by="id",
            each=("pushed_generation", "live_uid", "live_generation", "field_set", "values_hash"),
            same={"due_at": None, "problem_code": "", "problem_params": {}},
            counted="attempts",
        )


def _hold(results: Sequence[Result]) -> None:
    """Objects that wait for people."""
    if results:
        sets.update_each(
            DesiredObject,
            [(one.row.pk, _code(one), dumps(one.params)) for one in results],
            by="id",
            each=("problem_code", "problem_params"),
            same={"due_at": None},
            counted="attempts",
        )
    existed = [one.row.pk for one in results if one.outcome == Outcome.EXISTED]
    if existed:
        # Settled: whatever answers next was not made by us.
        DesiredObject.objects.filter(pk__in=existed).update(creation_sent_at=None)


def _tell(results: Sequence[Result], lease: Lease, at: datetime) -> None:
    sets.update_each(
        PushOutcome,
        [
            (
                one.row.step_id,
                one.outcome,
                _code(one),
                dumps(one.params),
                one.live_uid or one.row.uid,
            )
            for one in results
        ],
        by="step",
        each=("outcome", "code", "params", "uid"),
        same={"epoch": lease.epoch, "at": at},
        counted="attempts",
    )


def _code(result: Result) -> str:
    return result.message.code if result.message else ""


def _put_off(
    push: Push, told: Round, problem: ClusterUnavailable, lease: Lease, at: datetime
) -> timedelta:
    """What the cluster did not answer comes later; one that fails again and again, much later."""
    tried = [row for row, _ in told.unsent]
    wait = breakers.failed(
        lease.cluster_id,
        told.failures,
        answered=told.answered,
        retry_after=problem.retry_after,
    )
    wait = max(wait, breakers.backoff(min(row.attempts for row in tried)))
    DesiredObject.objects.filter(pk__in=[row.pk for row in tried]).update(
        attempts=F("attempts") + 1, due_at=Now() + wait
    )
    events.announce(notice_of(push))
    PushOutcome.objects.filter(push=push, step__in=[row.step_id for row in tried]).update(
        outcome=Outcome.UNAVAILABLE,
        code=problem.code,
        params=problem.params,
        attempts=F("attempts") + 1,
        epoch=lease.epoch,
        at=at,
    )
    say(push, problem.message, problem.params)
    return wait


def _enter(results: Sequence[Result], at: datetime) -> None:
    """What we made is ours. Where it was made anew, what we had made before is gone."""
    made = [one for one in results if one.outcome == Outcome.CREATED]
    if made:
        before = Inventory.objects.filter(any_of(one.row for one in made), deleted_at__isnull=True)
        before.exclude(uid__in=[one.live_uid for one in made]).update(deleted_at=at)
        Inventory.objects.bulk_create([_entry(one, at) for one in made], ignore_conflicts=True)
    deleted = [one.row.uid for one in results if one.outcome == Outcome.DELETED]
    if deleted:
        Inventory.objects.filter(
            cluster=results[0].row.cluster_id, uid__in=deleted, deleted_at__isnull=True
        ).update(deleted_at=at)


def _entry(result: Result, at: datetime) -> Inventory:
    row = result.row
    return Inventory(
        cluster_id=row.cluster_id,
        group=row.group,
        api_version=row.api_version,
        kind=row.kind,
        namespace=row.namespace,
        name=row.name,
        uid=result.live_uid,
        team_id=row.team_id,
        definition_id=row.definition_id,
        placement_id=row.placement_id,
        entered_at=at,
    )
