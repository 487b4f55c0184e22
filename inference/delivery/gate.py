"""The gate before a push: what approval meant is checked again, by the clock of the database."""

from collections.abc import Sequence

from django.db.models.functions import Now

from inference.changes import policies
from inference.changes.models import ChangeRequest, Plan, PlanStep
from inference.clusters.models import Cluster, Grant
from inference.delivery.models import DesiredObject, Push
from inference.delivery.wanting import ref_of
from inference.errors import Conflict
from inference.manifests import digest_text
from inference.messages import delivery as messages


class Wait(Conflict):
    """Nothing is wrong with the change; it starts when something else has ended."""


class Stale(Conflict):
    """The world has moved: the change is planned anew before anything starts."""


def checked_plan(change: ChangeRequest) -> Plan:
    """The approved plan, if everything that its approval meant still holds.

    Raises Wait, Stale, or Conflict. Must run in the transaction that starts the push.
    """
    plan = Plan.objects.select_related("revision", "author").get(changes=change)
    if digest_text(plan.contents) != plan.hash:
        raise Conflict(messages.PLAN_ALTERED, object="the plan")
    in_time = ChangeRequest.objects.filter(pk=change.pk, plan_valid_until__gt=Now()).exists()
    if not in_time and change.state == ChangeRequest.State.APPROVED:
        raise Stale(messages.PLAN_EXPIRED, until=str(change.plan_valid_until))
    if plan.policy_version != policies.VERSION:
        raise Stale(messages.POLICY_MOVED_ON)
    if policies.valid_approvals(plan) < plan.quorum:
        raise Conflict(messages.DECISION_INVALID)
    steps = list(plan.steps.select_related("cluster", "team"))
    _check_bytes(steps)
    _check_clusters(steps)
    _check_grants(steps)
    _check_free(change, steps)
    return plan


def _check_bytes(steps: Sequence[PlanStep]) -> None:
    for step in steps:
        if step.body and digest_text(step.body) != step.body_hash:
            raise Conflict(messages.PLAN_ALTERED, object=str(ref_of(step)))


def _check_clusters(steps: Sequence[PlanStep]) -> None:
    for cluster in {step.cluster for step in steps}:
        if cluster.state == Cluster.State.REMOVED:
            raise Conflict(messages.CLUSTER_GONE, cluster=cluster.name)
        if cluster.state != Cluster.State.ACTIVE:
            raise Wait(messages.CLUSTER_NOT_ACTIVE, cluster=cluster.name, state=cluster.state)


def _check_grants(steps: Sequence[PlanStep]) -> None:
    wanted = {
        (step.cluster_id, step.team_id, step.namespace): step for step in steps if step.namespace
    }
    held = set(
        Grant.objects.filter(cluster__in={key[0] for key in wanted}).values_list(
            "cluster", "team", "namespace"
        )
    )
    for key, step in wanted.items():
        if key not in held:
            raise Conflict(
                messages.GRANT_GONE,
                team=step.team.name,
                namespace=step.namespace,
                cluster=step.cluster.name,
            )


def _check_free(change: ChangeRequest, steps: Sequence[PlanStep]) -> None:
    """No other change is at any of these objects."""
    busy = DesiredObject.objects.filter(
        push__state__in=[Push.State.APPLYING, Push.State.VERIFYING],
        cluster__in={step.cluster_id for step in steps},
    ).exclude(push__change=change)
    names = {(step.cluster_id, step.kind, step.namespace, step.name) for step in steps}
    for row in busy.select_related("push"):
        if (row.cluster_id, row.kind, row.namespace, row.name) in names:
            raise Wait(
                messages.OBJECT_BUSY,
                object=f"{row.kind} {row.namespace}/{row.name}",
                change=row.push.change_id,
            )
