"""How old what we know is. Absent evidence is unknown, and stale evidence says since when."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from inference.clusters.models import WatchState

STALE_AFTER = timedelta(seconds=30)
"""A dead observer or a broken stream; one that is open but silent is told by the watch itself."""

Scope = tuple[UUID, str]
"""A cluster and a namespace."""


def last_heard(scopes: Iterable[Scope]) -> dict[Scope, datetime | None]:
    """When each scope was last known to be complete: its oldest watch decides. One query.

    None where no observer has read every list yet.
    """
    wanted = set(scopes)
    found: dict[Scope, datetime | None] = dict.fromkeys(wanted)
    states = WatchState.objects.filter(cluster__in={cluster for cluster, _ in wanted})
    heard: dict[Scope, list[datetime | None]] = {}
    for state in states:
        if state.problem_code == "manifest-kind-not-served":
            continue
        complete = state.heard_at if state.synced_at else None
        heard.setdefault((state.cluster_id, state.namespace), []).append(complete)
    for scope in wanted:
        times = heard.get(scope, [])
        known = [time for time in times if time is not None]
        if times and len(known) == len(times):
            found[scope] = min(known)
    return found


def is_fresh(heard_at: datetime | None, now: datetime) -> bool:
    return heard_at is not None and now - heard_at <= STALE_AFTER
