"""Valid people, teams and roles, saying as little as they can."""

import factory
from factory.django import DjangoModelFactory

from inference.accounts.models import Membership, Team, User


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence(lambda number: f"person-{number}")


class RobotFactory(UserFactory):
    username = factory.Sequence(lambda number: f"robot-{number}")
    kind = User.Kind.ROBOT


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team

    name = factory.Sequence(lambda number: f"team-{number}")


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    team = factory.SubFactory(TeamFactory)
    user = factory.SubFactory(UserFactory)
    environment = "prod"
    role = Membership.Role.VIEWER
