"""Roles of people in teams, each for one environment. Setting one twice is setting it once."""

from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts import roles
from inference.accounts.models import Environment, Membership
from inference.api.deeds import by, deed
from inference.api.filtering import FilterSet
from inference.api.refusals import missing
from inference.api.resources import Listed, Shown
from inference.api.shapes import Body, Column, Nothing, Shape
from inference.clusters import visibility


class MembershipShape(Shape):
    team: Annotated[str, Column("team__name")]
    username: Annotated[str, Column("user__username")]
    environment: str
    role: str


class RoleGiven(Body):
    role: Literal["viewer", "editor", "approver", "admin"]


class MembershipFilter(FilterSet):
    team = filters.CharFilter(field_name="team__name", max_length=40)
    username = filters.CharFilter(field_name="user__username", max_length=150)
    environment = filters.ChoiceFilter(choices=Environment)
    role = filters.ChoiceFilter(choices=Membership.Role)


class Memberships(Listed, Shown):
    tag = "memberships"
    noun = "membership"
    shape = MembershipShape
    table = Membership
    lookup = {
        "team": "team__name",
        "username": "user__username",
        "environment": "environment",
    }
    ordering = ("team__name", "user__username", "environment")
    filters = MembershipFilter

    def rows(self) -> QuerySet[Any]:
        shown = Membership.objects.all()
        return shown.filter(team__in=visibility.teams(self.user))

    @deed("Give a role", RoleGiven, scope="administer")
    def update(
        self, request: Request, sent: RoleGiven, team: str, username: str, environment: str
    ) -> Response:
        found = visibility.teams(self.user).filter(name=team).first()
        if found is None:
            raise missing("team")
        user = visibility.people(self.user).filter(username=username).first()
        if user is None:
            raise missing("person")
        membership = roles.set_role(
            team=found, user=user, environment=environment, role=sent.role, **by(request)
        )
        return self.show_one(membership.pk)

    @deed("Take a role away", Nothing, scope="administer", status=204)
    def destroy(self, request: Request, _sent: Nothing, **_names: str) -> Response:
        membership = self.named(self.rows().select_related("team", "user")).first()
        if membership is None:
            raise missing(self.noun)
        roles.remove_role(membership=membership, **by(request))
        return Response(status=204)
