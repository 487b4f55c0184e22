"""Which objects in a cluster are ours. Written by delivery, read from planning on."""

from django.db import models

from inference.accounts.models import Team
from inference.clusters.models.clusters import Cluster


class Inventory(models.Model):
    """An object that Waybill made or adopted. Prune and drift key on its UID."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="inventory")
    group = models.CharField(max_length=100, blank=True)
    api_version = models.CharField(max_length=120)
    kind = models.CharField(max_length=63)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253)
    uid = models.CharField(max_length=64)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    definition_id = models.UUIDField()
    placement_id = models.UUIDField(null=True)
    adopted = models.BooleanField(default=False)
    entered_at = models.DateTimeField()
    # Replaced by a newer object of the same part (a picker's configuration): kept for rollback.
    superseded_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "inventory"
        constraints = [
            models.UniqueConstraint(
                name="inventory_has_an_object_once",
                fields=["cluster", "uid"],
                violation_error_message="This object is in the inventory already.",
            ),
        ]
        indexes = [
            models.Index(
                name="inventory_by_object", fields=["cluster", "kind", "namespace", "name"]
            ),
            models.Index(name="inventory_by_definition", fields=["definition_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name} ({self.uid})"
