"""Deeds on changes: each way to be refused, and what an approval is bound to."""

import pytest
from django.db.models import Q

from inference.accounts.models import EnvironmentRule, Membership, User
from inference.changes import actions, policies
from inference.changes.models import ChangeRequest, Contributor, Decision, Plan
from inference.changes.transitions import mark_stale, move, waiting_with
from inference.changes.visibility import needs
from inference.errors import Conflict, Invalid, NotAllowed
from inference.outbox.models import OutboxEntry
from tests.conftest import NOON
from tests.factories.accounts import UserFactory
from tests.factories.changes import planned
from tests.factories.clusters import ClusterFactory

State = ChangeRequest.State


def hash_of(change: ChangeRequest) -> str:
    assert change.plan is not None
    return change.plan.hash


def with_one_pair_of_eyes(author: User) -> ChangeRequest:
    """In review, in an environment where its author may decide alone."""
    EnvironmentRule.objects.get_or_create(environment="dev", one_pair_of_eyes=True)
    Membership.objects.filter(user=author).update(role=Membership.Role.APPROVER)
    change = planned(author, cluster=ClusterFactory.create(environment="dev"))
    Plan.objects.filter(pk=change.plan_id).update(one_pair_of_eyes=True)
    change.refresh_from_db()
    return change


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
    change = with_one_pair_of_eyes(author)

    actions.approve(change=change, plan_hash=hash_of(change), by=author, at=NOON)

    change.refresh_from_db()
    assert change.state == State.APPROVED
    assert change.plan is not None
    assert policies.is_still_approved(change.plan)


def test_a_plan_for_one_pair_of_eyes_needs_two_when_the_rule_is_taken_back(
    author: User, approver: User
) -> None:
    alone, beside = with_one_pair_of_eyes(author), with_one_pair_of_eyes(author)
    actions.approve(change=alone, plan_hash=hash_of(alone), by=author, at=NOON)
    EnvironmentRule.objects.update(one_pair_of_eyes=False)

    with pytest.raises(NotAllowed, match="had a hand in"):
        actions.approve(change=beside, plan_hash=hash_of(beside), by=author, at=NOON)
    assert not ChangeRequest.objects.filter(needs(author), pk=beside.pk).exists()
    assert alone.plan is not None
    assert not policies.is_still_approved(alone.plan)

    decision = actions.approve(change=beside, plan_hash=hash_of(beside), by=approver, at=NOON)
    assert not decision.one_pair_of_eyes


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

    touched = waiting_with(Q(definition_id=definition)).exclude(pk=mine.pk)
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
