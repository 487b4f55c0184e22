"""The chain holds, says where it does not, and belongs to the transaction of its deed."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from inference.accounts.models import Team, Token, User
from inference.audit.models import AuditEvent, AuditStream
from inference.audit.recording import breaks, record
from tests.conftest import NOON


def entered(team: Team | None, by: User | None, name: str) -> AuditEvent:
    with transaction.atomic():
        return record(
            verb="described",
            subject_kind="cluster",
            subject_id="1",
            subject_name=name,
            by=by,
            team=team,
            at=NOON,
            after={"title": name},
        )


def token_of(owner: User) -> Token:
    return Token.objects.create(
        owner=owner,
        owner_kind=owner.kind,
        name="ci",
        prefix="abcdefgh",
        secret_hash="0" * 64,
        last_four="wxyz",
        expires_at=timezone.now() + timedelta(days=1),
    )


def test_events_of_one_team_form_one_chain(chat: Team, author: User) -> None:
    first = entered(chat, author, "a")
    second = entered(chat, None, "b")

    stream = AuditStream.objects.get(name="team:chat")

    assert second.previous_hash == first.hash
    assert (stream.sequence, stream.head) == (2, second.hash)
    assert second.actor_name == "Waybill"
    assert list(breaks(stream)) == []


def test_teams_do_not_wait_for_one_another(chat: Team, author: User) -> None:
    entered(chat, author, "a")

    event = entered(None, author, "b")

    assert (event.stream_id, event.sequence, event.previous_hash) == ("site", 1, "")


@pytest.mark.parametrize(
    ("field", "value"),
    [("verb", "removed"), ("actor_name", "somebody"), ("after", "{}"), ("subject_id", "2")],
)
def test_an_altered_event_is_found(chat: Team, author: User, field: str, value: str) -> None:
    event = entered(chat, author, "a")
    entered(chat, author, "b")
    AuditEvent.objects.filter(pk=event.pk).update(**{field: value})

    found = list(breaks(AuditStream.objects.get(name="team:chat")))

    assert found == ["team:chat: event 1 was altered."]


def test_a_deed_of_a_token_does_not_become_one_of_its_owner(chat: Team, author: User) -> None:
    token = token_of(author)
    with transaction.atomic():
        record(
            verb="drafted",
            subject_kind="change-request",
            subject_id=1,
            subject_name="a",
            by=author,
            token=token,
            team=chat,
            at=NOON,
        )
    stream = AuditStream.objects.get(name="team:chat")
    assert list(breaks(stream)) == []

    AuditEvent.objects.filter(stream=stream).update(token=None)

    assert list(breaks(stream)) == ["team:chat: event 1 was altered."]


def test_a_missing_end_is_found(chat: Team, author: User) -> None:
    entered(chat, author, "a")
    AuditStream.objects.filter(name="team:chat").update(sequence=2, head="f" * 64)

    found = list(breaks(AuditStream.objects.get(name="team:chat")))

    assert found == ["team:chat: the end is missing, the head names event 2."]


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction of its deed"):
        record(verb="x", subject_kind="x", subject_id=1, subject_name="x", by=None, at=NOON)
