"""The carrying out of a plan on one cluster, object by object, and who works on which cluster."""

from django.db import models
from django.db.models import Q

from inference.changes.models import ChangeRequest, Plan, PlanStep
from inference.clusters.models import Cluster


class Push(models.Model):
    """One plan on one cluster. It ends once, and is resumed by a retry of the same plan."""

    class State(models.TextChoices):
        APPLYING = "applying"
        VERIFYING = "verifying"
        SUCCEEDED = "succeeded"
        PARTIAL = "partial"
        FAILED = "failed"

    UNFINISHED = (State.APPLYING, State.VERIFYING)
    FINISHED = (State.SUCCEEDED, State.PARTIAL, State.FAILED)

    change = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="pushes")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="pushes")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="pushes")
    state = models.CharField(max_length=9, choices=State, default=State.APPLYING)
    # The phase that is being applied or waited for: see `rendering.Phase`.
    phase = models.PositiveSmallIntegerField(default=0)
    # The first time, and each time that a person asked for it again.
    attempt = models.PositiveIntegerField(default=1)
    # Until when its placements and routes may take to become ready; set when it begins to wait.
    verify_until = models.DateTimeField(null=True)
    problem_code = models.CharField(max_length=60, blank=True)
    problem_params = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "pushes"
        constraints = [
            models.UniqueConstraint(
                name="push_is_one_per_plan_and_cluster",
                fields=["plan", "cluster"],
                violation_error_message="This plan is being pushed to this cluster already.",
            ),
            models.CheckConstraint(
                name="push_is_finished_when_it_has_a_time_of_finish",
                condition=Q(state__in=["applying", "verifying"], finished_at__isnull=True)
                | Q(state__in=["succeeded", "partial", "failed"], finished_at__isnull=False),
                violation_error_message="A push that has ended has a time of finish.",
            ),
        ]
        indexes = [models.Index(name="push_by_cluster", fields=["cluster", "state"])]

    def __str__(self) -> str:
        return f"#{self.change_id} to {self.cluster_id}"

    @property
    def is_finished(self) -> bool:
        return self.state in self.FINISHED


class PushOutcome(models.Model):
    """What became of one step. Written with the epoch of the lease under which it happened."""

    class Outcome(models.TextChoices):
        PENDING = "pending"
        CREATED = "created"
        UPDATED = "updated"
        UNCHANGED = "unchanged"
        EXISTED = "existed"
        DELETED = "deleted"
        CONTENDED = "contended"
        REJECTED = "rejected"
        UNAVAILABLE = "unavailable"

    DONE = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.DELETED)
    STUCK = (Outcome.EXISTED, Outcome.CONTENDED, Outcome.REJECTED)

    push = models.ForeignKey(Push, models.PROTECT, related_name="outcomes")
    step = models.OneToOneField(PlanStep, models.PROTECT, related_name="outcome")
    outcome = models.CharField(max_length=11, choices=Outcome, default=Outcome.PENDING)
    code = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict, blank=True)
    uid = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    epoch = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="push_outcome_is_known",
                condition=Q(
                    outcome__in=[
                        "pending",
                        "created",
                        "updated",
                        "unchanged",
                        "existed",
                        "deleted",
                        "contended",
                        "rejected",
                        "unavailable",
                    ]
                ),
                violation_error_message="This is no outcome of a step.",
            ),
            models.CheckConstraint(
                name="push_outcome_that_is_no_success_says_why",
                condition=Q(outcome__in=["pending", "created", "updated", "unchanged", "deleted"])
                | ~Q(code=""),
                violation_error_message="A step that did not succeed says why.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.outcome}"


class Convergence(models.Model):
    """Who works on a cluster, and whether it is worth asking: lease, breaker and backoff."""

    cluster = models.OneToOneField(
        Cluster, models.CASCADE, primary_key=True, related_name="convergence"
    )
    holder = models.CharField(max_length=80, blank=True)
    epoch = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    # Transport failures in a row; at five the breaker opens.
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.cluster_id} by {self.holder or 'nobody'}"
