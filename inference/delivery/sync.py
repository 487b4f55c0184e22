"""Is live what was pushed? One word for each definition, from desired and live rows.

The words: in-sync, drift, contended, pushing, not-pushed. Pages and REST say the same.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from inference.clusters.models import LiveObject
from inference.delivery.models import DesiredObject
from inference.messages import clusters as messages
from inference.observation import freshness
from inference.observation.ladder import Blind

Row = dict[str, Any]
"""`state`, and counts: `objects`, `pending`, `drifted` (live, and not pushed by us), `gone`."""
CONTENDED = messages.FIELD_CONFLICT.code


def drifted() -> Q:
    """Desired objects whose live fields were changed by somebody else.

    What was seen before the last push says nothing about it.
    """
    seen = _live().filter(gone_at__isnull=True, generation__gte=OuterRef("live_generation"))
    other = seen.exclude(values_hash=OuterRef("values_hash"))
    return Q(Exists(other.exclude(values_hash=""))) & ~Q(values_hash="")


def gone() -> Q:
    """Desired objects that were seen to be deleted."""
    return Q(Exists(_live().filter(gone_at__isnull=False)))


def of_definitions(ids: Iterable[UUID]) -> dict[UUID, Row]:
    """By definition. One query, however many there are."""
    return _by("definition_id", ids)


def of_placements(ids: Iterable[UUID]) -> dict[UUID, Row]:
    """By placement. One query, however many there are."""
    return _by("placement_id", ids)


def unseen(ids: Iterable[UUID]) -> dict[UUID, Blind]:
    """Definitions or placements of which nobody sees what is live now, and why. Two queries."""
    wanted = set(ids)
    rows = list(
        DesiredObject.objects.filter(
            Q(definition_id__in=wanted) | Q(placement_id__in=wanted), wanted=True
        )
        .values_list("definition_id", "placement_id", "cluster_id", "namespace", "kind")
        .distinct()
    )
    seen = freshness.views((cluster, namespace) for _, _, cluster, namespace, _ in rows)
    found: dict[UUID, Blind] = {}
    for definition, placement, cluster, namespace, kind in rows:
        for reason in seen[cluster, namespace].blind_to(kind).values():
            found |= {one: reason for one in (definition, placement) if one in wanted}
    return found


def _by(column: str, ids: Iterable[UUID]) -> dict[UUID, Row]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    rows = (
        DesiredObject.objects.filter(**{f"{column}__in": set(ids)}, wanted=True)
        .annotate(
            is_pending=Q(pushed_generation__lt=F("generation")),
            is_drifted=drifted(),
            is_gone=gone(),
        )
        .values_list(column, "is_pending", "is_drifted", "is_gone", "problem_code")
    )
    for identity, *facts in rows:
        found[identity].append(facts)
    return {identity: _sum(facts) for identity, facts in found.items()}


NOTHING: Row = {"state": "not-pushed", "objects": 0, "pending": 0, "drifted": 0, "gone": 0}


def _sum(facts: list[Any]) -> Row:
    pending, drift, missing = (sum(bool(one[place]) for one in facts) for place in range(3))
    contended = any(one[3] == CONTENDED for one in facts)
    state = "in-sync"
    if contended:
        state = "contended"
    elif pending:
        state = "pushing"
    elif drift or missing:
        state = "drift"
    return {
        "state": state,
        "objects": len(facts),
        "pending": pending,
        "drifted": drift,
        "gone": missing,
    }


def _live() -> Any:
    same = ("cluster", "group", "kind", "namespace", "name")
    return LiveObject.objects.filter(**{name: OuterRef(name) for name in same})
