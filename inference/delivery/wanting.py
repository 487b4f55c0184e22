"""From the steps of a plan to desired objects, pushes and outcomes that wait.

Rows are made from rows, inside the database: the bytes of a plan need not pass through here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import (
    BigAutoField,
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
)

from inference import outbox
from inference.changes.models import ChangeRequest, Plan, PlanStep
from inference.clusters.models import Cluster, Grant
from inference.compiled import Select, Slot, add
from inference.delivery.models import DesiredObject, Push
from inference.delivery.phases import FIRST_DELETION
from inference.manifests import ObjectRef
from inference.rendering.objects import Phase

LAST = FIRST_DELETION + Phase.ROUTE
"""The phase of the last deletion: from the route inwards."""

_OUTCOMES = """
INSERT INTO inference_pushoutcome (push_id, step_id, outcome, code, params, uid, attempts, epoch)
SELECT %(push)s, id, 'pending', '', '{}', '', 0, 0
FROM inference_planstep
WHERE plan_id = %(plan)s AND cluster_id = %(cluster)s
ORDER BY ordinal
"""

_DESIRED = """
INSERT INTO inference_desiredobject (
    cluster_id, "group", api_version, kind, namespace, name,
    team_id, definition_kind, definition_id, placement_id, phase, wanted,
    body, hash, force, takes, uid, plan_id, step_id, push_id,
    generation, pushed_generation, live_uid, live_generation, field_set, values_hash,
    creation_sent_at, attempts, due_at, problem_code, problem_params
)
SELECT
    cluster_id, "group", api_version, kind, namespace, name,
    team_id, definition_kind, definition_id, placement_id,
    CASE verb WHEN 'delete' THEN %(last)s - phase ELSE phase END, verb <> 'delete',
    body, body_hash, force, takes, uid, plan_id, id, %(push)s,
    1, 0, '', 0, '{}', '',
    NULL, 0, NULL, '', '{}'
FROM inference_planstep
WHERE plan_id = %(plan)s AND cluster_id = %(cluster)s
ORDER BY ordinal
ON CONFLICT (cluster_id, "group", kind, namespace, name) DO UPDATE SET
    api_version = excluded.api_version,
    team_id = excluded.team_id,
    definition_kind = excluded.definition_kind,
    definition_id = excluded.definition_id,
    placement_id = excluded.placement_id,
    phase = excluded.phase,
    wanted = excluded.wanted,
    body = excluded.body,
    hash = excluded.hash,
    force = excluded.force,
    takes = excluded.takes,
    uid = excluded.uid,
    plan_id = excluded.plan_id,
    step_id = excluded.step_id,
    push_id = excluded.push_id,
    generation = inference_desiredobject.generation + 1,
    creation_sent_at = NULL,
    attempts = 0,
    due_at = NULL,
    problem_code = '',
    problem_params = '{}'
"""
"""One row per object: those that are there move to their next generation. What is known of the
live object stays, until the next answer tells of it."""


def write_pushes(
    change: ChangeRequest, plan: Plan, steps: Sequence[PlanStep], at: datetime
) -> None:
    """One push for each cluster of the plan, and its wake-up."""
    for cluster in sorted({step.cluster for step in steps}, key=lambda one: one.pk):
        first = min(_phase(step) for step in steps if step.cluster_id == cluster.pk)
        push = add(Push(change=change, plan=plan, cluster=cluster, phase=first, started_at=at))
        named = {
            "push": push.pk,
            "plan": plan.pk,
            "cluster": Cluster._meta.pk.get_db_prep_value(cluster.pk, connection),  # noqa: SLF001  (documented)
            "last": LAST,
        }
        with connection.cursor() as cursor:
            cursor.execute(_OUTCOMES, named)
            cursor.execute(_DESIRED, named)
        outbox.post("delivery.converge", cluster.pk)


def _phase(step: PlanStep) -> int:
    """When its object has its turn; as the statement above has it."""
    return LAST - step.phase if step.verb == PlanStep.Verb.DELETE else step.phase


def still_open(push: Push, phase: int) -> list[Any]:
    """Objects of a phase that are still to be sent; each knows whether its team is granted its
    namespace now (`is_granted`): that may be taken back while a push is under way. One query.
    """
    return _OPEN.rows(push=push.pk, phase=phase)


def _open() -> QuerySet[DesiredObject]:
    grants = Grant.objects.filter(
        cluster=OuterRef("cluster"), team=OuterRef("team"), namespace=OuterRef("namespace")
    )
    return (
        DesiredObject.objects.filter(
            push=Slot("push", BigAutoField()),
            phase=Slot("phase", IntegerField()),
            pushed_generation__lt=F("generation"),
        )
        .annotate(is_granted=ExpressionWrapper(Q(namespace="") | Exists(grants), BooleanField()))
        .defer("field_set")  # large, and about to be written anew
        .order_by("pk")
    )


_OPEN = Select(_open)


def any_of(rows: Iterable[PlanStep | DesiredObject]) -> Q:
    """Rows about the same objects, in tables that name objects as steps do."""
    names: dict[tuple[UUID, str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        names[row.cluster_id, row.group, row.kind, row.namespace].append(row.name)
    found = Q(pk__in=[])
    for (cluster, group, kind, namespace), named in names.items():
        found |= Q(cluster_id=cluster, group=group, kind=kind, namespace=namespace, name__in=named)
    return found


def ref_of(row: PlanStep | DesiredObject) -> ObjectRef:
    return ObjectRef(row.api_version, row.kind, row.namespace, row.name)
