"""Language models in service, and where they are placed."""

import uuid

from django.db import models
from django.db.models import Q

from inference.clusters.models import Cluster
from inference.definitions.models.definitions import Definition, DefinitionQuerySet, rules_of
from inference.definitions.models.hardware_pools import HardwarePool
from inference.definitions.specs import ServedModelSpec


class ServedModel(Definition):
    """A language model in service. Its placements are written with it."""

    served_name = models.CharField(max_length=100)

    objects = DefinitionQuerySet["ServedModel"].as_manager()

    class Meta:
        constraints = rules_of("served_model")

    def spec(self) -> ServedModelSpec:
        return ServedModelSpec.model_validate(self.document)


class Placement(models.Model):
    """A served model on a pool. `object_name` is what its objects are called in the cluster."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    served_model = models.ForeignKey(ServedModel, models.PROTECT, related_name="placements")
    pool = models.ForeignKey(HardwarePool, models.PROTECT, related_name="placements")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="placements")
    namespace = models.CharField(max_length=63)
    object_name = models.CharField(max_length=40)
    # Empty while an autoscaler owns the number.
    replicas = models.PositiveIntegerField(null=True)
    ready_within = models.DurationField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = DefinitionQuerySet["Placement"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="placement_names_its_objects_alone",
                fields=["cluster", "object_name"],
                violation_error_message="Another placement's objects have this name.",
            ),
            models.UniqueConstraint(
                name="placement_is_one_per_model_and_pool",
                fields=["served_model", "pool"],
                condition=Q(deleted_at__isnull=True),
                violation_error_message="A model has one placement on a pool.",
            ),
        ]

    def __str__(self) -> str:
        return self.object_name
