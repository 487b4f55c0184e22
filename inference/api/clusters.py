"""Clusters: connected, probed, held, removed. Credentials go in and never come out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from pydantic import StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response

from inference.accounts.models import Environment
from inference.api.connections import Credential, connection_of
from inference.api.deeds import Operation, by, deed, reads
from inference.api.filtering import FilterSet, check_known
from inference.api.preconditions import matching
from inference.api.rendering import JSONRenderer, YAMLRenderer
from inference.api.resources import Listed, Shown
from inference.api.shapes import Body, Column, Line, Made, Name, Nothing, Reason, Row, Shape, reason
from inference.clusters import actions, capabilities, metrics_sources, visibility
from inference.clusters.models import Cluster, Grant
from inference.clusters.rbac import manifests, yaml_text


class CredentialShape(Shape):
    """That there is one, and until when; never what it is."""

    kind: str
    version: int
    expires_at: datetime | None
    replaced_at: datetime


class MetricsSourceShape(Shape):
    """Where numbers are asked for, and how it last answered; never its token."""

    url: str
    browser_url: str
    ca_pem: str
    has_token: bool
    entered_at: datetime
    asked_at: datetime | None
    read_at: datetime | None
    series: int
    problem: Reason | None


class ClusterShape(Shape):
    id: UUID
    name: str
    title: str
    environment: str
    state: str
    server: str
    tls_server_name: str
    identity: str
    kubernetes: Annotated[str | None, Column("capabilities__version")]
    capabilities_at: datetime | None
    contacted_at: datetime | None
    problem: Annotated[Reason | None, Made()]
    metrics_source: Annotated[MetricsSourceShape | None, Made()]
    credential: Annotated[CredentialShape | None, Made()]
    version: int
    created_at: datetime


class ServedKind(Shape):
    api_version: str
    kind: str


class CapabilitiesShape(Shape):
    kubernetes: str | None
    kinds: list[ServedKind]
    at: datetime | None


class NewCluster(Credential):
    name: Name
    environment: Literal["prod", "stage", "dev"]
    title: Line = ""


class ClusterEdit(Body):
    """Fields that are left out stay as they are."""

    title: Line | None = None


class NewMetricsSource(Body):
    """A `token` that is left out stays as it is; an empty one is taken away.

    `browser_url`: where people find the same; empty where their browsers reach `url`.
    """

    url: Annotated[str, StringConstraints(max_length=300)]
    browser_url: Annotated[str, StringConstraints(max_length=300)] = ""
    ca_pem: Annotated[str, StringConstraints(max_length=262_144)] = ""
    token: Annotated[str, StringConstraints(max_length=8192)] | None = None


_OF_SOURCE = (
    *("url", "browser_url", "ca_pem", "key_id", "entered_at", "asked_at", "read_at", "series"),
    *("problem_code", "problem_params"),
)


class ClusterFilter(FilterSet):
    environment = filters.ChoiceFilter(choices=Environment)
    state = filters.ChoiceFilter(choices=[("active", "active"), ("held", "held")])


class Clusters(Listed, Shown):
    tag = "clusters"
    noun = "cluster"
    shape = ClusterShape
    table = Cluster
    lookup = {"name": "name"}
    ordering = ("name",)
    filters = ClusterFilter
    needs = (
        "problem_code",
        "problem_params",
        *(f"credential__{name}" for name in CredentialShape.model_fields),
        *(f"metrics_source__{name}" for name in _OF_SOURCE),
    )

    def rows(self) -> QuerySet[Any]:
        return visibility.clusters(self.user)

    def complete(self, rows: list[Row]) -> None:
        for row in rows:
            row["problem"] = reason(row["problem_code"], row["problem_params"])
            credential = {name: row[f"credential__{name}"] for name in CredentialShape.model_fields}
            row["credential"] = credential if credential["kind"] else None
            row["metrics_source"] = _source(row)

    @deed("Connect a cluster", NewCluster, scope="administer", platform=True, status=201)
    def create(self, request: Request, sent: NewCluster) -> Response:
        cluster = actions.connect_cluster(
            name=sent.name,
            environment=sent.environment,
            connection=connection_of(sent),
            title=sent.title,
            **by(request),
        )
        return self.show_one(cluster.pk, 201)

    @deed("Describe a cluster", ClusterEdit, scope="administer", platform=True, versioned=True)
    def partial_update(self, request: Request, sent: ClusterEdit, **_names: Any) -> Response:
        cluster = self.find()
        actions.describe(
            cluster=cluster,
            version=matching(request, cluster.version),
            title=cluster.title if sent.title is None else sent.title,
            **by(request),
        )
        return self.show_one(cluster.pk)

    @deed("Replace the credential", Credential, scope="administer", platform=True, versioned=True)
    def replace_credential(self, request: Request, sent: Credential, **_names: Any) -> Response:
        cluster = self.find()
        version = matching(request, cluster.version)
        connection = connection_of(sent)
        actions.replace_credential(
            cluster=cluster, version=version, connection=connection, **by(request)
        )
        return self.show_one(cluster.pk)

    @deed(
        "Say where numbers are asked for",
        NewMetricsSource,
        scope="administer",
        platform=True,
        versioned=True,
    )
    def enter_metrics_source(
        self, request: Request, sent: NewMetricsSource, **_names: Any
    ) -> Response:
        cluster = self.find()
        metrics_sources.enter_source(
            cluster=cluster,
            version=matching(request, cluster.version),
            url=sent.url,
            browser_url=sent.browser_url,
            ca_pem=sent.ca_pem,
            bearer=sent.token,
            **by(request),
        )
        return self.show_one(cluster.pk)

    @deed(
        "Ask for no numbers any more",
        Nothing,
        scope="administer",
        platform=True,
        versioned=True,
        status=204,
    )
    def remove_metrics_source(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        return self._move(request, metrics_sources.remove_source, show=False)

    @deed("Ask the metrics source now", Nothing, scope="administer", platform=True, status=202)
    def check_metrics_source(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        """What it comes to stands in `metrics_source`, a few seconds later."""
        cluster = self.find()
        metrics_sources.ask_now(cluster=cluster, **by(request))
        return self.show_one(cluster.pk, 202)

    @deed("Look at it now", Nothing, scope="administer", platform=True, status=202)
    def probe(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        cluster = self.find()
        actions.probe_now(cluster=cluster, **by(request))
        return self.show_one(cluster.pk, 202)

    @deed("Hold: push nothing", Nothing, scope="administer", platform=True, versioned=True)
    def hold(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        return self._move(request, actions.hold)

    @deed("Resume pushing", Nothing, scope="administer", platform=True, versioned=True)
    def resume(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        return self._move(request, actions.resume)

    @deed(
        "Remove a cluster",
        Nothing,
        scope="administer",
        platform=True,
        versioned=True,
        status=204,
    )
    def remove(self, request: Request, _sent: Nothing, **_names: Any) -> Response:
        self._move(request, actions.remove, show=False)
        return Response(status=204)

    @reads(Operation("What the cluster serves", answer=CapabilitiesShape))
    def capabilities(self, request: Request, **_names: Any) -> Response:
        check_known(request, set())
        cluster = self.find()
        kinds = [
            {"api_version": api_version, "kind": kind}
            for api_version, kind in sorted(capabilities.served(cluster.capabilities))
        ]
        version = cluster.capabilities.get("version")
        return Response({"kubernetes": version, "kinds": kinds, "at": cluster.capabilities_at})

    @reads(Operation("The rights that Waybill needs there", media="application/yaml"))
    def rbac(self, request: Request, **_names: Any) -> Response:
        """For `kubectl apply -f -`, once the namespaces exist."""
        check_known(request, set())
        cluster = self.find()
        namespaces = Grant.objects.filter(cluster=cluster).values_list("namespace", flat=True)
        return Response(yaml_text(manifests(cluster_name=cluster.name, namespaces=namespaces)))

    def get_renderers(self) -> list[Any]:
        if getattr(self, "action", "") == "rbac":
            return [YAMLRenderer()]
        return [JSONRenderer()]

    def _move(self, request: Request, action: Any, *, show: bool = True) -> Response:
        cluster = self.find()
        action(cluster=cluster, version=matching(request, cluster.version), **by(request))
        return self.show_one(cluster.pk) if show else Response(status=204)


def _source(row: Row) -> Row | None:
    found = {name: row[f"metrics_source__{name}"] for name in _OF_SOURCE}
    if found["url"] is None:
        return None
    found["has_token"] = bool(found.pop("key_id"))
    found["problem"] = reason(found.pop("problem_code"), found.pop("problem_params"))
    return found
