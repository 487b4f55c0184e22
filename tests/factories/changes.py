"""Changes at a point of their way, with the rows that they have there."""

from uuid import uuid4

from django.db import transaction

from inference.accounts.models import Team, User
from inference.audit.recording import record
from inference.changes.models import (
    ChangeRequest,
    Contributor,
    Decision,
    Edit,
    Plan,
    PlanCheck,
    PlanStep,
    PlanTouch,
    Revision,
)
from inference.clusters.models import Cluster
from inference.manifests import canonical, digest_text
from tests.conftest import NOON
from tests.factories.clusters import ClusterFactory

LATER = NOON.replace(year=2036)


def drafted(author: User, team: Team | None = None) -> ChangeRequest:
    """A draft with one edit, of `author`, for the only team that they are in."""
    owner = team or author.memberships.first().team  # type: ignore[union-attr]  # authors are members
    change = ChangeRequest.objects.create(
        title="Serve", reason="asked for", team=owner, author=author, created_at=NOON
    )
    revision = Revision.objects.create(
        change=change, number=1, author=author, hash="0" * 64, created_at=NOON
    )
    Edit.objects.create(
        revision=revision,
        ordinal=0,
        verb=Edit.Verb.CREATE,
        team=owner,
        definition_kind="route",
        definition_id=uuid4(),
        name="chat",
    )
    Contributor.objects.create(change=change, user=author)
    ChangeRequest.objects.filter(pk=change.pk).update(revision=revision)
    with transaction.atomic():
        record(
            verb="drafted",
            subject_kind="change-request",
            subject_id=change.pk,
            subject_name=change.title,
            by=author,
            at=NOON,
            team=owner,
        )
    change.refresh_from_db()
    return change


def planned(
    author: User, *, cluster: Cluster | None = None, objects: int = 1, red: bool = False
) -> ChangeRequest:
    """In review, with a plan that creates `objects` ConfigMaps in namespace `llm-chat`."""
    change = drafted(author)
    where = cluster or ClusterFactory.create()
    assert change.revision is not None
    contents = canonical({"change": change.pk, "objects": objects, "red": red})
    plan = Plan.objects.create(
        change=change,
        revision=change.revision,
        number=1,
        hash=digest_text(contents),
        contents=contents,
        author=author,
        policy_version=1,
        created_at=NOON,
    )
    PlanTouch.objects.create(plan=plan, team=change.team, environment=where.environment)
    PlanStep.objects.bulk_create(_step(plan, change, where, place) for place in range(objects))
    PlanCheck.objects.create(
        plan=plan,
        ordinal=0,
        verdict="accepted",
        state=PlanCheck.State.RED if red else PlanCheck.State.GREEN,
        code="plan-accepted",
        params={"cluster": where.name, "count": objects},
    )
    ChangeRequest.objects.filter(pk=change.pk).update(
        state=ChangeRequest.State.IN_REVIEW,
        plan=plan,
        planned_at=NOON,
        plan_valid_until=LATER,
        expires_at=LATER,
    )
    change.refresh_from_db()
    return change


def decided(change: ChangeRequest, actor: User) -> Decision:
    """An approval that was written around the actions."""
    plan = change.plan
    assert plan is not None
    return Decision.objects.create(
        plan=plan,
        plan_hash=plan.hash,
        plan_author=plan.author,
        actor=actor,
        sequence=1,
        verdict=Decision.Verdict.APPROVE,
        at=NOON,
    )


def _step(plan: Plan, change: ChangeRequest, cluster: Cluster, place: int) -> PlanStep:
    body = canonical(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"object-{place}", "namespace": "llm-chat"},
            "data": {"place": str(place)},
        }
    )
    return PlanStep(
        plan=plan,
        ordinal=place,
        cluster=cluster,
        team=change.team,
        definition_kind="served-model",
        definition_id=uuid4(),
        phase=1,
        verb=PlanStep.Verb.CREATE,
        api_version="v1",
        kind="ConfigMap",
        namespace="llm-chat",
        name=f"object-{place}",
        body=body,
        body_hash=digest_text(body),
    )
