"""What other hands have changed, on the overview: by definition, the rest as a way to the list."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from inference.definitions.documents import ROUTE, SERVED_MODEL
from inference.definitions.models import Route, ServedModel
from inference.delivery import drift
from inference.delivery.drift import Drift
from inference.web.drifts import Hand, hands_of
from inference.web.frame import Scope
from inference.web.list_news import DRIFTED
from inference.web.lists import named
from inference.web.sight import Sight

TABLES: dict[str, type[ServedModel] | type[Route]] = {SERVED_MODEL: ServedModel, ROUTE: Route}
"""In the order in which they are told."""
WORDS = {SERVED_MODEL: "further model", ROUTE: "further route"}


def drifts_of(sight: Sight, scope: Scope) -> dict[str, Any]:
    """Five queries, or one where nothing differs."""
    teams = sight.teams.filter(name=scope.team) if scope.team else sight.teams
    found: dict[UUID, list[Drift]] = {}
    for one in drift.of_teams(teams, scope.cluster, scope.environment):
        found.setdefault(one.definition_id, []).append(one)
    if not found:
        return {"shown": [], "total": 0, "beyond": []}
    rows = [
        (kind, row, hands)
        for kind, table in TABLES.items()
        for row in table.objects.filter(pk__in=found).select_related("team").order_by("name", "pk")
        if (hands := hands_of(found[row.pk]))
    ]
    shown = named(rows)["shown"]
    counted = drift.counts_of(teams, scope.cluster, scope.environment)
    return {
        "shown": [_told(*one) for one in shown],
        "total": sum(counted.get(kind, 0) for kind in TABLES),
        "beyond": beyond(counted, Counter(kind for kind, _, _ in shown), scope),
    }


def beyond(
    counted: Mapping[str, int], shown: Mapping[str, int], scope: Scope
) -> list[dict[str, Any]]:
    """How many of each kind are not named, and the list that names them. Pure."""
    given = {key: value for key, value in vars(scope).items() if value}
    more = {kind: counted.get(kind, 0) - shown.get(kind, 0) for kind in TABLES}
    return [
        {
            "count": count,
            "word": WORDS[kind],
            "address": f"{reverse(f'web:{kind}-list')}?{urlencode({**given, **DRIFTED})}",
        }
        for kind, count in more.items()
        if count > 0
    ]


def _told(kind: str, row: ServedModel | Route, hands: Sequence[Hand]) -> dict[str, Any]:
    return {
        "definition": str(row),
        "address": reverse(f"web:{kind}-detail", args=[row.team.name, row.name]),
        "sentence": hands[0].sentence,
        "more": len(hands) - 1,
    }
