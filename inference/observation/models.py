"""Signals over time, and which agent observes which cluster."""

from django.db import models

from inference.clusters.models import Cluster


class ObserverLease(models.Model):
    """One agent observes a cluster. The epoch fences off one that was presumed dead."""

    cluster = models.OneToOneField(
        Cluster, models.CASCADE, primary_key=True, related_name="observer_lease"
    )
    holder = models.CharField(max_length=80, blank=True)
    epoch = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.cluster_id} by {self.holder or 'nobody'}"


class Reading(models.Model):
    """One measured value of one subject, with its source and its time; never without either."""

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="readings")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    # The pod that it is of; empty for the subject as a whole.
    replica = models.CharField(max_length=253, blank=True, default="")
    # A name of our own, such as `first-token`; never an engine's.
    signal = models.CharField(max_length=60)
    # Empty when there is only a reason.
    value = models.FloatField(null=True)
    unit = models.CharField(max_length=20, blank=True, default="")
    code = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=40)
    # Where a query was asked: what answered, and the query whose value this is at `at`.
    name = models.CharField(max_length=200, blank=True, default="")
    query = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reading_has_a_value_or_says_why_not",
                condition=models.Q(value__isnull=False) | ~models.Q(code=""),
                violation_error_message="A reading has a value or the reason why there is none.",
            ),
        ]
        indexes = [
            models.Index(name="reading_of_a_subject", fields=["subject_id", "signal", "-at"]),
            models.Index(name="reading_by_time", fields=["at"]),
            models.Index(name="reading_of_a_source", fields=["cluster", "source", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.signal} of {self.subject_kind} {self.subject_id}"
