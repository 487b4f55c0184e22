"""Writing down what became of objects, under the epoch of the lease, in one transaction a chunk."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from inference.clusters.models import Inventory
from inference.delivery.apply import Result
from inference.delivery.leases import Lease, LeaseLost
from inference.delivery.models import Convergence, DesiredObject, Push, PushOutcome
from inference.failpoints import declare, failpoint
from inference.field_sets import field_set_of, values_hash

declare("push.before_record", "push.after_record", "push.after_announce")

Outcome = PushOutcome.Outcome


def announce(rows: Sequence[DesiredObject], lease: Lease, at: datetime) -> frozenset[int]:
    """Write down which creations are about to be sent; returns those that were so before."""
    creations = [row for row in rows if row.wanted and not row.uid]
    before = frozenset(row.pk for row in creations if row.creation_sent_at is not None)
    fresh = [row.pk for row in creations if row.creation_sent_at is None]
    if fresh:
        with transaction.atomic():
            fence(lease)
            DesiredObject.objects.filter(pk__in=fresh).update(creation_sent_at=at)
        failpoint("push.after_announce")
    return before


@transaction.atomic
def record(push: Push, results: Sequence[Result], lease: Lease, at: datetime) -> None:
    """Desired objects, outcomes and inventory together. Raises LeaseLost, nothing written."""
    fence(lease)
    failpoint("push.before_record")
    outcomes = {
        (one.step.kind, one.step.namespace, one.step.name): one
        for one in PushOutcome.objects.filter(push=push).select_related("step")
    }
    desired, told = [], []
    for result in results:
        desired.append(_desired(result))
        outcome = outcomes.get((result.row.kind, result.row.namespace, result.row.name))
        if outcome:
            told.append(_outcome(outcome, result, lease, at))
    DesiredObject.objects.bulk_update(
        desired,
        [
            "pushed_generation",
            "field_set",
            "values_hash",
            "attempts",
            "due_at",
            "problem_code",
            "problem_params",
        ],
    )
    PushOutcome.objects.bulk_update(
        told, ["outcome", "code", "params", "uid", "attempts", "epoch", "at"]
    )
    _enter(results, at)
    failpoint("push.after_record")


def fence(lease: Lease) -> None:
    """Inside a transaction: nothing is written by a worker whose lease has gone to another."""
    if not Convergence.objects.filter(lease.rows()).update(epoch=F("epoch")):
        raise LeaseLost


def _desired(result: Result) -> DesiredObject:
    row = result.row
    row.attempts += 1
    row.problem_code = result.message.code if result.message else ""
    row.problem_params = dict(result.params or {})
    row.due_at = None
    if result.is_done:
        row.pushed_generation = row.generation
        if result.answer is not None:
            row.field_set = field_set_of(result.answer)
            row.values_hash = values_hash(result.answer, row.field_set)
    return row


def _outcome(outcome: PushOutcome, result: Result, lease: Lease, at: datetime) -> PushOutcome:
    outcome.outcome = result.outcome
    outcome.code = result.message.code if result.message else ""
    outcome.params = dict(result.params or {})
    outcome.uid = result.answer["metadata"]["uid"] if result.answer else result.row.uid
    outcome.attempts += 1
    outcome.epoch, outcome.at = lease.epoch, at
    return outcome


def _enter(results: Sequence[Result], at: datetime) -> None:
    created = [one for one in results if one.outcome == Outcome.CREATED and one.answer]
    adopted = [
        one for one in results if one.outcome == Outcome.UPDATED and one.row.force and one.answer
    ]
    Inventory.objects.bulk_create(
        (_entry(one, at, adopted=one in adopted) for one in (*created, *adopted)),
        ignore_conflicts=True,
    )
    deleted = [one.row.uid for one in results if one.outcome == Outcome.DELETED]
    if deleted:
        Inventory.objects.filter(
            cluster=results[0].row.cluster_id, uid__in=deleted, deleted_at__isnull=True
        ).update(deleted_at=at)


def _entry(result: Result, at: datetime, *, adopted: bool) -> Inventory:
    row = result.row
    uid = result.answer["metadata"]["uid"] if result.answer else ""
    return Inventory(
        cluster_id=row.cluster_id,
        group=row.group,
        api_version=row.api_version,
        kind=row.kind,
        namespace=row.namespace,
        name=row.name,
        uid=uid,
        team_id=row.team_id,
        definition_id=row.definition_id,
        placement_id=row.placement_id,
        adopted=adopted,
        entered_at=at,
    )
