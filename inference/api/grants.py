"""Grants: where a team's objects may live in a cluster."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from inference.api.deeds import by, deed
from inference.api.filtering import FilterSet
from inference.api.preconditions import matching
from inference.api.refusals import missing
from inference.api.resources import Listed, Shown
from inference.api.shapes import Body, Column, Name, Nothing, Shape
from inference.clusters import sharing, visibility
from inference.clusters.models import Grant
from inference.definitions.fields import Label, Subdomain

SecretName = Subdomain | Literal[""]


class GrantShape(Shape):
    id: UUID
    cluster: Annotated[str, Column("cluster__name")]
    team: Annotated[str, Column("team__name")]
    namespace: str
    pull_secret: str
    token_secret: str
    version: int
    created_at: datetime


class NewGrant(Body):
    cluster: Name
    team: Name
    namespace: Label
    pull_secret: SecretName = ""
    token_secret: SecretName = ""


class GrantSecrets(Body):
    """Names of secrets that exist in the namespace; never their contents."""

    pull_secret: SecretName
    token_secret: SecretName


class GrantFilter(FilterSet):
    cluster = filters.CharFilter(field_name="cluster__name", max_length=40)
    team = filters.CharFilter(field_name="team__name", max_length=40)


class Grants(Listed, Shown):
    tag = "grants"
    noun = "grant"
    shape = GrantShape
    table = Grant
    lookup = {"id": "pk"}
    ordering = ("cluster__name", "namespace", "pk")
    filters = GrantFilter

    def rows(self) -> QuerySet[Any]:
        return visibility.grants(self.user)

    @deed("Grant a namespace", NewGrant, scope="administer", platform=True, status=201)
    def create(self, request: Request, sent: NewGrant) -> Response:
        cluster = visibility.clusters(self.user).filter(name=sent.cluster).first()
        if cluster is None:
            raise missing("cluster")
        team = visibility.teams(self.user).filter(name=sent.team).first()
        if team is None:
            raise missing("team")
        row = sharing.grant(
            cluster=cluster,
            team=team,
            namespace=sent.namespace,
            pull_secret=sent.pull_secret,
            token_secret=sent.token_secret,
            **by(request),
        )
        return self.show_one(row.pk, 201)

    @deed("Name other secrets", GrantSecrets, scope="administer", platform=True, versioned=True)
    def update(self, request: Request, sent: GrantSecrets, **_names: Any) -> Response:
        row = self.find()
        sharing.change_secrets(
            row=row,
            version=matching(request, row.version),
            pull_secret=sent.pull_secret,
            token_secret=sent.token_secret,
            **by(request),
        )
        return self.show_one(row.pk)

    @deed("Revoke a grant", Nothing, scope="administer", platform=True, versioned=True, status=204)
    def destroy(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        row = self.find()
        matching(request, row.version)
        sharing.revoke_grant(row=row, **by(request))
        return Response(status=204)
