"""What differs from what was pushed, field by field, and who changed it: from rows, when asked.

A field of ours that is somebody else's now was set by them: who changes a value takes it from us.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, QuerySet

from inference.accounts.models import Team
from inference.clusters.models import LiveObject
from inference.delivery.models import DesiredObject
from inference.delivery.sync import drifted, gone
from inference.field_sets import FieldSet, paths_of, shown, values_of
from inference.messages import Message
from inference.messages import delivery as messages
from inference.rendering.objects import Phase

Key = tuple[UUID, str, str, str, str]
"""Cluster, group, kind, namespace and name."""
MOST = 50
"""Objects that are looked at for one page."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One field: `pushed` and `live` are for people. Without a path the cluster does not say."""

    path: str = ""
    manager: str = ""
    at: datetime | None = None
    pushed: str = ""
    live: str = ""

    @property
    def message(self) -> Message:
        if not self.path:
            return messages.FIELD_LOST
        return messages.FIELD_HELD if self.pushed == self.live else messages.FIELD_CHANGED


@dataclass(frozen=True, slots=True)
class Drift:
    """One object that is not as it was pushed; `gone_at` where it was deleted.

    The replicas of the workload of a placement are those that its definition asks for.
    """

    definition_kind: str
    definition_id: UUID
    placement_id: UUID | None
    cluster: str
    kind: str
    namespace: str
    name: str
    fields: tuple[Taken, ...]
    is_workload: bool = False
    gone_at: datetime | None = None

    @property
    def object(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def managers(self) -> tuple[str, ...]:
        """Who changed it, each once."""
        return tuple(dict.fromkeys(one.manager for one in self.fields if one.manager))


def of_definitions(ids: Iterable[UUID]) -> list[Drift]:
    """Of these definitions, in the order of their objects. Two queries."""
    return _found(drifting().filter(definition_id__in=set(ids)))


def of_placements(ids: Iterable[UUID]) -> list[Drift]:
    return _found(drifting().filter(placement_id__in=set(ids)))


def of_teams(teams: QuerySet[Team], cluster: str = "", environment: str = "") -> list[Drift]:
    """Of what these teams have, where it is, or in these clusters alone. Two queries."""
    return _found(drifting(cluster, environment).filter(team__in=teams))


def counts_of(teams: QuerySet[Team], cluster: str = "", environment: str = "") -> dict[str, int]:
    """How many definitions of each kind `of_teams` would tell of, had it no end. One query."""
    rows = drifting(cluster, environment).filter(team__in=teams).values("definition_kind")
    counted = rows.order_by().annotate(count=Count("definition_id", distinct=True))
    return dict(counted.values_list("definition_kind", "count"))


def drifting(cluster: str = "", environment: str = "") -> QuerySet[DesiredObject]:
    """Objects that were pushed and are not so any more: everywhere, or in these clusters alone."""
    rows = DesiredObject.objects.filter(wanted=True, pushed_generation=F("generation"))
    if cluster:
        rows = rows.filter(cluster__name=cluster)
    if environment:
        rows = rows.filter(cluster__environment=environment)
    return rows.filter(drifted() | gone())


def compare(body: str, pushed: FieldSet, others: Iterable[Mapping[str, Any]]) -> Iterator[Taken]:
    """Fields of the pushed bytes that others own alone. Pure."""
    mine = set(paths_of(pushed))
    taken = [one for one in others if not one.get("shared") and one["path"] in mine]
    values = values_of(json.loads(body), pushed) if taken else {}
    for one in taken:
        path = str(one["path"])
        yield Taken(
            path=path.removeprefix("."),
            manager=str(one.get("manager", "")),
            at=_time(str(one.get("time", ""))),
            pushed=shown(path, values[path]) if path in values else "",
            live=str(one.get("value", "")),
        )


def _found(queryset: QuerySet[DesiredObject]) -> list[Drift]:
    rows = list(queryset.select_related("cluster").order_by("namespace", "kind", "name")[:MOST])
    seen = _seen(rows)
    return [_drift(row, seen[_key(row)]) for row in rows if _key(row) in seen]


def _drift(row: DesiredObject, live: LiveObject) -> Drift:
    fields: tuple[Taken, ...] = ()
    if live.gone_at is None:
        fields = tuple(compare(row.body, row.field_set, live.other_managers)) or (Taken(),)
    return Drift(
        definition_kind=row.definition_kind,
        definition_id=row.definition_id,
        placement_id=row.placement_id,
        cluster=row.cluster.name,
        kind=row.kind,
        namespace=row.namespace,
        name=row.name,
        fields=fields,
        is_workload=row.kind == "Deployment" and row.phase == Phase.COMPUTE,
        gone_at=live.gone_at,
    )


def _seen(rows: Sequence[DesiredObject]) -> dict[Key, LiveObject]:
    if not rows:
        return {}
    found = LiveObject.objects.filter(
        cluster__in={row.cluster_id for row in rows},
        kind__in={row.kind for row in rows},
        namespace__in={row.namespace for row in rows},
        name__in={row.name for row in rows},
    )
    return {_key(one): one for one in found}


def _key(row: DesiredObject | LiveObject) -> Key:
    return (row.cluster_id, row.group, row.kind, row.namespace, row.name)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
