"""From a submitted revision to a plan in review: thin glue between evidence, planning and rows."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from inference import outbox
from inference.accounts.models import Environment, Team
from inference.accounts.policies import Right, may
from inference.changes import policies
from inference.changes.edits import Proposed, propose, reference_faults
from inference.changes.evidence import Connect, Evidence, gather
from inference.changes.models import ChangeRequest, Plan, PlanCheck, PlanStep, PlanTouch, Revision
from inference.changes.supplies import supplies_of
from inference.changes.transitions import move
from inference.clusters.models import Cluster, Inventory
from inference.definitions.world import ClusterFact
from inference.errors import Conflict, Refusal
from inference.failpoints import declare, failpoint
from inference.messages import planning as messages
from inference.planning.plans import draft
from inference.planning.values import Check, Draft, Step
from inference.rendering.worlds import Part, render

declare("plan.before_commit", "plan.before_given_back")

VALID_FOR = timedelta(days=7)
Touches = frozenset[tuple[str, str]]
"""Pairs of team name and environment."""


def make(change: ChangeRequest, *, connect: Connect, at: datetime) -> ChangeRequest:
    """Plan the current revision and put it in review. Safe to repeat; slow, so no transaction.

    Raises Refusal when the revision cannot be planned at all: its people have to mend it.
    """
    revision = change.revision
    if revision is None:
        raise Conflict(messages.CHANGES_NOTHING)
    proposed = propose(revision.pk)
    for fault in reference_faults(proposed):
        raise fault
    parts = render(proposed.after, proposed.edited)
    gone, inventory = _inventory(proposed, parts)
    facts = _targets(proposed, parts, gone)
    evidence = gather(
        facts=facts,
        parts=parts,
        gone=gone,
        inventory=inventory,
        counts=_counts(gone),
        takes=proposed.takes,
        connect=connect,
    )
    touches = _touches(proposed, parts, gone, facts, change.team)
    found = draft(
        targets=evidence.targets,
        seen=evidence.seen,
        leftovers=evidence.leftovers,
        policy_version=policies.VERSION,
        touches=touches,
        supplies=supplies_of(
            proposed, {one.placement_id for one in parts} | {one.placement_id for one in gone}
        ),
        other_checks=_role_checks(revision, touches),
    )
    return _record(change, revision, found, touches, evidence, at)


@transaction.atomic
def _record(
    change: ChangeRequest,
    revision: Revision,
    found: Draft,
    touches: Touches,
    evidence: Evidence,
    at: datetime,
) -> ChangeRequest:
    plan = Plan.objects.filter(revision=revision, hash=found.hash).first()
    if plan is None:
        plan = _write(change, revision, found, touches, evidence, at)
    settled = found.is_approvable and policies.valid_approvals(plan) >= plan.quorum
    moved = move(
        change,
        ChangeRequest.State.APPROVED if settled else ChangeRequest.State.IN_REVIEW,
        verb="planned",
        at=at,
        plan=plan,
        stale=False,
        planned_at=at,
        plan_valid_until=at + VALID_FOR,
        approved_at=at if settled else None,
        problem_code="",
        problem_params={},
    )
    if settled:
        outbox.post("delivery.start", change.pk)
    failpoint("plan.before_commit")
    return moved


def _write(
    change: ChangeRequest,
    revision: Revision,
    found: Draft,
    touches: Touches,
    evidence: Evidence,
    at: datetime,
) -> Plan:
    teams = {team.name: team for team in Team.objects.filter(name__in={t for t, _ in touches})}
    clusters = {
        row.name: row for row in Cluster.objects.present().filter(name__in=_names(evidence))
    }
    plan = Plan.objects.create(
        change=change,
        revision=revision,
        number=change.plans.count() + 1,
        hash=found.hash,
        contents=found.contents,
        author=revision.author,
        policy_version=policies.VERSION,
        quorum=policies.QUORUM,
        one_pair_of_eyes=policies.one_pair_of_eyes({environment for _, environment in touches}),
        created_at=at,
    )
    PlanTouch.objects.bulk_create(
        PlanTouch(plan=plan, team=teams[team], environment=environment)
        for team, environment in sorted(touches)
    )
    PlanStep.objects.bulk_create(
        step_row(plan, place, step, clusters[step.origin.cluster], teams[step.origin.team])
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
            cluster=clusters.get(check.cluster),
            team=teams.get(check.team),
        )
        for place, check in enumerate(found.checks)
    )
    return plan


def step_row(plan: Plan, place: int, step: Step, cluster: Cluster, team: Team) -> PlanStep:
    """A step as it is kept, unsaved."""
    return PlanStep(
        plan=plan,
        ordinal=place,
        cluster=cluster,
        team=team,
        definition_kind=step.origin.definition_kind,
        definition_id=step.origin.definition_id,
        placement_id=step.origin.placement_id,
        phase=step.phase,
        verb=step.verb,
        group=step.ref.group,
        api_version=step.ref.api_version,
        kind=step.ref.kind,
        namespace=step.ref.namespace,
        name=step.ref.name,
        body=step.body,
        body_hash=step.body_hash,
        uid=step.uid,
        base_hash=step.base_hash,
        seen_hash=step.seen_hash,
        force=step.force,
        takes=step.takes,
        diff=list(step.diff),
    )


def _names(evidence: Evidence) -> set[str]:
    return {target.cluster for target in evidence.targets}


def _inventory(proposed: Proposed, parts: list[Part]) -> tuple[list[Inventory], list[Inventory]]:
    """Objects of the affected definitions: those that are no longer asked for, and all of them.

    A picker's replaced configuration stays until delivery has marked it as superseded, which is
    when the new one has proved itself; and the newest of those stays for a rollback. What is left
    in a cluster that was removed belongs to nobody.
    """
    affected = proposed.edited | {part.definition_id for part in parts}
    rows = list(
        Inventory.objects.filter(definition_id__in=affected, deleted_at__isnull=True)
        .exclude(cluster__state=Cluster.State.REMOVED)
        .select_related("team", "cluster")
        .order_by("pk")  # of two that had one name, the newer is there
    )
    asked = {
        (part.cluster, one.ref.kind, one.ref.namespace, one.ref.name)
        for part in parts
        for one in part.objects
    }
    standing, spent = {part.placement_id for part in parts}, _spent(rows)
    gone = [
        row
        for row in rows
        if (row.cluster.name, row.kind, row.namespace, row.name) not in asked
        and not (row.placement_id in standing and row.kind == "ConfigMap" and row.pk not in spent)
    ]
    return gone, rows


def _spent(rows: list[Inventory]) -> set[int]:
    """Superseded configurations, save the newest of each placement."""
    found: set[int] = set()
    newest: dict[UUID | None, int] = {}
    for row in sorted(rows, key=lambda one: (str(one.superseded_at), one.pk)):
        if row.superseded_at is not None:
            found.add(row.pk)
            newest[row.placement_id] = row.pk
    return found - set(newest.values())


def _targets(proposed: Proposed, parts: list[Part], gone: list[Inventory]) -> list[ClusterFact]:
    names = {part.cluster for part in parts} | {row.cluster.name for row in gone}
    clusters = proposed.after.clusters
    return [clusters[name] for name in sorted(names) if name in clusters]


def _counts(gone: list[Inventory]) -> dict[UUID, dict[str, int]]:
    """By cluster and team, of the teams that lose something: the cap of deletions is theirs."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = Inventory.objects.filter(
        team__in={row.team_id for row in gone}, deleted_at__isnull=True
    ).values_list("cluster", "team__name")
    for cluster, team, count in rows.annotate(count=Count("pk")):
        found[cluster][team] = count
    return found


