"""Tickets for tries of a route. What is asked stands in no row: a ticket knows its hash."""

import uuid

from django.db import models
from django.db.models import F, Q

from inference.accounts.models import User
from inference.definitions.models import Route


class Trial(models.Model):
    """One person's leave to send one prompt through one route, once, in one session, and soon."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="trials")
    route = models.ForeignKey(Route, models.CASCADE, related_name="trials")
    secret_hash = models.CharField(max_length=64, unique=True)
    session_hash = models.CharField(max_length=64)
    prompt_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="trial_expires_after_it_was_made",
                condition=Q(expires_at__gt=F("made_at")),
                violation_error_message="A try can be made until it expires.",
            ),
            models.CheckConstraint(
                name="trial_is_taken_while_it_holds",
                condition=Q(taken_at__isnull=True) | Q(taken_at__lt=F("expires_at")),
                violation_error_message="A try is made once, before it expires.",
            ),
        ]
        indexes = [models.Index(name="trial_by_user_and_time", fields=["user", "made_at"])]

    def __str__(self) -> str:
        return str(self.pk)
