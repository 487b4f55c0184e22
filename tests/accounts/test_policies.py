"""Who may: each role against each right, superusers, the deactivated, other environments."""

import pytest

from inference.accounts.models import Membership, Team, User
from inference.accounts.policies import (
    Right,
    check_may,
    check_platform,
    environments_of,
    is_platform,
    may,
    teams_of,
)
from inference.errors import NotAllowed
from tests.factories.accounts import MembershipFactory, TeamFactory, UserFactory

ROLES = {
    Membership.Role.VIEWER: {Right.VIEW},
    Membership.Role.EDITOR: {Right.VIEW, Right.TRY, Right.PROPOSE},
    Membership.Role.APPROVER: {Right.VIEW, Right.TRY, Right.PROPOSE, Right.DECIDE},
    Membership.Role.ADMIN: set(Right),
}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("right", Right)
def test_a_role_has_its_rights_and_no_other(role: Membership.Role, right: Right) -> None:
    membership = MembershipFactory.create(role=role, environment="prod")

    allowed = may(membership.user, right, membership.team, "prod")

    assert allowed == (right in ROLES[role])


@pytest.mark.django_db
def test_a_role_ends_at_its_environment_and_its_team() -> None:
    membership = MembershipFactory.create(role=Membership.Role.ADMIN, environment="dev")

    assert not may(membership.user, Right.VIEW, membership.team, "prod")
    assert not may(membership.user, Right.VIEW, TeamFactory.create(), "dev")
    assert environments_of(membership.user, membership.team) == ["dev"]


def test_a_deactivated_user_may_nothing(admin: User, chat: Team) -> None:
    admin.is_active = False

    assert not may(admin, Right.VIEW, chat, "prod")
    assert not teams_of(admin).exists()


def test_a_superuser_may_everything_while_active(chat: Team) -> None:
    root = UserFactory.create(is_superuser=True)

    assert may(root, Right.ADMINISTER, chat, "prod")
    assert is_platform(root)
    assert list(teams_of(root)) == [chat]
    assert environments_of(root, chat) == ["prod", "stage", "dev"]


def test_teams_are_those_in_which_a_right_is_held(author: User, chat: Team) -> None:
    MembershipFactory.create(user=author, environment="dev")

    assert teams_of(author).count() == 2
    assert list(teams_of(author, Right.PROPOSE)) == [chat]


def test_a_refusal_names_the_role_that_is_missing(viewer: User, chat: Team) -> None:
    with pytest.raises(NotAllowed, match="the role approver in team chat for prod"):
        check_may(viewer, Right.DECIDE, chat, "prod")


def test_clusters_are_for_platform(admin: User, platform: User) -> None:
    check_platform(platform)

    with pytest.raises(NotAllowed, match="site role platform"):
        check_platform(admin)
