"""Does everything answer? If not, what; what waits for the reader; what is under way."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.changes.models import ChangeRequest
from inference.changes.visibility import needs, visible
from inference.clusters.visibility import clusters
from inference.definitions.models import HardwarePool, Route
from inference.web.change_answers import WORDS
from inference.web.clusters import badge_of
from inference.web.frame import Scope, scope_of, show
from inference.web.hardware_pools import rows_of as pool_rows
from inference.web.htmx import ConsoleRequest, signed_in
from inference.web.route_standing import rows_of as route_rows

State = ChangeRequest.State
ACTIVE = "home"
MOST = 8
ROUTES = 200
RUNNING = (State.APPROVED, State.APPLYING, State.VERIFYING)
DONE = (State.SUCCEEDED, State.PARTIAL, State.FAILED, State.REJECTED)


@require_safe
@signed_in
def overview(request: ConsoleRequest) -> HttpResponse:
    """As many queries for one route as for two hundred."""
    user, scope = request.user, scope_of(request)
    routes = _routes(user, scope)
    bad = [row for row in routes if row["serving"].look in {"is-bad", "is-warn"}]
    unknown = [row for row in routes if row["serving"].is_stale]
    changes = visible(user).select_related("team", "author", "plan")
    if scope.team:
        changes = changes.filter(team__name=scope.team)
    waiting = list(changes.filter(needs(user)).order_by("-pk")[:MOST])
    silent = [one for one in _clusters(user, scope) if one["badge"].look != "is-ok"]
    context = {
        "now": timezone.now(),
        "answer": _answer(routes, bad, unknown),
        "routes": [*bad, *unknown, *(r for r in routes if r not in bad and r not in unknown)],
        "bad": bad[:MOST],
        "silent": silent,
        "waiting": [_change(one) for one in waiting],
        "running": [_change(one) for one in _running(changes)],
        "recent": [_change(one) for one in changes.filter(state__in=DONE).order_by("-pk")[:6]],
        "pools": pool_rows(_pools(user, scope)),
        "total": len(routes),
        "serving": sum(row["serving"].word == "Serving" for row in routes),
    }
    return show(request, "overview/page.html", context, active=ACTIVE, part="content")


def _routes(user: User, scope: Scope) -> list[dict[str, Any]]:
    rows = Route.objects.live().visible_to(teams_of(user)).select_related("team")
    rows = rows.select_related("team", "gateway__cluster")
    if scope.team:
        rows = rows.filter(team__name=scope.team)
    if scope.cluster:
        rows = rows.filter(gateway__cluster__name=scope.cluster)
    if scope.environment:
        rows = rows.filter(gateway__cluster__environment=scope.environment)
    return route_rows(list(rows.order_by("name", "pk")[:ROUTES]))


def _pools(user: User, scope: Scope) -> list[HardwarePool]:
    rows = HardwarePool.objects.live().visible_to(teams_of(user)).select_related("team", "cluster")
    if scope.cluster:
        rows = rows.filter(cluster__name=scope.cluster)
    return list(rows.order_by("cluster__name", "name")[:20])


def _clusters(user: User, scope: Scope) -> list[dict[str, Any]]:
    rows = clusters(user).order_by("name")
    if scope.cluster:
        rows = rows.filter(name=scope.cluster)
    return [{"cluster": one, "badge": badge_of(one)} for one in rows[:50]]


def _running(changes: Any) -> list[ChangeRequest]:
    counted = Count("pushes__outcomes", distinct=True)
    done = Count(
        "pushes__outcomes",
        distinct=True,
        filter=Q(pushes__outcomes__outcome__in=("created", "updated", "unchanged", "deleted")),
    )
    rows = changes.filter(state__in=RUNNING).annotate(objects_count=counted, done_count=done)
    return list(rows.order_by("-pk")[:MOST])


def _change(change: ChangeRequest) -> dict[str, Any]:
    return {"change": change, "word": WORDS[State(change.state)]}


def _answer(routes: Sequence[Any], bad: Sequence[Any], unknown: Sequence[Any]) -> str:
    """One sentence, from the same verdicts as the page below it."""
    total = len(routes)
    if not total:
        return "No route is defined yet"
    well = total - len(bad) - len(unknown)
    if well == total:
        return f"All {total} routes answer" if total > 1 else "The one route answers"
    parts = []
    if bad:
        parts.append(f"{len(bad)} {'needs' if len(bad) == 1 else 'need'} you")
    if unknown:
        parts.append(f"{len(unknown)} cannot be seen")
    return f"{well} of {total} routes answer; {', '.join(parts)}"
