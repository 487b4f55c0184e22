"""From the steps of a plan to desired objects, pushes and outcomes that wait."""

from collections.abc import Sequence
from datetime import datetime

from inference import outbox
from inference.changes.models import ChangeRequest, Plan, PlanStep
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.delivery.phases import FIRST_DELETION
from inference.manifests import ObjectRef
from inference.rendering.objects import Phase


def write_pushes(
    change: ChangeRequest, plan: Plan, steps: Sequence[PlanStep], at: datetime
) -> None:
    """One push for each cluster of the plan, and its wake-up."""
    for cluster in sorted({step.cluster for step in steps}, key=lambda one: one.pk):
        here = [step for step in steps if step.cluster_id == cluster.pk]
        push = Push.objects.create(
            change=change, plan=plan, cluster=cluster, phase=0, started_at=at
        )
        PushOutcome.objects.bulk_create(PushOutcome(push=push, step=step) for step in here)
        _want(push, plan, here)
        outbox.post("delivery.converge", cluster.pk)


def _want(push: Push, plan: Plan, steps: Sequence[PlanStep]) -> None:
    """One row per object: those that are there move to their next generation."""
    known = {
        (row.group, row.kind, row.namespace, row.name): row
        for row in DesiredObject.objects.filter(
            cluster=push.cluster, name__in={step.name for step in steps}
        )
    }
    new, old = [], []
    for step in steps:
        row = known.get((step.group, step.kind, step.namespace, step.name))
        if row is None:
            row = DesiredObject(
                cluster=push.cluster,
                group=step.group,
                kind=step.kind,
                namespace=step.namespace,
                name=step.name,
            )
            new.append(row)
        else:
            row.generation += 1
            old.append(row)
        _fill(row, push, plan, step)
    DesiredObject.objects.bulk_create(new)
    DesiredObject.objects.bulk_create(
        old, update_conflicts=True, unique_fields=["id"], update_fields=[*_FILLED, "generation"]
    )


_FILLED = [
    "api_version",
    "team",
    "definition_kind",
    "definition_id",
    "placement_id",
    "phase",
    "wanted",
    "body",
    "hash",
    "force",
    "uid",
    "plan",
    "step",
    "push",
    "creation_sent_at",
    "attempts",
    "due_at",
    "problem_code",
    "problem_params",
]


def _fill(row: DesiredObject, push: Push, plan: Plan, step: PlanStep) -> None:
    row.api_version = step.api_version
    row.team = step.team
    row.definition_kind = step.definition_kind
    row.definition_id = step.definition_id
    row.placement_id = step.placement_id
    row.phase = step.phase
    if step.verb == PlanStep.Verb.DELETE:
        row.phase = FIRST_DELETION + Phase.ROUTE - step.phase
    row.wanted = step.verb != PlanStep.Verb.DELETE
    row.body, row.hash, row.force, row.uid = step.body, step.body_hash, step.force, step.uid
    row.plan, row.step, row.push = plan, step, push
    row.creation_sent_at, row.attempts, row.due_at = None, 0, None
    row.problem_code, row.problem_params = "", {}


def ref_of(row: PlanStep | DesiredObject) -> ObjectRef:
    return ObjectRef(row.api_version, row.kind, row.namespace, row.name)
