"""Who am I here, and what may I do?"""

from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts.models import Membership
from inference.accounts.policies import is_platform
from inference.api.deeds import Operation, reads
from inference.api.filtering import check_known
from inference.api.resources import Base
from inference.api.shapes import Row, Shape


class MyRole(Shape):
    team: str
    environment: str
    role: str


class MyToken(Shape):
    prefix: str
    name: str
    may_propose: bool
    may_approve: bool
    may_administer: bool
    expires_at: datetime


class Me(Shape):
    username: str
    name: str
    kind: str
    is_platform: bool
    roles: list[MyRole]
    token: MyToken | None


class MyAccount(Base):
    tag = "me"

    @reads(Operation("Who I am", answer=Me))
    def retrieve(self, request: Request) -> Response:
        check_known(request, set())
        return Response(
            {
                "username": self.user.username,
                "name": self.user.name,
                "kind": self.user.kind,
                "is_platform": is_platform(self.user),
                "roles": self._roles(),
                "token": _token(request.auth),
            }
        )

    def _roles(self) -> list[Row]:
        held = Membership.objects.filter(user=self.user).order_by("team__name", "environment")
        names = ("team", "environment", "role")
        rows = held.values_list("team__name", "environment", "role")
        return [dict(zip(names, row, strict=True)) for row in rows]


def _token(token: Any) -> Row | None:
    return {name: getattr(token, name) for name in MyToken.model_fields} if token else None
