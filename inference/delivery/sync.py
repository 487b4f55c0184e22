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

Row = dict[str, Any]
"""`state`, and counts: `objects`, `pending`, `drifted` (live, and not pushed by us), `gone`."""
CONTENDED = messages.FIELD_CONFLICT.code


def drifted() -> Q:
    """Desired objects whose live fields were changed by somebody else."""
    other = _live().filter(gone_at__isnull=True).exclude(values_hash=OuterRef("values_hash"))
    return Q(Exists(other.exclude(values_hash=""))) & ~Q(values_hash="")


def gone() -> Q:
    """Desired objects that were seen to be deleted."""
    return Q(Exists(_live().filter(gone_at__isnull=False)))


def of_definitions(ids: Iterable[UUID]) -> dict[UUID, Row]:
    """By definition. One query, however many there are."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    rows = (
        DesiredObject.objects.filter(definition_id__in=set(ids), wanted=True)
        .annotate(
            is_pending=Q(pushed_generation__lt=F("generation")),
            is_drifted=drifted(),
            is_gone=gone(),
        )
        .values_list("definition_id", "is_pending", "is_drifted", "is_gone", "problem_code")
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
