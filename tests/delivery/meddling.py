"""What may happen between an approval and the start: to the plan, or to the world."""

from datetime import timedelta

from django.utils import timezone

from inference.accounts.models import Membership, User
from inference.changes.models import ChangeRequest, Plan, PlanStep
from inference.clusters.models import Cluster, Grant
from inference.definitions.models import HardwarePool
from inference.manifests import digest_text
from tests.conftest import NOON


def alter_plan(change: ChangeRequest) -> None:
    Plan.objects.filter(pk=change.plan_id).update(contents="{}")


def alter_body(change: ChangeRequest) -> None:
    step = PlanStep.objects.filter(plan=change.plan).first()
    assert step is not None
    body = step.body.replace("42", "43")
    PlanStep.objects.filter(pk=step.pk).update(body=body)


def alter_body_and_its_hash(change: ChangeRequest) -> None:
    step = PlanStep.objects.filter(plan=change.plan).first()
    assert step is not None
    body = step.body.replace("42", "43")
    PlanStep.objects.filter(pk=step.pk).update(body=body, body_hash=digest_text(body))


def force_a_step(change: ChangeRequest) -> None:
    PlanStep.objects.filter(plan=change.plan, name="object-0").update(
        verb="update", uid="u", force=True, takes=[{"path": "data.answer", "manager": "kubectl"}]
    )


def drop_a_step(change: ChangeRequest) -> None:
    PlanStep.objects.filter(plan=change.plan, name="object-0").delete()


def expire(change: ChangeRequest) -> None:
    past = timezone.now() - timedelta(seconds=1)
    ChangeRequest.objects.filter(pk=change.pk).update(plan_valid_until=past)


def raise_policy(change: ChangeRequest) -> None:
    Plan.objects.filter(pk=change.plan_id).update(policy_version=0)


def take_the_role(change: ChangeRequest) -> None:
    Membership.objects.filter(role=Membership.Role.APPROVER).delete()


def deactivate(change: ChangeRequest) -> None:
    User.objects.filter(username="approver").update(is_active=False)


def take_the_grant(change: ChangeRequest) -> None:
    Grant.objects.all().delete()


def remove_the_cluster(change: ChangeRequest) -> None:
    Cluster.objects.update(state=Cluster.State.REMOVED, removed_at=NOON)


def replace_the_cluster(change: ChangeRequest) -> None:
    Cluster.objects.update(identity="another")


def forget_the_identity(change: ChangeRequest) -> None:
    Cluster.objects.update(identity="")


def take_the_name(change: ChangeRequest) -> None:
    HardwarePool.objects.create(
        team=change.team,
        name=f"pool-{change.pk}",
        document={},
        created_at=NOON,
        updated_at=NOON,
        cluster=Cluster.objects.get(),
        deleted_at=None,
    )
    spec = change.revision.edits.get().document["spec"]  # type: ignore[union-attr]  # it has one
    HardwarePool.objects.update(document=spec)
