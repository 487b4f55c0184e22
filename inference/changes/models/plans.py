"""Evidence and judgement: what a revision would do to each cluster, and who agreed to that."""

from django.db import models
from django.db.models import F, Q

from inference.accounts.models import Environment, Team, User
from inference.changes.models.change_requests import ChangeRequest, Revision
from inference.clusters.models import Cluster


class Plan(models.Model):
    """Immutable. `hash` covers all that a decision is about; `contents` is what was hashed."""

    change = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="plans")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    contents = models.TextField()
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    policy_version = models.PositiveIntegerField()
    quorum = models.PositiveSmallIntegerField(default=1)
    # Whether everything it touches is an environment that does with one pair of eyes.
    one_pair_of_eyes = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="plan_has_its_number_in_the_change",
                fields=["change", "number"],
                violation_error_message="Somebody else has planned this change.",
            ),
            models.UniqueConstraint(
                name="plan_is_one_per_revision_and_hash",
                fields=["revision", "hash"],
                violation_error_message="This plan is known already.",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.change_id} plan {self.number}"


class PlanTouch(models.Model):
    """A team and environment that the plan touches: whoever decides needs the role in each."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="touches")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    environment = models.CharField(max_length=5, choices=Environment)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="plan_touches_an_environment_once",
                fields=["plan", "team", "environment"],
                violation_error_message="This touch is entered already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} in {self.environment}"


class PlanStep(models.Model):
    """What would be done to one object. Its `body` is pushed byte for byte."""

    class Verb(models.TextChoices):
        CREATE = "create"
        UPDATE = "update"
        DELETE = "delete"

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="steps")
    ordinal = models.PositiveIntegerField()
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    definition_kind = models.CharField(max_length=20)
    definition_id = models.UUIDField()
    placement_id = models.UUIDField(null=True)
    phase = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=6, choices=Verb)
    group = models.CharField(max_length=100, blank=True)
    api_version = models.CharField(max_length=120)
    kind = models.CharField(max_length=63)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253)
    body = models.TextField(blank=True)
    body_hash = models.CharField(max_length=64, blank=True)
    # UID of the live object that the plan saw; empty where it saw none.
    uid = models.CharField(max_length=64, blank=True)
    # Hash of the live values of the fields that we set, or give up; empty for a creation.
    base_hash = models.CharField(max_length=64, blank=True)
    # Hash of the live values of the fields that were ours then, as observers tell it; empty where
    # none were.
    seen_hash = models.CharField(max_length=64, blank=True)
    # Whether any field is taken by force, and which: [{"path", "manager"}].
    force = models.BooleanField(default=False)
    takes = models.JSONField(default=list, blank=True)
    # Redacted: [{"path", "was", "now"}].
    diff = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="plan_has_one_step_per_object",
                fields=["plan", "cluster", "group", "kind", "namespace", "name"],
                violation_error_message="A plan has one step for an object.",
            ),
            models.CheckConstraint(
                name="plan_step_knows_what_it_changes",
                condition=Q(verb="create", uid="") & ~Q(body="")
                | Q(verb="update") & ~Q(uid="") & ~Q(body="")
                | Q(verb="delete", body="") & ~Q(uid=""),
                violation_error_message="A step names the object it changes, and what it becomes.",
            ),
            models.CheckConstraint(
                name="plan_step_is_forced_for_named_fields_only",
                condition=Q(force=False, takes=[]) | Q(force=True, verb="update") & ~Q(takes=[]),
                violation_error_message="A step that uses force names the fields that it takes.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.namespace}/{self.name}"


class PlanCheck(models.Model):
    """One check's result. Grey says why nothing was checked; silence is never green."""

    class State(models.TextChoices):
        GREEN = "green"
        AMBER = "amber"
        RED = "red"
        GREY = "grey"

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="checks")
    ordinal = models.PositiveIntegerField()
    # Which of the seven verdicts it belongs to: diff, accepted, fits, update-path, blast-radius,
    # cost, freshness.
    verdict = models.CharField(max_length=20)
    state = models.CharField(max_length=5, choices=State)
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict, blank=True)
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, related_name="+")
    # Whose objects it names; empty where it names none.
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="plan_check_has_its_place",
                fields=["plan", "ordinal"],
                violation_error_message="Two checks have one place.",
            ),
            models.CheckConstraint(
                name="plan_check_state_is_known",
                condition=Q(state__in=["green", "amber", "red", "grey"]),
                violation_error_message="A check is green, amber, red or grey.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.state} {self.code}"


class Decision(models.Model):
    """One person's word on one plan. Only ever added: of one person's words the latest counts."""

    class Verdict(models.TextChoices):
        APPROVE = "approve"
        REQUEST_CHANGES = "request-changes"
        REJECT = "reject"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="decisions")
    # Copied from the plan when written, so that the database can compare.
    plan_hash = models.CharField(max_length=64)
    plan_author = models.ForeignKey(User, models.PROTECT, related_name="+")
    one_pair_of_eyes = models.BooleanField(default=False)
    stage = models.PositiveSmallIntegerField(default=1)
    actor = models.ForeignKey(User, models.PROTECT, related_name="decisions")
    token = models.ForeignKey("inference.Token", models.SET_NULL, null=True, related_name="+")
    sequence = models.PositiveIntegerField()
    verdict = models.CharField(max_length=15, choices=Verdict)
    comment = models.TextField(max_length=4000, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="decision_has_four_eyes",
                condition=~Q(actor=F("plan_author")) | Q(one_pair_of_eyes=True),
                violation_error_message="Nobody decides on a change of their own.",
            ),
            models.UniqueConstraint(
                name="decision_has_its_place_in_the_row_of_words",
                fields=["plan", "stage", "actor", "sequence"],
                violation_error_message="Your decision was recorded already.",
            ),
            models.CheckConstraint(
                name="decision_that_sends_back_says_why",
                condition=Q(verdict="approve") | ~Q(comment=""),
                violation_error_message="Say what should be different.",
            ),
            models.CheckConstraint(
                name="decision_verdict_is_known",
                condition=Q(verdict__in=["approve", "request-changes", "reject"]),
                violation_error_message="A decision approves, requests changes or rejects.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.actor_id}"
