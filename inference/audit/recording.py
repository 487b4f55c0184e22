"""Adding to the chain, in the transaction of the deed; and checking it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import BigIntegerField, CharField

from inference import events
from inference.audit.models import AuditEvent, AuditStream
from inference.compiled import Select, Slot, Update, add
from inference.manifests import canonical, digest

SITE = "site"
MACHINE = "Waybill"
"""The name of the actor when no person asked: a worker, an observer, the clock."""


class Actor(Protocol):
    """Who did it: a user, as `accounts` knows one. The chain stands below that stage."""

    pk: UUID


class Named(Protocol):
    """A team or a token, as `accounts` knows one."""

    pk: UUID


class NamedTeam(Named, Protocol):
    name: str


def record(
    *,
    verb: str,
    subject_kind: str,
    subject_id: object,
    subject_name: str,
    by: Actor | None,
    at: datetime,
    team: NamedTeam | None = None,
    token: Named | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add one event to the chain of its team, or of the site, in the transaction of the deed.

    What is audited is announced: pages that show the subject hear of it at commit.
    `before` and `after` hold plain JSON values without floats, and never a secret.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit event belongs to the transaction of its deed.")
    name = f"team:{team.name}" if team else SITE
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    event = AuditEvent(
        stream_id=name,
        at=at,
        actor_id=by.pk if by else None,
        actor_name=str(by) if by else MACHINE,
        token_id=token.pk if token else None,
        verb=verb,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        subject_name=subject_name[:250],
        team_id=team.pk if team else None,
        before=canonical(before) if before is not None else "",
        after=canonical(after) if after is not None else "",
        request_id=request_id,
    )
    _chain(event)
    add(event)
    events.announce(f"{subject_kind}:{subject_id}")
    return event


_STREAM = Slot("name", CharField())
_HEAD = Select(lambda: AuditStream.objects.filter(name=_STREAM).values_list("sequence", "head"))
_NEXT = Update(
    lambda: AuditStream.objects.filter(name=_STREAM, sequence=Slot("seen", BigIntegerField())),
    sequence=Slot("sequence", BigIntegerField()),
    head=Slot("head", CharField()),
)


def _chain(event: AuditEvent) -> None:
    """Take the next place in the stream. Who comes second changes no row, and looks again."""
    name = event.stream_id
    while True:
        head = _HEAD.first(name=name)
        if head is None:
            AuditStream.objects.bulk_create([AuditStream(name=name)], ignore_conflicts=True)
            continue
        event.sequence, event.previous_hash = head[0] + 1, head[1]
        event.hash = hash_of(event)
        taken = _NEXT.update(name=name, seen=head[0], sequence=event.sequence, head=event.hash)
        if taken:
            return


def hash_of(event: AuditEvent) -> str:
    """SHA-256 over the canonical form of the event and the hash before it."""
    by_token = {"token": str(event.token_id)} if event.token_id else {}
    return digest(
        {
            **by_token,
            "stream": event.stream_id,
            "sequence": event.sequence,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": str(event.actor_id or ""),
            "actor_name": event.actor_name,
            "verb": event.verb,
            "subject": [event.subject_kind, event.subject_id, event.subject_name],
            "team": str(event.team_id or ""),
            "before": event.before,
            "after": event.after,
            "request_id": event.request_id,
            "previous": event.previous_hash,
        }
    )


def breaks(stream: AuditStream) -> Iterator[str]:
    """Each place where the chain of `stream` does not hold, in words. None means that it holds."""
    previous, expected = "", 1
    for event in stream.events.order_by("sequence").iterator():
        if event.sequence != expected:
            yield f"{stream.name}: event {expected} is missing before {event.sequence}."
        if event.previous_hash != previous:
            yield f"{stream.name}: event {event.sequence} does not follow the one before it."
        if event.hash != hash_of(event):
            yield f"{stream.name}: event {event.sequence} was altered."
        previous, expected = event.hash, event.sequence + 1
    if (stream.sequence, stream.head) != (expected - 1, previous):
        yield f"{stream.name}: the end is missing, the head names event {stream.sequence}."
