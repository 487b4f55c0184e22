"""People and robots: entered, renamed, deactivated; never deleted, because history names them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from pydantic import StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts import actions
from inference.accounts.models import User
from inference.api.deeds import by, deed
from inference.api.filtering import FilterSet
from inference.api.preconditions import matching
from inference.api.resources import Listed, Shown
from inference.api.shapes import Body, Line, Shape
from inference.clusters import visibility

Username = Annotated[
    str, StringConstraints(min_length=1, max_length=150, pattern=r"^[a-z0-9_.@+-]+$")
]


class PersonShape(Shape):
    id: UUID
    username: str
    name: str
    kind: str
    is_active: bool
    is_platform: bool
    version: int


class NewPerson(Body):
    """Without a password: single sign-on, a token, or the installation's command line lets in."""

    username: Username
    name: Line = ""
    kind: Literal["person", "robot"] = "person"


class PersonEdit(Body):
    """Fields that are left out stay as they are. The site role is given by superusers."""

    name: Line | None = None
    is_active: bool | None = None
    is_platform: bool | None = None


class PeopleFilter(FilterSet):
    kind = filters.ChoiceFilter(choices=User.Kind)
    is_active = filters.BooleanFilter()
    username = filters.CharFilter(max_length=150)


class People(Listed, Shown):
    tag = "people"
    noun = "person"
    shape = PersonShape
    table = User
    lookup = {"username": "username"}
    ordering = ("username",)
    filters = PeopleFilter

    def rows(self) -> QuerySet[Any]:
        return visibility.people(self.user)

    @deed("Enter a person or robot", NewPerson, scope="administer", platform=True, status=201)
    def create(self, request: Request, sent: NewPerson) -> Response:
        user = actions.enter_person(
            username=sent.username, name=sent.name, kind=sent.kind, **by(request)
        )
        return self.show_one(user.pk, 201)

    @deed("Change a person", PersonEdit, scope="administer", platform=True, versioned=True)
    def partial_update(self, request: Request, sent: PersonEdit, **_names: Any) -> Response:
        user = self.find()
        actions.change_person(
            user=user,
            version=matching(request, user.version),
            name=sent.name,
            is_active=sent.is_active,
            is_platform=sent.is_platform,
            **by(request),
        )
        return self.show_one(user.pk)
