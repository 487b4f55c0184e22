"""What an observer last saw. Written by observation alone, read by every stage."""

from django.db import models
from django.db.models import F, Q

from inference.clusters.models.clusters import Cluster


class LiveObject(models.Model):
    """One object in a cluster, as last seen. `gone_at` is set when it was seen to be deleted."""

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="live_objects")
    group = models.CharField(max_length=100, blank=True)
    api_version = models.CharField(max_length=120)
    kind = models.CharField(max_length=63)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253)
    uid = models.CharField(max_length=64)
    resource_version = models.CharField(max_length=64)
    # metadata.generation and status.observedGeneration of Kubernetes; 0 where a kind has none.
    generation = models.PositiveBigIntegerField(default=0)
    observed_generation = models.PositiveBigIntegerField(default=0)
    # Hash of the live values of the fields that we set; empty where we set none.
    values_hash = models.CharField(max_length=64, blank=True)
    # Fields of an object of ours that others own: see `field_sets.foreign_fields`.
    other_managers = models.JSONField(default=list, blank=True)
    labels = models.JSONField(default=dict, blank=True)
    owner_uid = models.CharField(max_length=64, blank=True)
    # The part of status that assessment reads, and nothing that is secret: see `observation`.
    summary = models.JSONField(default=dict, blank=True)
    seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="live_object_is_one_row_per_object",
                fields=["cluster", "group", "kind", "namespace", "name"],
                violation_error_message="This object has a row already.",
            ),
        ]
        indexes = [
            models.Index(name="live_by_uid", fields=["cluster", "uid"]),
            models.Index(name="live_by_owner", fields=["cluster", "owner_uid"]),
            models.Index(name="live_by_namespace", fields=["cluster", "namespace", "kind"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class WatchState(models.Model):
    """How fresh LiveObjects of one kind in one namespace are."""

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="watches")
    namespace = models.CharField(max_length=63, blank=True)
    kind = models.CharField(max_length=63)
    group = models.CharField(max_length=100, blank=True)
    # When the list was last complete; empty until then, and again after a gap.
    synced_at = models.DateTimeField(null=True, blank=True)
    # The last sign of life of the stream, bookmarks included.
    heard_at = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=60, blank=True)
    problem_params = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="watch_state_is_one_per_kind_and_namespace",
                fields=["cluster", "namespace", "group", "kind"],
                violation_error_message="This watch has a row already.",
            ),
            models.CheckConstraint(
                name="watch_is_synced_only_when_it_was_heard",
                condition=Q(synced_at__isnull=True)
                | Q(heard_at__isnull=False, heard_at__gte=F("synced_at")),
                violation_error_message="A watch that is synced was heard.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.namespace or 'the cluster'}"
