"""How old what we know is. Absent evidence is unknown, and stale evidence says since when.

All times are the database's: observers write them, and readers compare them, by its one clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from inference.clusters.client.errors import MESSAGES, Rejected
from inference.clusters.models import WatchState
from inference.messages import find
from inference.messages import observation as messages
from inference.observation.ladder import Blind, Readiness, Rung, stopped

STALE_AFTER = timedelta(seconds=30)
"""A dead observer, or a stream that broke."""
SILENT_AFTER = timedelta(seconds=90)
"""An open stream whose observer lives: bookmarks come about once a minute."""

NAMESPACE = "Namespace"
MISSING = MESSAGES[Rejected.NAMESPACE_MISSING]

Scope = tuple[UUID, str]
"""A cluster and a namespace; empty for what lives in none."""


@dataclass(frozen=True, slots=True)
class Watched:
    """How one watch stood when it was looked up. `held_until`: while its observer has the lease."""

    synced_at: datetime | None
    heard_at: datetime | None
    problem_code: str = ""
    problem_params: dict[str, object] | None = None
    held_until: datetime | None = None


def is_fresh(watched: Watched, now: datetime) -> bool:
    """Whether what was seen by this watch may be taken for what is."""
    if watched.synced_at is None or watched.heard_at is None:
        return False
    age = now - watched.heard_at
    is_troubled = watched.problem_code not in {"", messages.WATCH_MALFORMED.code}
    if watched.held_until is None or is_troubled:
        return age <= STALE_AFTER
    # A lease is renewed long before its last tenth; so a page can still be told within the 30 s.
    return watched.held_until > now + settings.LEASE / 10 and age <= SILENT_AFTER


def blind(watched: Watched, now: datetime) -> Blind | None:
    """Why this watch cannot be relied on, or None where it can."""
    if is_fresh(watched, now):
        return None
    if watched.problem_code and watched.problem_code != messages.STARTING_TO_WATCH.code:
        return Blind(find(watched.problem_code), dict(watched.problem_params or {}))
    if watched.heard_at is None:
        return Blind(messages.NEVER_OBSERVED)
    return Blind(messages.STALE, {"since": watched.heard_at.isoformat(timespec="seconds")})


@dataclass(frozen=True, slots=True)
class View:
    """What could be seen of one scope when it was asked for: which kinds are watched, and which
    of them in vain. `heard_at`, by kind: of when is what was seen of it; absent: it never was."""

    watched: frozenset[str]
    blind: dict[str, Blind]
    stop: Readiness | None = None
    asked_at: datetime | None = None
    heard_at: Mapping[str, datetime] = field(default_factory=dict[str, datetime])

    def blind_to(self, *kinds: str) -> dict[str, Blind]:
        """Of these kinds, those that nobody watches now."""
        never = Blind(messages.NEVER_OBSERVED)
        return {
            kind: self.blind.get(kind, never)
            for kind in kinds
            if kind in self.blind or kind not in self.watched
        }


NOTHING_SEEN = View(frozenset(), {})


def views(scopes: Iterable[Scope]) -> dict[Scope, View]:
    """What can be seen of each scope. One query, however many there are."""
    wanted = set(scopes)
    found: dict[Scope, dict[str, Blind | None]] = defaultdict(dict)
    heard: dict[Scope, dict[str, datetime]] = defaultdict(dict)
    stops: dict[Scope, Readiness] = {}
    asked_at: datetime | None = None
    rows = WatchState.objects.filter(
        cluster__in={cluster for cluster, _ in wanted},
        namespace__in={namespace for _, namespace in wanted},
    ).annotate(held_until=F("cluster__observer_lease__expires_at"), asked_at=Now())
    for row in rows:
        scope, asked_at = (row.cluster_id, row.namespace), row.asked_at
        watched = Watched(
            row.synced_at, row.heard_at, row.problem_code, row.problem_params, row.held_until
        )
        if row.kind != NAMESPACE:
            found[scope][row.kind] = blind(watched, row.asked_at)
            if row.synced_at is not None and row.heard_at is not None:
                heard[scope][row.kind] = row.heard_at
        elif row.problem_code == MISSING.code and is_fresh(watched, row.asked_at):
            stops[scope] = stopped(Rung.NOTHING, MISSING, namespace=row.namespace)
    return {
        scope: View(
            frozenset(found[scope]),
            {kind: one for kind, one in found[scope].items() if one is not None},
            stops.get(scope),
            asked_at,
            heard[scope],
        )
        for scope in wanted
    }
