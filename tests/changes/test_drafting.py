"""Drafting, revising and submitting changes: each way to be refused."""

from dataclasses import replace
from typing import Any

import pytest

from inference.accounts.models import Team, User
from inference.audit.models import AuditEvent
from inference.changes import actions
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest, Contributor
from inference.errors import Conflict, Invalid, NotAllowed
from inference.outbox.models import OutboxEntry
from tests.conftest import NOON
from tests.factories.changes import planned
from tests.factories.clusters import ClusterFactory, GrantFactory

State = ChangeRequest.State

POOL = Proposal(
    verb="create",
    kind="hardware-pool",
    name="h100",
    document={
        "cluster": "east",
        "accelerator": {"vendor": "nvidia", "product": "H100", "memory_mib": 95830},
        "resource": "nvidia.com/gpu",
        "devices_per_node": 8,
    },
)


@pytest.fixture
def east(chat: Team) -> None:
    GrantFactory.create(cluster=ClusterFactory.create(name="east"), team=chat, namespace="llm")


def drafted(team: Team, by: User, *edits: Proposal, **given: Any) -> ChangeRequest:
    asked: dict[str, Any] = {"title": "A pool", "reason": "asked for", **given}
    return actions.draft(team=team, edits=edits or (POOL,), by=by, at=NOON, **asked)


def hash_of(change: ChangeRequest) -> str:
    assert change.plan is not None
    return change.plan.hash


def test_a_draft_freezes_its_edits_and_enters_its_author(
    east: None, chat: Team, author: User
) -> None:
    change = drafted(chat, author)

    assert change.revision is not None
    assert [str(edit) for edit in change.revision.edits.all()] == ["create hardware-pool h100"]
    assert Contributor.objects.filter(change=change, user=author).exists()
    assert AuditEvent.objects.get(subject_kind="change-request").verb == "drafted"


def test_a_viewer_drafts_nothing(east: None, chat: Team, viewer: User) -> None:
    with pytest.raises(NotAllowed, match="role editor"):
        drafted(chat, viewer)


def test_somebody_of_another_team_drafts_nothing(east: None, chat: Team, outsider: User) -> None:
    with pytest.raises(NotAllowed, match="role editor"):
        drafted(chat, outsider)


def test_a_change_says_why(east: None, chat: Team, author: User) -> None:
    with pytest.raises(Invalid, match="Say why"):
        drafted(chat, author, reason=" ")


@pytest.mark.parametrize(
    ("edit", "path", "code"),
    [
        (replace(POOL, name="H 100"), "edits.0.name", "name-form"),
        (
            replace(POOL, document={**POOL.document, "cluster": "west"}),
            "edits.0.cluster",
            "cluster-unknown",
        ),
        (replace(POOL, verb="update"), "edits.0", "definition-gone"),
        (replace(POOL, verb="make"), "edits.0", "verb-unknown"),
        (replace(POOL, kind="pod"), "edits.0", "kind-unknown"),
        (
            replace(POOL, document={**POOL.document, "allocation": "dra"}),
            "edits.0.allocation",
            "allocation-not-compiled",
        ),
        (
            replace(POOL, document={**POOL.document, "teams": ["chat", "nobody"]}),
            "edits.0.teams.1",
            "team-unknown",
        ),
    ],
)
def test_an_edit_that_cannot_be_is_refused_at_its_path(
    east: None, chat: Team, author: User, edit: Proposal, path: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        drafted(chat, author, edit)

    assert {where: found[0].code for where, found in refusal.value.fields.items()} == {path: code}
    assert not ChangeRequest.objects.exists()


def test_two_edits_of_one_name_are_refused(east: None, chat: Team, author: User) -> None:
    with pytest.raises(Invalid) as refusal:
        drafted(chat, author, POOL, POOL)

    assert {found[0].code for found in refusal.value.fields.values()} == {"name-taken"}


def test_submitting_asks_for_a_plan(east: None, chat: Team, author: User) -> None:
    change = drafted(chat, author)

    moved = actions.submit(change=change, version=change.version, by=author, at=NOON)

    assert moved.state == State.PLANNING
    assert OutboxEntry.objects.filter(topic="changes.plan", key=change.pk).exists()


def test_an_approved_change_can_be_planned_anew(
    east: None, chat: Team, author: User, approver: User
) -> None:
    change = drafted(chat, author)
    plan = planned(author).plan
    ChangeRequest.objects.filter(pk=change.pk).update(
        state=State.APPROVED, plan=plan, approved_at=NOON
    )

    moved = actions.submit(change=change, version=change.version, by=author, at=NOON)

    assert moved.state == State.PLANNING


def test_what_was_sent_back_is_revised_before_it_is_submitted(author: User, approver: User) -> None:
    change = planned(author)
    actions.request_changes(
        change=change, plan_hash=hash_of(change), comment="Smaller", by=approver, at=NOON
    )
    change.refresh_from_db()

    with pytest.raises(Conflict, match="revise its edits"):
        actions.submit(change=change, version=change.version, by=author, at=NOON)


UNSEEN = "approve \u202elater"


@pytest.mark.parametrize("title", ["x" * 201, "two\nlines", "no\0thing", UNSEEN])
def test_a_title_is_what_it_seems_whichever_door_it_comes_by(
    east: None, chat: Team, author: User, title: str
) -> None:
    with pytest.raises(Invalid) as of_the_change:
        drafted(chat, author, title=title)
    with pytest.raises(Invalid) as of_the_definition:
        drafted(chat, author, replace(POOL, title=title))

    assert list(of_the_change.value.fields) == ["title"]
    assert list(of_the_definition.value.fields) == ["edits.0.title"]


@pytest.mark.parametrize("text", ["x" * 4001, "no\0thing", UNSEEN])
def test_a_reason_and_a_comment_are_what_they_seem(
    east: None, chat: Team, author: User, approver: User, text: str
) -> None:
    change = planned(author)

    with pytest.raises(Invalid, match=r"has to have|another form"):
        drafted(chat, author, reason=text)
    with pytest.raises(Invalid, match=r"has to have|another form"):
        actions.approve(
            change=change, plan_hash=hash_of(change), comment=text, by=approver, at=NOON
        )


def test_a_reason_has_lines_and_any_script(east: None, chat: Team, author: User) -> None:
    reason = "more room\r\n\tfor \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"

    assert drafted(chat, author, reason=reason).reason == reason


def test_a_deed_on_an_older_version_is_refused(east: None, chat: Team, author: User) -> None:
    change = drafted(chat, author)
    actions.submit(change=change, version=change.version, by=author, at=NOON)

    with pytest.raises(Conflict, match="has moved on"):
        actions.cancel(change=change, version=change.version, by=author, at=NOON)