def _touches(
    proposed: Proposed,
    parts: list[Part],
    gone: list[Inventory],
    facts: list[ClusterFact],
    team: Team,
) -> Touches:
    """Every team and environment that it reaches. One that reaches none counts as production."""
    environments = {fact.name: fact.environment for fact in facts}
    found = {(part.team, environments[part.cluster]) for part in parts}
    found |= {(row.team.name, environments[row.cluster.name]) for row in gone}
    for entry, spec in proposed.after.pools():
        if entry.id in proposed.edited and spec.cluster in proposed.after.clusters:
            found.add((entry.team, proposed.after.clusters[spec.cluster].environment))
    return frozenset(found or {(team.name, Environment.PROD)})


def _role_checks(revision: Revision, touches: Touches) -> list[Check]:
    lacking = [
        (team, environment)
        for team, environment in sorted(touches)
        if not may(revision.author, Right.PROPOSE, Team.objects.get(name=team), environment)
    ]
    return [
        Check(
            "blast-radius",
            "red",
            messages.AUTHOR_LACKS_ROLE,
            {"author": str(revision.author), "team": team, "environment": environment},
            team=team,
        )
        for team, environment in lacking
    ]


def give_back(change: ChangeRequest, refusal: Refusal, at: datetime) -> None:
    """Return it to its people, with what is wrong."""
    with transaction.atomic():
        move(
            change,
            ChangeRequest.State.DRAFT,
            verb="could not be planned",
            at=at,
            plan=None,
            stale=False,
            approved_at=None,
            problem_code=refusal.code,
            problem_params=refusal.params,
        )
        failpoint("plan.before_given_back")
