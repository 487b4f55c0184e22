"""What a push leads to: replicas that come up, and the first token through each route to them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, Q, QuerySet

from inference.changes.models import ChangeRequest, PlanStep
from inference.changes.visibility import Reach, within
from inference.clusters.models import LiveObject
from inference.definitions.models import Placement, Route
from inference.delivery import standing
from inference.delivery.models import DesiredObject, Push
from inference.health.assessment import Serving
from inference.health.tasks import SIGNAL
from inference.messages import sentence
from inference.observation.assessment import Readiness
from inference.observation.models import Reading
from inference.web import badges
from inference.web.badges import Badge
from inference.web.counts import reached

SOON = timedelta(hours=1)
"""A token that comes later than this after a push tells nothing about the push."""


@dataclass(frozen=True)
class Rollout:
    """A placement of the plan. `ready` is None where nobody has seen its Deployment."""

    placement: Placement
    ready: int | None
    wanted: int | None
    badge: Badge
    overtaken: int | None
    """The change that has written it since; what is seen now is that one's."""


@dataclass(frozen=True)
class Token:
    """A route to what was pushed, and the first answer through it since."""

    route: Route
    reading: Reading | None
    badge: Badge

    @property
    def has_come(self) -> bool:
        return self.reading is not None and self.reading.value is not None


@dataclass(frozen=True)
class Arrival:
    rollouts: Sequence[Rollout]
    tokens: Sequence[Token]

    @property
    def replicas(self) -> str:
        """As a stop says it, summed over all placements."""
        known = [one for one in self.rollouts if one.ready is not None and one.wanted is not None]
        if not known:
            return ""
        ready, wanted = (sum(getattr(one, name) for one in known) for name in ("ready", "wanted"))
        return reached(ready, wanted, "replica")

    @property
    def first(self) -> Reading | None:
        """When every route has answered: the last of their first tokens."""
        if not self.tokens or not all(one.has_come for one in self.tokens):
            return None
        readings = [one.reading for one in self.tokens if one.reading is not None]
        return max(readings, key=lambda one: one.at)


def arrival_of(change: ChangeRequest, whose: Reach = None) -> Arrival:
    """Nothing before the push has started; then fourteen queries, however many clusters it has.

    Models and routes of teams beyond `whose` are left out.
    """
    if change.plan_id is None or change.started_at is None:
        return Arrival((), ())
    pushes = list(Push.objects.filter(plan=change.plan_id))
    placed = [
        (row, found)
        for row, found in standing.everywhere(pushes)
        if whose is None or row.served_model.team_id in whose
    ]
    seen = _deployments([row for row, _ in placed])
    overtaken = _overtaken(change, [row.pk for row, _ in placed])
    rollouts = [_rollout(row, found, seen.get(row.pk), overtaken) for row, found in placed]
    routes = list(within(_routes(change, [row.pk for row, _ in placed]), whose))
    return Arrival(rollouts, _tokens(routes, pushes))


def seen_by(change: ChangeRequest) -> set[str]:
    """The notices of what `arrival_of` shows."""
    found = arrival_of(change)
    placements = [one.placement for one in found.rollouts]
    observed = {f"observed:{row.cluster_id}/{row.namespace}/{row}" for row in placements}
    return observed | {f"reading:{one.route.pk}" for one in found.tokens}


def _rollout(
    row: Placement, found: Readiness, seen: dict[str, Any] | None, overtaken: dict[UUID, int]
) -> Rollout:
    summary = seen if found.is_known else None
    return Rollout(
        placement=row,
        ready=summary.get("readyReplicas", 0) if summary is not None else None,
        wanted=row.replicas if row.replicas is not None else (summary or {}).get("wanted"),
        badge=badges.serving(badges.word_of(found, row.replicas), found.sentence),
        overtaken=overtaken.get(row.pk),
    )


def _deployments(rows: Sequence[Placement]) -> dict[UUID, dict[str, Any]]:
    """What was last seen of the Deployment of each."""
    named = {(row.cluster_id, row.namespace, row.object_name): row.pk for row in rows}
    live = LiveObject.objects.filter(
        cluster__in={row.cluster_id for row in rows},
        kind="Deployment",
        name__in={row.object_name for row in rows},
        gone_at__isnull=True,
    )
    return {
        named[key]: row.summary
        for row in live
        if (key := (row.cluster_id, row.namespace, row.name)) in named
    }


def _overtaken(change: ChangeRequest, placements: Collection[UUID]) -> dict[UUID, int]:
    rows = DesiredObject.objects.filter(placement_id__in=placements, kind="Deployment")
    later = rows.filter(push__change__gt=change.pk).select_related("push")
    return {row.placement_id: row.push.change_id for row in later if row.placement_id}


def _routes(change: ChangeRequest, placements: Collection[UUID]) -> QuerySet[Route]:
    """Those that the plan puts, and those that lead to what it puts."""
    steps = PlanStep.objects.filter(plan=change.plan_id, definition_kind="route")
    leading = Q(members__placement__in=placements) | Q(pk__in=steps.values("definition_id"))
    rows = Route.objects.live().filter(leading).select_related("gateway__cluster", "team")
    return rows.distinct().order_by("name", "pk")


def _tokens(routes: Sequence[Route], pushes: Iterable[Push]) -> list[Token]:
    ended = {push.cluster_id: push.finished_at for push in pushes}
    since = {row.pk: ended.get(row.gateway.cluster_id) for row in routes}
    readings = _readings({pk: at for pk, at in since.items() if at is not None})
    return [_token(row, readings.get(row.pk), since[row.pk]) for row in routes]


def _token(route: Route, reading: Reading | None, since: datetime | None) -> Token:
    if since is None:
        line = "It is asked for a token when the replicas are ready."
        return Token(route, None, Badge("is-off", "none", "Not yet", line))
    if reading is None:
        line = "No probe has asked for a token since the push ended."
        return Token(route, None, Badge("is-busy", "waiting", "Waits", line))
    if reading.value is None:
        line = sentence(reading.code, reading.params)
        return Token(route, reading, badges.serving(Serving.NOT_SERVING, line))
    replica = str(reading.params.get("replica", ""))
    line = f"answered by {replica}" if replica else ""
    return Token(route, reading, Badge("is-ok", "ok", f"{reading.value:.0f} ms", line))


def _readings(since: dict[UUID, datetime]) -> dict[UUID, Reading]:
    """The first token of each route since then, else the newest answer without one."""
    if not since:
        return {}
    window = Q(pk__in=())
    for route, at in since.items():
        window |= Q(subject_id=route, at__gte=at, at__lt=at + SOON)
    rows = Reading.objects.filter(window, signal=SIGNAL).values("subject_id")
    times = rows.annotate(first=Min("at", filter=Q(value__isnull=False)), newest=Max("at"))
    wanted = {row["subject_id"]: row["first"] or row["newest"] for row in times}
    found = Reading.objects.filter(
        subject_id__in=wanted, signal=SIGNAL, at__in=set(wanted.values())
    )
    return {row.subject_id: row for row in found if row.at == wanted[row.subject_id]}
