"""Teams: who owns definitions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts import actions
from inference.accounts.models import Team
from inference.api.deeds import by, deed
from inference.api.preconditions import matching
from inference.api.resources import Listed, Shown
from inference.api.shapes import Body, Line, Name, Shape
from inference.clusters import visibility


class TeamShape(Shape):
    id: UUID
    name: str
    title: str
    version: int
    created_at: datetime


class NewTeam(Body):
    name: Name
    title: Line = ""


class TeamTitle(Body):
    title: Line


class Teams(Listed, Shown):
    tag = "teams"
    noun = "team"
    shape = TeamShape
    table = Team
    lookup = {"name": "name"}
    ordering = ("name",)

    def rows(self) -> QuerySet[Any]:
        return visibility.teams(self.user)

    @deed("Create a team", NewTeam, scope="administer", platform=True, status=201)
    def create(self, request: Request, sent: NewTeam) -> Response:
        team = actions.create_team(name=sent.name, title=sent.title, **by(request))
        return self.show_one(team.pk, 201)

    @deed("Describe a team", TeamTitle, scope="administer", platform=True, versioned=True)
    def partial_update(self, request: Request, sent: TeamTitle, **_names: Any) -> Response:
        team = self.find()
        version = matching(request, team.version)
        actions.describe_team(team=team, version=version, title=sent.title, **by(request))
        return self.show_one(team.pk)
