"""Valid people, teams and roles, saying as little as they can."""

from uuid import NAMESPACE_OID, UUID, uuid5

import factory
from factory.django import DjangoModelFactory

from inference.accounts.models import Membership, Team, User


def _key(name: str) -> UUID:
    """Who has the same name is the same in each test: rows about them may be remembered."""
    return uuid5(NAMESPACE_OID, name)


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    id = factory.LazyAttribute(lambda user: _key(user.username))
    username = factory.Sequence(lambda number: f"person-{number}")


class RobotFactory(UserFactory):
    username = factory.Sequence(lambda number: f"robot-{number}")
    kind = User.Kind.ROBOT


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team

    id = factory.LazyAttribute(lambda team: _key(team.name))
    name = factory.Sequence(lambda number: f"team-{number}")


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    team = factory.SubFactory(TeamFactory)
    user = factory.SubFactory(UserFactory)
    environment = "prod"
    role = Membership.Role.VIEWER
