"""The truth that delivery converges to, and what became of it."""

from django.db import models
from django.db.models import F, Q

from inference.accounts.models import Team
from inference.changes.models import Plan, PlanStep
from inference.clusters.models import Cluster


class DesiredObject(models.Model):
    """One object as it was last approved: the bytes, and how far the cluster has followed."""

    # Every push writes every row twice, and each write pays for each index: only those that are
    # asked for. Clusters are found by the constraint below.
    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="desired_objects", db_index=False
    )
    group = models.CharField(max_length=100, blank=True)
    api_version = models.CharField(max_length=120)
    kind = models.CharField(max_length=63)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    definition_kind = models.CharField(max_length=20)
    definition_id = models.UUIDField()
    placement_id = models.UUIDField(null=True)
    phase = models.PositiveSmallIntegerField()
    # False: it is to be deleted, and the row stays as the record of that.
    wanted = models.BooleanField(default=True)
    body = models.TextField(blank=True)
    hash = models.CharField(max_length=64, blank=True)
    # Whether any field is taken by force, and which: [{"path", "manager"}].
    force = models.BooleanField(default=False)
    takes = models.JSONField(default=list, blank=True)
    # UID that the plan saw; sent with an update or a deletion, empty for a creation.
    uid = models.CharField(max_length=64, blank=True)
    # As its push has it, whose constraint holds for it.
    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    step = models.ForeignKey(PlanStep, models.PROTECT, related_name="+", db_index=False)
    push = models.ForeignKey("inference.Push", models.PROTECT, related_name="desired_objects")
    generation = models.PositiveBigIntegerField(default=1)
    pushed_generation = models.PositiveBigIntegerField(default=0)
    # Written before a creation is sent: a 200 after that may be our own first answer, unread.
    creation_sent_at = models.DateTimeField(null=True)
    # From the answer to the last push: which object it was, and its metadata.generation.
    live_uid = models.CharField(max_length=64, blank=True)
    live_generation = models.PositiveBigIntegerField(default=0)
    # fieldsV1 of our manager in the answer to the last push, and the hash of their values in it.
    field_set = models.JSONField(default=dict, blank=True)
    values_hash = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    problem_code = models.CharField(max_length=60, blank=True)
    problem_params = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="desired_object_is_one_row_per_object",
                fields=["cluster", "group", "kind", "namespace", "name"],
                violation_error_message="This object is desired already.",
            ),
            models.CheckConstraint(
                name="pushed_generation_never_overtakes",
                condition=Q(pushed_generation__lte=F("generation")),
                violation_error_message="What was pushed cannot be newer than what is desired.",
            ),
            models.CheckConstraint(
                name="desired_object_has_bytes_while_it_is_wanted",
                condition=Q(wanted=False, body="") | (Q(wanted=True) & ~Q(body="")),
                violation_error_message="A wanted object has bytes; one to be deleted has none.",
            ),
        ]
        indexes = [
            models.Index(name="desired_by_definition", fields=["definition_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"
