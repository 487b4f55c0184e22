"""An edit on its way: the mutable head, its immutable revisions and their edits."""

from django.db import models
from django.db.models import Q

from inference.accounts.models import Team, Token, User


class ChangeRequest(models.Model):
    """Edits of definitions with a reason. Everything that mutates a cluster is one of these."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PLANNING = "planning"
        IN_REVIEW = "in-review"
        CHANGES_REQUESTED = "changes-requested"
        APPROVED = "approved"
        APPLYING = "applying"
        VERIFYING = "verifying"
        SUCCEEDED = "succeeded"
        PARTIAL = "partial"
        FAILED = "failed"
        REJECTED = "rejected"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    FINAL = (State.SUCCEEDED, State.REJECTED, State.CANCELLED, State.EXPIRED)
    BEFORE_START = (
        State.DRAFT,
        State.PLANNING,
        State.IN_REVIEW,
        State.CHANGES_REQUESTED,
        State.APPROVED,
    )

    title = models.CharField(max_length=200)
    reason = models.TextField(max_length=4000)
    state = models.CharField(max_length=17, choices=State, default=State.DRAFT)
    # True when the world has moved since the plan: it is planned anew before anyone decides.
    stale = models.BooleanField(default=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="changes")
    author = models.ForeignKey(User, models.PROTECT, related_name="changes")
    revision = models.ForeignKey("inference.Revision", models.PROTECT, null=True, related_name="+")
    plan = models.ForeignKey("inference.Plan", models.PROTECT, null=True, related_name="changes")
    # When `plan` was last confirmed against the clusters, and until when that holds.
    planned_at = models.DateTimeField(null=True)
    plan_valid_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # Why the last step of the machine did not succeed; empty when it did.
    problem_code = models.CharField(max_length=60, blank=True)
    problem_params = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="change_state_is_known",
                condition=Q(
                    state__in=[
                        "draft",
                        "planning",
                        "in-review",
                        "changes-requested",
                        "approved",
                        "applying",
                        "verifying",
                        "succeeded",
                        "partial",
                        "failed",
                        "rejected",
                        "cancelled",
                        "expired",
                    ]
                ),
                violation_error_message="This is no state of a change.",
            ),
            models.CheckConstraint(
                name="change_under_review_or_beyond_has_a_plan",
                condition=Q(plan__isnull=False)
                | Q(state__in=["draft", "planning", "changes-requested", "cancelled", "expired"]),
                violation_error_message="A change is decided on by its plan.",
            ),
            models.CheckConstraint(
                name="change_times_fit_its_state",
                condition=Q(
                    state__in=["draft", "planning", "in-review", "changes-requested"],
                    approved_at__isnull=True,
                    started_at__isnull=True,
                    finished_at__isnull=True,
                )
                | Q(
                    state="approved",
                    approved_at__isnull=False,
                    started_at__isnull=True,
                    finished_at__isnull=True,
                )
                | Q(
                    state__in=["applying", "verifying"],
                    approved_at__isnull=False,
                    started_at__isnull=False,
                    finished_at__isnull=True,
                )
                | Q(
                    state__in=["succeeded", "partial", "failed"],
                    approved_at__isnull=False,
                    started_at__isnull=False,
                    finished_at__isnull=False,
                )
                | Q(
                    state__in=["rejected", "cancelled", "expired"],
                    started_at__isnull=True,
                    finished_at__isnull=False,
                ),
                violation_error_message="The times of a change do not fit its state.",
            ),
            models.CheckConstraint(
                name="change_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Say why.",
            ),
        ]
        indexes = [
            models.Index(name="change_by_state", fields=["state", "-id"]),
            models.Index(name="change_by_team", fields=["team", "-id"]),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    @property
    def is_final(self) -> bool:
        return self.state in self.FINAL


class Contributor(models.Model):
    """Somebody who had a hand in a change, or whose token had: none of them decides."""

    change = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="contributors")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    # The robot's token that they issued, where that is all they have to do with it.
    issued_token = models.ForeignKey(Token, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="contributor_is_entered_once",
                fields=["change", "user"],
                violation_error_message="This contributor is entered already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on #{self.change_id}"


class Revision(models.Model):
    """The proposed state, frozen. `hash` is over the canonical form of its edits."""

    change = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="revision_has_its_number_in_the_change",
                fields=["change", "number"],
                violation_error_message="Somebody else has edited this change.",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.change_id} r{self.number}"


class Edit(models.Model):
    """One definition's part in a revision. A definition has its UUID from its first draft."""

    class Verb(models.TextChoices):
        CREATE = "create"
        UPDATE = "update"
        DELETE = "delete"

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="edits")
    ordinal = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=6, choices=Verb)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    definition_kind = models.CharField(max_length=20)
    definition_id = models.UUIDField()
    name = models.CharField(max_length=40)
    # The generation of the definition that the author looked at; 0 for one to be created.
    base_generation = models.PositiveIntegerField(default=0)
    # The whole proposed document of the definition; empty for a deletion.
    document = models.JSONField(default=dict, blank=True)
    # Fields of its objects that others hold, and that it takes back by force: planning.takes.Take.
    takes = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="definition_is_edited_once_in_a_revision",
                fields=["revision", "definition_id"],
                violation_error_message="A change edits a definition once.",
            ),
            models.UniqueConstraint(
                name="edit_has_its_place_in_the_revision",
                fields=["revision", "ordinal"],
                violation_error_message="Two edits have one place.",
            ),
            models.CheckConstraint(
                name="edit_of_a_new_definition_has_no_base",
                condition=Q(verb="create", base_generation=0)
                | Q(verb__in=["update", "delete"], base_generation__gt=0),
                violation_error_message="An edit of a definition names the generation it is about.",
            ),
            models.CheckConstraint(
                name="edit_takes_fields_back_in_an_update_only",
                condition=Q(verb="update") | Q(takes=[]),
                violation_error_message="Only an update takes fields back by force.",
            ),
        ]

    def __str__(self) -> str:
        taken = [
            f"{one['path']} of {one['kind']} {one['name']} from {one['manager']}"
            for one in self.takes
        ]
        edited = f"{self.verb} {self.definition_kind} {self.name}"
        return f"{edited}, taking back by force {', '.join(taken)}" if taken else edited
