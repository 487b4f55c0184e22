"""What a plan does in each cluster, and what has become of it there, object by object."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count

from inference.changes.models import ChangeRequest, PlanCheck, PlanStep
from inference.changes.visibility import Reach, within
from inference.clusters.models import Cluster
from inference.delivery.models import Push, PushOutcome
from inference.messages import sentence

FIRST_OBJECTS = 200
Outcome = PushOutcome.Outcome

OUTCOMES = {
    Outcome.PENDING: ("is-off", "none", "not yet"),
    Outcome.CREATED: ("is-ok", "ok", "created"),
    Outcome.UPDATED: ("is-ok", "ok", "changed"),
    Outcome.UNCHANGED: ("is-ok", "ok", "as it was"),
    Outcome.DELETED: ("is-ok", "ok", "deleted"),
    Outcome.EXISTED: ("is-bad", "bad", "not ours"),
    Outcome.CONTENDED: ("is-bad", "drift", "contended"),
    Outcome.REJECTED: ("is-bad", "bad", "refused"),
    Outcome.UNAVAILABLE: ("is-warn", "waiting", "not reached"),
}
PUSHES = {
    Push.State.APPLYING: ("is-busy", "progress", "Pushing"),
    Push.State.VERIFYING: ("is-busy", "progress", "Verifying"),
    Push.State.SUCCEEDED: ("is-ok", "ok", "Done"),
    Push.State.PARTIAL: ("is-warn", "warn", "Partly done"),
    Push.State.FAILED: ("is-bad", "bad", "Failed"),
}
VERBS = {"create": ("is-ok", "plus", "new"), "update": ("is-busy", "edit", "changed"),
         "delete": ("is-warn", "minus", "deleted")}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One object of the plan."""

    ordinal: int
    verb: tuple[str, str, str]
    kind: str
    namespace: str
    name: str
    fields: int
    force: bool
    outcome: tuple[str, str, str] | None
    reason: str


@dataclass
class ClusterPart:
    """One row of the table, and the objects behind it."""

    name: str
    environment: str
    verbs: dict[str, int] = field(default_factory=dict)
    push: Push | None = None
    badge: tuple[str, str, str] | None = None
    outcomes: dict[str, int] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    @property
    def objects(self) -> int:
        return sum(self.verbs.values())

    @property
    def unnamed(self) -> int:
        """Objects of other teams, or beyond the first that are shown."""
        return self.objects - len(self.items)

    @property
    def is_stuck(self) -> bool:
        """Whether somebody wants to look inside."""
        return any(self.outcomes.get(one) for one in (*PushOutcome.STUCK, Outcome.UNAVAILABLE))

    @property
    def done(self) -> int:
        return sum(count for name, count in self.outcomes.items() if name in PushOutcome.DONE)

    @property
    def counts(self) -> str:
        named = {"create": "new", "update": "changed", "delete": "deleted"}
        found = [
            f"{self.verbs[verb]} {word}" for verb, word in named.items() if self.verbs.get(verb)
        ]
        return ", ".join(found) or "no object"


def parts_of(change: ChangeRequest, whose: Reach = None) -> list[ClusterPart]:
    """By cluster, in the order of names. Five queries, however many objects there are.

    All are counted; those of teams beyond `whose` are not named.
    """
    if change.plan_id is None:
        return []
    steps = PlanStep.objects.filter(plan=change.plan_id)
    parts: dict[UUID, ClusterPart] = {}
    rows = steps.values("cluster", "cluster__name", "cluster__environment", "verb")
    for row in rows.annotate(count=Count("pk")).order_by("cluster__name", "verb"):
        part = parts.setdefault(
            row["cluster"], ClusterPart(row["cluster__name"], row["cluster__environment"])
        )
        part.verbs[row["verb"]] = row["count"]
    _add_targets(change, parts)
    _add_pushes(change, parts)
    _add_items(within(steps, whose), parts)
    return sorted(parts.values(), key=lambda one: one.name)


def _add_targets(change: ChangeRequest, parts: dict[UUID, ClusterPart]) -> None:
    """Clusters that were asked and where nothing changes, or that could not be asked."""
    checks = PlanCheck.objects.filter(plan=change.plan_id, cluster__isnull=False)
    checked = Cluster.objects.filter(pk__in=checks.values_list("cluster", flat=True))
    for cluster in checked:
        parts.setdefault(cluster.pk, ClusterPart(cluster.name, cluster.environment))


def _add_pushes(change: ChangeRequest, parts: dict[UUID, ClusterPart]) -> None:
    pushes = {row.pk: row for row in Push.objects.filter(plan=change.plan_id)}
    for push in pushes.values():
        part = parts[push.cluster_id]
        part.push, part.badge = push, PUSHES[Push.State(push.state)]
    counted = PushOutcome.objects.filter(push__in=pushes).values("push", "outcome")
    for row in counted.annotate(count=Count("pk")):
        parts[pushes[row["push"]].cluster_id].outcomes[row["outcome"]] = row["count"]


def _add_items(steps: Any, parts: dict[UUID, ClusterPart]) -> None:
    columns = ("cluster", "ordinal", "verb", "kind", "namespace", "name", "diff", "force")
    fates = ("outcome__outcome", "outcome__code", "outcome__params")
    found: dict[UUID, list[Item]] = defaultdict(list)
    for row in steps.order_by("ordinal").values(*columns, *fates)[:FIRST_OBJECTS]:
        found[row["cluster"]].append(_item(row))
    for cluster, items in found.items():
        parts[cluster].items = items


def _item(row: dict[str, Any]) -> Item:
    code = row["outcome__code"]
    outcome = row["outcome__outcome"]
    return Item(
        ordinal=row["ordinal"],
        verb=VERBS[row["verb"]],
        kind=row["kind"],
        namespace=row["namespace"],
        name=row["name"],
        fields=len(row["diff"]),
        force=row["force"],
        outcome=OUTCOMES[Outcome(outcome)] if outcome else None,
        reason=sentence(code, row["outcome__params"]) if code else "",
    )


def total(parts: Sequence[ClusterPart]) -> int:
    return sum(one.objects for one in parts)
