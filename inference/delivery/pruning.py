"""What may not be sent. And what may be deleted: what Waybill made, by its UID, and never more
than the cap.

A deletion is a step of an approved plan. It is never worked out from a list, which may be empty or
partial for reasons of its own.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from inference.accounts.models import Team
from inference.changes.models import PlanStep
from inference.clusters.models import Inventory
from inference.delivery.apply import Result
from inference.delivery.models import DesiredObject, Push, PushOutcome
from inference.delivery.wanting import ref_of
from inference.messages import delivery as messages
from inference.planning.checks import prune_cap

REJECTED = PushOutcome.Outcome.REJECTED


def refused(push: Push, rows: Sequence[Any]) -> list[Result]:
    """Those of `rows` that must not be sent, with the reason: where a namespace was taken back
    since the start; and what is to be deleted and must not be."""
    strange = [row for row in rows if not row.is_granted]
    return [*_not_granted(push, strange), *_kept(push, [row for row in rows if row.is_granted])]


def _not_granted(push: Push, rows: Sequence[DesiredObject]) -> Iterator[Result]:
    teams = dict(
        Team.objects.filter(pk__in={row.team_id for row in rows}).values_list("pk", "name")
        if rows
        else ()
    )
    for row in rows:
        params = {
            "team": teams[row.team_id],
            "namespace": row.namespace,
            "cluster": push.cluster.name,
        }
        yield Result(row, REJECTED, messages.GRANT_GONE, params)


def _kept(push: Push, rows: Iterable[DesiredObject]) -> list[Result]:
    deletions = [row for row in rows if not row.wanted]
    if not deletions:
        return []
    made = set(
        Inventory.objects.filter(
            cluster=push.cluster,
            uid__in=[row.uid for row in deletions],
            adopted=False,
            deleted_at__isnull=True,
        ).values_list("uid", flat=True)
    )
    beyond = list(_beyond_cap(push, deletions))
    counted = {one.row.pk for one in beyond}
    rest = [row for row in deletions if row.pk not in counted]
    return [*beyond, *_not_made_by_us(rest, made)]


def mark_superseded(push: Push, at: datetime) -> None:
    """Replaced picker configurations of placements that have proved themselves.

    They stay for a rollback; planning proposes to delete all but the newest of them.
    """
    rows = DesiredObject.objects.filter(push=push, placement_id__isnull=False, wanted=True)
    for placement in set(rows.values_list("placement_id", flat=True)):
        if placement:
            _mark(push, placement, at)


def _mark(push: Push, placement: UUID, at: datetime) -> None:
    ours = Inventory.objects.filter(
        cluster=push.cluster, placement_id=placement, kind="ConfigMap", deleted_at__isnull=True
    )
    workloads = DesiredObject.objects.filter(
        cluster=push.cluster, placement_id=placement, kind="Deployment", wanted=True
    )
    used = {name for row in workloads for name in _configurations(row.body)}
    ours.filter(name__in=used).update(superseded_at=None)
    ours.exclude(name__in=used).filter(superseded_at__isnull=True).update(superseded_at=at)


def _configurations(body: str) -> Iterator[str]:
    for volume in json.loads(body)["spec"]["template"]["spec"].get("volumes", []):
        if "configMap" in volume:
            yield volume["configMap"]["name"]


def _beyond_cap(push: Push, deletions: Sequence[DesiredObject]) -> Iterator[Result]:
    """The whole push counts, with what it has deleted already: it may come in several turns."""
    steps = PlanStep.objects.filter(plan=push.plan_id, cluster=push.cluster_id, verb="delete")
    counts = Counter(steps.values_list("team_id", flat=True))
    done = Counter(
        push.outcomes.filter(outcome=PushOutcome.Outcome.DELETED).values_list(
            "step__team_id", flat=True
        )
    )
    for team, count in counts.items():
        held = Inventory.objects.filter(
            cluster=push.cluster, team=team, deleted_at__isnull=True
        ).count()
        cap = prune_cap(held + done[team])
        if count > cap:
            params = {"count": count, "cap": cap}
            yield from (
                Result(row, REJECTED, messages.BEYOND_CAP, params)
                for row in deletions
                if row.team_id == team
            )


def _not_made_by_us(deletions: Iterable[DesiredObject], made: set[str]) -> Iterator[Result]:
    for row in deletions:
        if row.uid not in made:
            params = {"object": str(ref_of(row))}
            yield Result(row, REJECTED, messages.NOT_IN_INVENTORY, params)
