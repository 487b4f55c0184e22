"""What every definition has: an id from its first draft, a name, a document, a generation."""

import uuid
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

from inference.accounts.models import NAME, Team
from inference.definitions.specs import Spec

M = TypeVar("M", bound=models.Model)


class DefinitionQuerySet(models.QuerySet[M]):
    def live(self) -> "DefinitionQuerySet[M]":
        """Not deleted: a tombstone stays for history, its name is free again."""
        return self.filter(deleted_at__isnull=True)

    def visible_to(self, teams: models.QuerySet[Team]) -> "DefinitionQuerySet[M]":
        return self.filter(team__in=teams)


class Definition(models.Model):
    """`document` is the one source: columns beside it exist for constraints, filters and joins."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="%(class)ss")
    name = models.CharField(max_length=40, validators=[NAME])
    title = models.CharField(max_length=200, blank=True)
    document = models.JSONField()
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title or self.name

    def spec(self) -> Spec:
        """The document as a frozen value. Each kind returns its own."""
        raise NotImplementedError


def rules_of(kind: str) -> list[Any]:
    """The constraints that each kind of definition has, under names of its own."""
    return [
        models.UniqueConstraint(
            name=f"{kind}_name_is_unique_in_its_team",
            fields=["team", "name"],
            condition=Q(deleted_at__isnull=True),
            violation_error_message="The team has one of this name already.",
        ),
        models.CheckConstraint(
            name=f"{kind}_name_is_a_name",
            condition=Q(name__regex=r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?\Z"),
            violation_error_message=str(NAME.message),
        ),
        models.CheckConstraint(
            name=f"{kind}_generation_counts_from_one",
            condition=Q(generation__gte=1),
            violation_error_message="A definition has been written once at least.",
        ),
    ]
