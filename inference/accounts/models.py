"""Who: people and robots, teams, roles per environment, and the tokens that stand for them."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

NAME = RegexValidator(
    r"\A[a-z]([-a-z0-9]{0,38}[a-z0-9])?\Z",
    "A name begins with a letter and has at most 40 small letters, digits and dashes.",
)


class Environment(models.TextChoices):
    """How much a mistake costs. Roles are held per environment."""

    PROD = "prod"
    STAGE = "stage"
    DEV = "dev"


class User(AbstractUser):
    """A person or a robot. Never deleted: history names them; they are deactivated."""

    class Kind(models.TextChoices):
        PERSON = "person"
        ROBOT = "robot"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.PERSON)
    name = models.CharField(max_length=200, blank=True)
    first_name = None  # type: ignore[assignment]  # one name, as its bearer writes it
    last_name = None  # type: ignore[assignment]
    is_platform = models.BooleanField(
        default=False,
        help_text="Connects clusters, replaces credentials, holds and removes clusters, grants.",
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_kind_is_known",
                condition=Q(kind__in=["person", "robot"]),
                violation_error_message="A user is a person or a robot.",
            ),
            models.CheckConstraint(
                name="robot_has_no_site_role",
                condition=Q(kind="person")
                | Q(is_platform=False, is_superuser=False, is_staff=False),
                violation_error_message="A robot holds no role of the site.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def is_robot(self) -> bool:
        return self.kind == self.Kind.ROBOT


class Team(models.Model):
    """Owns definitions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=40, unique=True, validators=[NAME])
    title = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title or self.name


class Membership(models.Model):
    """A user's role in a team, in one environment."""

    class Role(models.TextChoices):
        VIEWER = "viewer"
        EDITOR = "editor"
        APPROVER = "approver"
        ADMIN = "admin"

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    environment = models.CharField(max_length=5, choices=Environment)
    role = models.CharField(max_length=8, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="membership_is_one_role_per_environment",
                fields=["team", "user", "environment"],
                violation_error_message="This user has a role in this team and environment.",
            ),
            models.CheckConstraint(
                name="membership_role_is_known",
                condition=Q(role__in=["viewer", "editor", "approver", "admin"]),
                violation_error_message="A role is viewer, editor, approver or admin.",
            ),
            models.CheckConstraint(
                name="membership_environment_is_known",
                condition=Q(environment__in=["prod", "stage", "dev"]),
                violation_error_message="An environment is prod, stage or dev.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.team} in {self.environment}"


class EnvironmentRule(models.Model):
    """What holds in an environment. Without a row, four eyes."""

    environment = models.CharField(max_length=5, choices=Environment, primary_key=True)
    one_pair_of_eyes = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="only_dev_may_have_one_pair_of_eyes",
                condition=Q(one_pair_of_eyes=False) | Q(environment="dev"),
                violation_error_message="Stage and prod need two pairs of eyes.",
            ),
        ]

    def __str__(self) -> str:
        return self.environment


class Token(models.Model):
    """A secret that stands for its owner in REST. Only its hash is kept."""

    LIFETIME_DAYS: ClassVar[int] = 90

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    owner_kind = models.CharField(max_length=6, choices=User.Kind)
    # The person who was shown its text.
    issued_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    last_four = models.CharField(max_length=4)
    may_propose = models.BooleanField(default=False)
    may_approve = models.BooleanField(default=False)
    may_administer = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="token_of_a_robot_never_approves",
                condition=Q(may_approve=False) | Q(owner_kind="person"),
                violation_error_message="Approving is for people: a robot's token cannot do it.",
            ),
            models.CheckConstraint(
                name="token_of_a_robot_never_administers",
                condition=Q(may_administer=False) | Q(owner_kind="person"),
                violation_error_message="A robot's token cannot administer clusters or grants.",
            ),
            models.CheckConstraint(
                name="token_expires_after_it_was_made",
                condition=Q(expires_at__gt=F("created_at")),
                violation_error_message="A token expires after it was made.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…{self.last_four}"


class SignInBrake(models.Model):
    """Failures to sign in, of one account or one network. `key` is `account:…` or `network:…`."""

    class Subject(models.TextChoices):
        ACCOUNT = "account"
        NETWORK = "network"

    key = models.CharField(max_length=200, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(name="sign_in_brake_by_time", fields=["failed_at"])]

    def __str__(self) -> str:
        return self.key
