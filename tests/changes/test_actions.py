"""Deeds on changes: each way to be refused, and what an approval is bound to."""

from dataclasses import replace
from typing import Any

import pytest

from inference.accounts.models import EnvironmentRule, Membership, Team, User
from inference.audit.models import AuditEvent
from inference.changes import actions, policies
from inference.changes.edits import Proposal
from inference.changes.models import ChangeRequest, Contributor, Decision, Edit, Plan
from inference.changes.transitions import mark_stale, move, waiting_with
from inference.errors import Conflict, Invalid, NotAllowed
from inference.outbox.models import OutboxEntry
from tests.conftest import NOON
from tests.factories.accounts import UserFactory
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


def test_a_deed_on_an_older_version_is_refused(east: None, chat: Team, author: User) -> None:
    change = drafted(chat, author)
    actions.submit(change=change, version=change.version, by=author, at=NOON)

    with pytest.raises(Conflict, match="has moved on"):
        actions.cancel(change=change, version=change.version, by=author, at=NOON)


def test_an_approval_records_a_decision_and_posts(author: User, approver: User) -> None:
    change = planned(author)

    actions.approve(change=change, plan_hash=hash_of(change), by=approver, at=NOON)

    change.refresh_from_db()
    assert change.state == State.APPROVED
    assert OutboxEntry.objects.filter(topic="delivery.start", key=change.pk).exists()


@pytest.mark.parametrize("who", ["author", "contributor", "superuser"])
def test_nobody_decides_on_what_they_had_a_hand_in(author: User, approver: User, who: str) -> None:
    change = planned(author)
    people = {
        "author": author,
        "contributor": approver,
        "superuser": UserFactory.create(is_superuser=True),
    }
    Membership.objects.filter(user=author).update(role=Membership.Role.ADMIN)
    Contributor.objects.get_or_create(change=change, user=people[who])

    with pytest.raises(NotAllowed, match="had a hand in"):
        actions.approve(change=change, plan_hash=hash_of(change), by=people[who], at=NOON)

    assert not Decision.objects.exists()


def test_the_role_is_needed_where_the_plan_reaches(author: User, viewer: User) -> None:
    change = planned(author)

    with pytest.raises(NotAllowed, match="role approver in chat for prod"):
        actions.approve(change=change, plan_hash=hash_of(change), by=viewer, at=NOON)


def test_a_robot_never_decides(author: User, robot: User) -> None:
    change = planned(author)
    Membership.objects.filter(user=robot).update(role=Membership.Role.ADMIN)

    with pytest.raises(NotAllowed, match="for people"):
        actions.approve(change=change, plan_hash=hash_of(change), by=robot, at=NOON)


def test_a_plan_that_moved_on_is_not_approved(author: User, approver: User) -> None:
    change = planned(author)

    with pytest.raises(Conflict, match="moved on"):
        actions.approve(change=change, plan_hash="0" * 64, by=approver, at=NOON)


def test_a_red_plan_is_sent_back_but_not_approved(author: User, approver: User) -> None:
    change = planned(author, red=True)

    with pytest.raises(Conflict, match="Red checks of this plan: 1"):
        actions.approve(change=change, plan_hash=hash_of(change), by=approver, at=NOON)

    actions.request_changes(
        change=change, plan_hash=hash_of(change), comment="Smaller", by=approver, at=NOON
    )
    change.refresh_from_db()
    assert change.state == State.CHANGES_REQUESTED


def test_sending_back_says_what_should_be_different(author: User, approver: User) -> None:
    change = planned(author)

    with pytest.raises(Invalid, match="should be different"):
        actions.reject(change=change, plan_hash=hash_of(change), comment=" ", by=approver, at=NOON)


def test_a_rejected_change_is_at_its_end(author: User, approver: User) -> None:
    change = planned(author)
    actions.reject(change=change, plan_hash=hash_of(change), comment="No", by=approver, at=NOON)
    change.refresh_from_db()

    with pytest.raises(Conflict):
        actions.approve(change=change, plan_hash=hash_of(change), by=approver, at=NOON)
    with pytest.raises(Conflict, match="is rejected"):
        actions.cancel(change=change, version=change.version, by=author, at=NOON)


def test_a_stale_plan_waits_for_its_successor(author: User, approver: User) -> None:
    change = planned(author)
    ChangeRequest.objects.filter(pk=change.pk).update(stale=True)

    with pytest.raises(Conflict, match="planned anew"):
        actions.approve(change=change, plan_hash=hash_of(change), by=approver, at=NOON)


def test_one_pair_of_eyes_is_for_dev_alone(author: User) -> None:
    EnvironmentRule.objects.create(environment="dev", one_pair_of_eyes=True)

    assert policies.one_pair_of_eyes({"dev"})
    assert not policies.one_pair_of_eyes({"dev", "prod"})
    assert not policies.one_pair_of_eyes(set())


def test_an_author_decides_alone_where_one_pair_of_eyes_is_enough(author: User) -> None:
    change = planned(author, cluster=ClusterFactory.create(environment="dev"))
    Plan.objects.filter(pk=change.plan_id).update(one_pair_of_eyes=True)
    Membership.objects.filter(user=author).update(role=Membership.Role.APPROVER)
    change.refresh_from_db()

    actions.approve(change=change, plan_hash=hash_of(change), by=author, at=NOON)

    change.refresh_from_db()
    assert change.state == State.APPROVED


def test_an_approval_ends_with_the_role_of_who_gave_it(author: User, approver: User) -> None:
    change = planned(author)
    actions.approve(change=change, plan_hash=hash_of(change), by=approver, at=NOON)
    assert change.plan is not None
    assert policies.valid_approvals(change.plan) == 1

    Membership.objects.filter(user=approver).update(role=Membership.Role.EDITOR)

    assert policies.valid_approvals(change.plan) == 0


def test_of_two_moves_from_one_version_one_is_made(author: User) -> None:
    first = planned(author)
    second = ChangeRequest.objects.get(pk=first.pk)

    move(first, State.CANCELLED, verb="cancelled", at=NOON, finished_at=NOON)

    with pytest.raises(Conflict, match="has moved on"):
        move(second, State.CANCELLED, verb="cancelled", at=NOON, finished_at=NOON)


def test_other_open_changes_on_a_definition_become_stale(author: User) -> None:
    mine, other = planned(author), planned(author)
    assert other.revision is not None
    definition = other.revision.edits.get().definition_id

    touched = waiting_with(Edit.objects.filter(definition_id=definition)).exclude(pk=mine.pk)
    assert mark_stale(touched, at=NOON) == 1

    other.refresh_from_db()
    assert (other.state, other.stale) == (State.PLANNING, True)


def test_only_its_people_or_an_admin_cancel_a_change(
    author: User, approver: User, admin: User
) -> None:
    change = planned(author)

    with pytest.raises(NotAllowed, match="people of a change"):
        actions.cancel(change=change, version=change.version, by=approver, at=NOON)
    actions.cancel(change=change, version=change.version, by=admin, at=NOON)
