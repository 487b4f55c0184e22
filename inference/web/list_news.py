"""What has come to an open list or gone from it: said at its foot, and no row moves for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.template.loader import render_to_string

from inference.accounts.models import Team, User
from inference.accounts.policies import teams_of
from inference.delivery import drift
from inference.live import Feed, topic
from inference.web import counts
from inference.web.frame import Scope
from inference.web.streams import audience_of

NEWS = "list-news"
DRIFTED = {"sync": "drift"}
"""In the address of a list: those alone that other hands have changed."""
EVERY = 2.0
"""Seconds: whatever happens to any definition of the kind is heard."""
Narrow = Callable[[QuerySet[Any], Scope], QuerySet[Any]]


@dataclass(frozen=True)
class Listing:
    """A list of definitions: its notices are `kind`, and `word` is what people call its rows."""

    kind: str
    word: str
    table: Any
    in_scope: Narrow


_listings: dict[str, Listing] = {}


def enter(listing: Listing) -> Listing:
    """Every list that stays open is known here by its kind."""
    _listings[listing.kind] = listing
    return listing


def narrowed(listing: Listing, queryset: QuerySet[Any], given: Mapping[str, str]) -> QuerySet[Any]:
    """By what was typed, by what differs, and by the scope of the address."""
    wanted = given.get("q", "")
    if wanted:
        queryset = queryset.filter(Q(name__icontains=wanted) | Q(title__icontains=wanted))
    if given.get("team"):
        queryset = queryset.filter(team__name=given["team"])
    scope = scope_in(given)
    if DRIFTED.items() <= given.items():
        changed = drift.drifting(scope.cluster, scope.environment)
        queryset = queryset.filter(pk__in=changed.values("definition_id"))
    return listing.in_scope(queryset, scope)


def scope_in(given: Mapping[str, str]) -> Scope:
    return Scope(*(given.get(name, "")[:40] for name in ("team", "environment", "cluster")))


def topic_of(listing: Listing, user: User, given: Mapping[str, str]) -> str:
    """Until something comes or goes, all who look at the same list share it. One query.

    Ask before the rows are read: what comes in between is then said rather than missed.
    """
    rows = narrowed(listing, listing.table.objects.visible_to(teams_of(user)), given)
    newest = rows.aggregate(made=Max("created_at"), gone=Max("deleted_at"))
    seen = max((one for one in newest.values() if one), default=None)
    known = {key: value for key, value in given.items() if value}
    return f"{NEWS}:{urlencode({**known, 'kind': listing.kind, 'seen': _text(seen)})}"


@topic(NEWS)
def list_news(user: User, key: str) -> Feed | None:
    """Raises ValueError for a time that no list has written."""
    given = dict(parse_qsl(key))
    listing = _listings.get(given.pop("kind", ""))
    if listing is None:
        return None
    seen = datetime.fromisoformat(given.pop("seen")) if "seen" in given else None
    teams = frozenset(teams_of(user).values_list("pk", flat=True))
    show = partial(_parts, listing, teams, given, seen)
    return Feed({listing.kind}, show, audience_of(teams), every=EVERY)


def _parts(
    listing: Listing, teams: frozenset[UUID], given: Mapping[str, str], seen: datetime | None
) -> dict[str, str]:
    seen_by = listing.table.objects.visible_to(Team.objects.filter(pk__in=teams))
    rows = narrowed(listing, seen_by, given)
    made, gone = Q(deleted_at__isnull=True), Q(deleted_at__isnull=False)
    if seen:
        made &= Q(created_at__gt=seen)
        gone &= Q(created_at__lte=seen, deleted_at__gt=seen)
    added, deleted = rows.filter(made).count(), rows.filter(gone).count() if seen else 0
    text = counts.news(added, deleted, listing.word)
    return {"news": render_to_string("definitions/news.html", {"news": text})}


def _text(seen: datetime | None) -> str:
    return seen.isoformat() if seen else ""
