"""The people that tests are about, and the clock that they share."""

from datetime import UTC, datetime

import pytest

from inference.accounts.models import Membership, Team, User
from tests.factories.accounts import MembershipFactory, RobotFactory, TeamFactory, UserFactory

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def member(team: Team, name: str, role: str) -> User:
    """A person with `role` in every environment of `team`."""
    user = UserFactory.create(username=name)
    for environment in ("prod", "stage", "dev"):
        MembershipFactory.create(team=team, user=user, environment=environment, role=role)
    return user


@pytest.fixture
def chat(db: None) -> Team:
    return TeamFactory.create(name="chat")


@pytest.fixture
def viewer(chat: Team) -> User:
    return member(chat, "viewer", Membership.Role.VIEWER)


@pytest.fixture
def author(chat: Team) -> User:
    return member(chat, "author", Membership.Role.EDITOR)


@pytest.fixture
def approver(chat: Team) -> User:
    return member(chat, "approver", Membership.Role.APPROVER)


@pytest.fixture
def admin(chat: Team) -> User:
    return member(chat, "admin", Membership.Role.ADMIN)


@pytest.fixture
def outsider(db: None) -> User:
    """Someone of another team."""
    return member(TeamFactory.create(name="search"), "outsider", Membership.Role.ADMIN)


@pytest.fixture
def platform(db: None) -> User:
    """A platform engineer without a role in any team."""
    return UserFactory.create(username="platform", is_platform=True)


@pytest.fixture
def robot(chat: Team) -> User:
    user = RobotFactory.create(username="robot")
    for environment in ("prod", "stage", "dev"):
        MembershipFactory.create(
            team=chat, user=user, environment=environment, role=Membership.Role.EDITOR
        )
    return user
