"""Scenes to look at: a house with a model in service, and a change that raises its replicas."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from inference.accounts.models import User
from inference.changes import actions, policies
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest, Plan, PlanCheck, PlanStep, PlanTouch
from inference.changes.planning import step_row
from inference.clusters.models import Cluster, Inventory, LiveObject
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.manifests import ObjectRef, canonical, digest_text
from inference.planning.plans import draft
from inference.planning.values import Check, Origin, Seen, Target
from tests.api.house import House


def drafted(house: House, author: User, replicas: int = 3, title: str = "") -> ChangeRequest:
    """More replicas for the model of the house, asked for and not yet submitted."""
    document: dict[str, Any] = {**house.model.document}
    placement = {**document["placements"][0], "replicas": replicas}
    document["placements"] = [placement]
    edit = Proposal(
        verb="update", kind="served-model", name=house.model.name, document=document,
        title=house.model.title,
    )  # fmt: skip
    return actions.draft(
        team=house.team,
        title=title or f"Raise {house.model.name} to {replicas} replicas",
        reason="Requests have waited since the morning: more of them are coming tomorrow.",
        edits=[edit],
        by=author,
        at=timezone.now(),
    )


def in_review(
    house: House,
    author: User,
    *,
    objects: int = 1,
    clusters: Sequence[Cluster] = (),
    checks: Sequence[Check] = (),
    title: str = "",
) -> ChangeRequest:
    """Planned: each cluster changes a Deployment and creates the other `objects`."""
    change, at = drafted(house, author, title=title), timezone.now()
    where = [house.cluster, *clusters]
    found = draft(
        targets=[Target(one.name, one.identity, one.environment) for one in where],
        seen=[_seen(house, one, place, change.pk) for one in where for place in range(objects)],
        leftovers=[],
        policy_version=policies.VERSION,
        other_checks=checks,
    )
    plan = _plan(change, author, found.hash, found.contents, at)
    for one in {cluster.environment for cluster in where}:
        PlanTouch.objects.create(plan=plan, team=change.team, environment=one)
    by_name = {one.name: one for one in where}
    PlanStep.objects.bulk_create(
        step_row(plan, place, step, by_name[step.origin.cluster], change.team)
        for place, step in enumerate(found.steps)
    )
    PlanCheck.objects.bulk_create(
        PlanCheck(
            plan=plan,
            ordinal=place,
            verdict=check.verdict,
            state=check.state,
            code=check.message.code,
            params=check.params,
            cluster=by_name.get(check.cluster),
        )
        for place, check in enumerate(found.checks)
    )
    until = at + timedelta(days=7)
    ChangeRequest.objects.filter(pk=change.pk).update(
        state=ChangeRequest.State.IN_REVIEW,
        plan=plan,
        planned_at=at,
        plan_valid_until=until,
        expires_at=until,
    )
    change.refresh_from_db()
    return change


def started(
    change: ChangeRequest,
    approver: User,
    *,
    state: str = ChangeRequest.State.VERIFYING,
    outcome: str = PushOutcome.Outcome.UPDATED,
    code: str = "",
    params: dict[str, Any] | None = None,
) -> ChangeRequest:
    """Approved, and pushed as far as `state`: every object with the same outcome."""
    now = timezone.now()
    assert change.plan is not None
    actions.approve(change=change, plan_hash=change.plan.hash, by=approver, at=now)
    ended = None if state in Push.UNFINISHED else now
    ChangeRequest.objects.filter(pk=change.pk).update(
        state=state, started_at=now, finished_at=ended
    )
    steps = change.plan.steps.select_related("cluster").order_by("ordinal")
    pushes = {
        cluster: Push.objects.create(
            change=change,
            plan=change.plan,
            cluster=cluster,
            state=state,
            started_at=now,
            finished_at=ended,
        )
        for cluster in {step.cluster for step in steps}
    }
    for step in steps:
        PushOutcome.objects.create(
            push=pushes[step.cluster], step=step, outcome=outcome, code=code, params=params or {}
        )
    change.refresh_from_db()
    return change


def _plan(change: ChangeRequest, author: User, made: str, contents: str, at: datetime) -> Plan:
    assert change.revision is not None
    return Plan.objects.create(
        change=change,
        revision=change.revision,
        number=1,
        hash=made,
        contents=contents,
        author=author,
        policy_version=policies.VERSION,
        created_at=at,
    )


def _seen(house: House, cluster: Cluster, place: int, number: int) -> Seen:
    name = house.placement.object_name if place == 0 else f"{house.placement.object_name}-{place}"
    kind, version = ("Deployment", "apps/v1") if place == 0 else ("ConfigMap", "v1")
    manifest: dict[str, Any] = {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "llm-chat", "labels": {"change": str(number)}},
    }
    live: dict[str, Any] | None = None
    if place == 0:
        manifest["spec"] = {"replicas": 3}
        live = {**manifest, "metadata": {**manifest["metadata"], "uid": "u"}}
        live["spec"] = {"replicas": 2}
    else:
        manifest["data"] = {"place": str(place)}
    body = canonical(manifest)
    origin = Origin(
        cluster.name, house.team.name, "served-model", house.model.pk, house.placement.pk
    )
    return Seen(
        origin, ObjectRef.of(manifest), 1, body, digest_text(body), live, manifest,
        known_uid="u" if live else "",
    )  # fmt: skip


def drift(house: House) -> None:
    """As `kubectl scale` leaves it: 5 replicas, where 2 were pushed."""
    rows = DesiredObject.objects.filter(definition_id=house.model.pk, kind="Deployment")
    rows.update(
        field_set={"f:spec": {"f:replicas": {}}},
        body='{"spec":{"replicas":2}}',
        values_hash="a",
        live_generation=1,
        placement_id=house.placement.pk,
    )
    made = Inventory.objects.filter(pk=house.inventory.pk)
    made.update(kind="Deployment", name=rows.get().name, definition_id=house.model.pk)
    scaled(rows.get().name, "5")


def scaled(name: str, value: str) -> None:
    hand = {"path": ".spec.replicas", "manager": "kubectl", "time": "2026-06-01T12:00:00Z"}
    LiveObject.objects.filter(kind="Deployment", name=name).update(
        values_hash="b", generation=2, other_managers=[{**hand, "shared": False, "value": value}]
    )
