"""Tokens: issued and shown once, listed without their secret, revoked at once."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from pydantic import StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts import actions
from inference.accounts.models import Token
from inference.accounts.policies import is_platform
from inference.api.deeds import by, deed
from inference.api.filtering import FilterSet
from inference.api.refusals import missing
from inference.api.resources import Listed, Shown
from inference.api.shapes import Body, Column, Moment, Nothing, Shape
from inference.clusters import visibility
from inference.definitions.fields import LINE

SCOPES = ("propose", "approve", "administer")


class TokenShape(Shape):
    id: UUID
    owner: Annotated[str, Column("owner__username")]
    name: str
    prefix: str
    last_four: str
    may_propose: bool
    may_approve: bool
    may_administer: bool
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class IssuedToken(TokenShape):
    """`secret` is shown here and never again; a repeated request answers null."""

    secret: str | None


class NewToken(Body):
    """For oneself where no owner is named; for a robot by platform."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=LINE)]
    expires_at: Moment
    owner: Annotated[str, StringConstraints(max_length=150)] | None = None
    may_propose: bool = False
    may_approve: bool = False
    may_administer: bool = False


class TokenFilter(FilterSet):
    owner = filters.CharFilter(field_name="owner__username", max_length=150)
    revoked = filters.BooleanFilter(field_name="revoked_at", lookup_expr="isnull", exclude=True)


class Tokens(Listed, Shown):
    tag = "tokens"
    noun = "token"
    shape = TokenShape
    table = Token
    lookup = {"id": "pk"}
    ordering = ("-created_at", "-pk")
    filters = TokenFilter

    def rows(self) -> QuerySet[Any]:
        return Token.objects.all() if is_platform(self.user) else self.user.tokens.all()

    @deed(
        "Issue a token",
        NewToken,
        scope="read",
        answer=IssuedToken,
        status=201,
        secrets=("secret",),
    )
    def create(self, request: Request, sent: NewToken) -> Response:
        scopes = {
            name for name in ("propose", "approve", "administer") if getattr(sent, f"may_{name}")
        }
        token, secret = actions.issue_token(
            owner=self._owner(sent),
            name=sent.name,
            scopes=scopes,
            expires_at=sent.expires_at,
            **by(request),
        )
        response = self.show_one(token.pk, 201)
        response.data["secret"] = secret
        return response

    @deed("Revoke a token", Nothing, scope="read")
    def revoke(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        token = self.find()
        actions.revoke_token(row=token, **by(request))
        return self.show_one(token.pk)

    def _owner(self, sent: NewToken) -> Any:
        if sent.owner is None:
            return self.user
        owner = visibility.people(self.user).filter(username=sent.owner).first()
        if owner is None:
            raise missing("person")
        return owner
