"""What is still to be done by a machine: one row per (topic, key), until nothing is left to do."""

from django.db import models


class OutboxEntry(models.Model):
    """Work that is due. `posted` is a new number whenever it is asked for, and whenever it is
    claimed: a worker that claimed it before the last asking does not cross it out.
    """

    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    posted = models.PositiveBigIntegerField(default=1)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "outbox entries"
        constraints = [
            models.UniqueConstraint(
                name="outbox_entry_is_one_per_topic_and_key",
                fields=["topic", "key"],
                violation_error_message="This is in the outbox already.",
            ),
        ]
        indexes = [models.Index(name="outbox_by_due_time", fields=["due_at"])]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
