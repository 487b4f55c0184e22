"""Who did what to what, when: events that are only ever added, each chained to the one before."""

import uuid

from django.db import models


class AuditStream(models.Model):
    """The head of one chain. Streams keep two teams from waiting for one another."""

    name = models.CharField(max_length=100, primary_key=True)
    sequence = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.name


class AuditEvent(models.Model):
    """One deed. `hash` is SHA-256 over the previous hash and the canonical form of the rest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey(AuditStream, models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey("inference.User", models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=200)
    token = models.ForeignKey("inference.Token", models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    subject_name = models.CharField(max_length=250)
    team = models.ForeignKey("inference.Team", models.PROTECT, null=True, related_name="+")
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="audit_event_has_its_place_in_the_chain",
                fields=["stream", "sequence"],
                violation_error_message="This place in the chain is taken.",
            ),
        ]
        indexes = [
            models.Index(name="audit_of_a_subject", fields=["subject_kind", "subject_id", "-at"]),
            models.Index(name="audit_of_a_team", fields=["team", "-at"]),
            models.Index(name="audit_by_time", fields=["-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.verb} {self.subject_kind} {self.subject_name}"
