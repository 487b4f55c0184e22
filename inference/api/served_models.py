"""Served models, with their placements and how far each has come."""

from collections import defaultdict
from typing import Annotated
from uuid import UUID

from django_filters import rest_framework as filters

from inference.api.definitions import (
    DefinitionFilter,
    Definitions,
    DefinitionShape,
    ReadinessShape,
    readiness_of,
)
from inference.api.shapes import Made, Row, Shape
from inference.definitions.documents import SERVED_MODEL
from inference.definitions.models import Placement, ServedModel
from inference.definitions.specs import ServedModelSpec
from inference.observation import readiness
from inference.observation.readiness import Subject


class PlacementShape(Shape):
    """`replicas` is null while an autoscaler owns the number."""

    id: UUID
    pool: str
    cluster: str
    environment: str
    namespace: str
    object_name: str
    replicas: int | None
    readiness: ReadinessShape


class ServedModelShape(DefinitionShape):
    served_name: str
    placements: Annotated[list[PlacementShape], Made()]
    document: ServedModelSpec


class ServedModelFilter(DefinitionFilter):
    served_name = filters.CharFilter(max_length=100)


class ServedModels(Definitions):
    tag = "served-models"
    noun = "served model"
    kind = SERVED_MODEL
    shape = ServedModelShape
    table = ServedModel
    filters = ServedModelFilter

    def complete(self, rows: list[Row]) -> None:
        super().complete(rows)
        placements = _placements([row["id"] for row in rows])
        for row in rows:
            row["placements"] = placements.get(row["id"], [])


def _placements(models: list[UUID]) -> dict[UUID, list[Row]]:
    """By served model."""
    rows = list(
        Placement.objects.live()
        .filter(served_model__in=models)
        .select_related("pool", "cluster")
        .order_by("pool__name")
    )
    found = readiness.placements(
        Subject(row.pk, row.cluster_id, row.namespace, row.object_name) for row in rows
    )
    made: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        made[row.served_model_id].append(
            {
                "id": row.pk,
                "pool": row.pool.name,
                "cluster": row.cluster.name,
                "environment": row.cluster.environment,
                "namespace": row.namespace,
                "object_name": row.object_name,
                "replicas": row.replicas,
                "readiness": readiness_of(found[row.pk]),
            }
        )
    return made
