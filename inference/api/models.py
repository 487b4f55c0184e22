"""The table of the REST door: requests that may be sent twice and are carried out once."""

from django.db import models
from django.db.models import Q


class IdempotentRequest(models.Model):
    """A request under its Idempotency-Key, kept for a day. Without `status` it is in flight."""

    # The token, or the user of a session.
    principal = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    # Of method, path and body: the same key with another request is refused.
    request_hash = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    answer = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="idempotency_key_is_used_once_by_a_principal",
                fields=["principal", "key"],
                violation_error_message="This key was used already.",
            ),
            models.CheckConstraint(
                name="idempotent_request_keeps_answers_of_success",
                condition=Q(status__isnull=True) | Q(status__gte=200, status__lt=300),
                violation_error_message="Only what was done is kept.",
            ),
        ]
        indexes = [models.Index(name="idempotent_request_by_time", fields=["begun_at"])]

    def __str__(self) -> str:
        return f"{self.key} of {self.principal}"
