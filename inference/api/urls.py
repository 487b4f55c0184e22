"""Every address of the REST door, and what is offered there."""

from typing import Any

from django.urls import path, re_path

from inference.api.audit_events import AuditEvents
from inference.api.change_requests import ChangeRequests
from inference.api.clusters import Clusters
from inference.api.documents import Nowhere, OpenAPI
from inference.api.egress_ranges import EgressRanges
from inference.api.environment_rules import EnvironmentRules
from inference.api.gateways import Gateways
from inference.api.grants import Grants
from inference.api.hardware_pools import HardwarePools
from inference.api.me import MyAccount
from inference.api.memberships import Memberships
from inference.api.observed import DesiredObjects, Inventories, LiveObjects, Readings
from inference.api.people import People
from inference.api.plans import CurrentPlan, Decisions, Steps
from inference.api.pushes import Outcomes, Pushes
from inference.api.routes import Routes
from inference.api.served_models import ServedModels
from inference.api.teams import Teams
from inference.api.tokens import Tokens

app_name = "api"

LIST: dict[str, Any] = {"get": "list"}
LIST_AND_CREATE: dict[str, Any] = {"get": "list", "post": "create"}
SHOW: dict[str, Any] = {"get": "retrieve"}

_accounts = [
    path("me/", MyAccount.as_view(SHOW), name="me"),
    path("teams/", Teams.as_view(LIST_AND_CREATE), name="team-list"),
    path(
        "teams/<name:name>/",
        Teams.as_view({**SHOW, "patch": "partial_update"}),
        name="team-detail",
    ),
    path("people/", People.as_view(LIST_AND_CREATE), name="person-list"),
    path(
        "people/<username:username>/",
        People.as_view({**SHOW, "patch": "partial_update"}),
        name="person-detail",
    ),
    path("memberships/", Memberships.as_view(LIST), name="membership-list"),
    path(
        "memberships/<name:team>/<username:username>/<environment:environment>/",
        Memberships.as_view({**SHOW, "put": "update", "delete": "destroy"}),
        name="membership-detail",
    ),
    path("environment-rules/", EnvironmentRules.as_view(LIST), name="environment-rule-list"),
    path(
        "environment-rules/<environment:environment>/",
        EnvironmentRules.as_view({"put": "update"}),
        name="environment-rule-detail",
    ),
    path("tokens/", Tokens.as_view(LIST_AND_CREATE), name="token-list"),
    path("tokens/<uuid:id>/", Tokens.as_view(SHOW), name="token-detail"),
    path("tokens/<uuid:id>/revoke/", Tokens.as_view({"post": "revoke"}), name="token-revoke"),
]
_clusters = [
    path("clusters/", Clusters.as_view(LIST_AND_CREATE), name="cluster-list"),
    path(
        "clusters/<name:name>/",
        Clusters.as_view({**SHOW, "patch": "partial_update"}),
        name="cluster-detail",
    ),
    *(
        path(
            f"clusters/<name:name>/{verb}/",
            Clusters.as_view({"post": verb.replace("-", "_")}),
            name=f"cluster-{verb}",
        )
        for verb in ("replace-credential", "probe", "hold", "resume", "remove")
    ),
    path(
        "clusters/<name:name>/metrics-source/",
        Clusters.as_view({"put": "enter_metrics_source", "delete": "remove_metrics_source"}),
        name="cluster-metrics-source",
    ),
    path(
        "clusters/<name:name>/metrics-source/check/",
        Clusters.as_view({"post": "check_metrics_source"}),
        name="cluster-metrics-source-check",
    ),
    path(
        "clusters/<name:name>/capabilities/",
        Clusters.as_view({"get": "capabilities"}),
        name="cluster-capabilities",
    ),
    path("clusters/<name:name>/rbac/", Clusters.as_view({"get": "rbac"}), name="cluster-rbac"),
    path("grants/", Grants.as_view(LIST_AND_CREATE), name="grant-list"),
    path(
        "grants/<uuid:id>/",
        Grants.as_view({**SHOW, "put": "update", "delete": "destroy"}),
        name="grant-detail",
    ),
    path("gateways/", Gateways.as_view(LIST_AND_CREATE), name="gateway-list"),
    path(
        "gateways/<uuid:id>/",
        Gateways.as_view({**SHOW, "put": "update", "delete": "destroy"}),
        name="gateway-detail",
    ),
    path("egress-ranges/", EgressRanges.as_view(LIST_AND_CREATE), name="egress-range-list"),
    path(
        "egress-ranges/<number:number>/",
        EgressRanges.as_view({**SHOW, "delete": "destroy"}),
        name="egress-range-detail",
    ),
]
_definitions = [
    pattern
    for noun, view in (
        ("hardware-pool", HardwarePools),
        ("served-model", ServedModels),
        ("route", Routes),
    )
    for pattern in (
        path(f"{noun}s/", view.as_view(LIST), name=f"{noun}-list"),
        path(f"{noun}s/<name:team>/<name:name>/", view.as_view(SHOW), name=f"{noun}-detail"),
        path(
            f"{noun}s/<name:team>/<name:name>/export/",
            view.as_view({"get": "export"}),
            name=f"{noun}-export",
        ),
    )
]
_changes = [
    path("change-requests/", ChangeRequests.as_view(LIST_AND_CREATE), name="change-request-list"),
    path(
        "change-requests/<number:number>/",
        ChangeRequests.as_view(SHOW),
        name="change-request-detail",
    ),
    path(
        "change-requests/<number:number>/edits/",
        ChangeRequests.as_view({"get": "edits", "put": "revise"}),
        name="change-request-edits",
    ),
    *(
        path(
            f"change-requests/<number:number>/{verb}/",
            ChangeRequests.as_view({"post": verb.replace("-", "_")}),
            name=f"change-request-{verb}",
        )
        for verb in ("submit", "approve", "request-changes", "reject", "cancel", "retry")
    ),
    path(
        "change-requests/<number:number>/plan/",
        CurrentPlan.as_view(SHOW),
        name="change-request-plan",
    ),
    path(
        "change-requests/<number:number>/steps/",
        Steps.as_view(LIST),
        name="change-request-step-list",
    ),
    path(
        "change-requests/<number:number>/steps/<number:ordinal>/",
        Steps.as_view(SHOW),
        name="change-request-step-detail",
    ),
    path(
        "change-requests/<number:number>/decisions/",
        Decisions.as_view(LIST),
        name="change-request-decision-list",
    ),
]
_delivery = [
    path("pushes/", Pushes.as_view(LIST), name="push-list"),
    path("pushes/<number:number>/", Pushes.as_view(SHOW), name="push-detail"),
    path("pushes/<number:number>/outcomes/", Outcomes.as_view(LIST), name="push-outcome-list"),
    path("desired-objects/", DesiredObjects.as_view(LIST), name="desired-object-list"),
    path(
        "desired-objects/<number:number>/",
        DesiredObjects.as_view(SHOW),
        name="desired-object-detail",
    ),
    path("inventory/", Inventories.as_view(LIST), name="inventory-list"),
    path("inventory/<number:number>/", Inventories.as_view(SHOW), name="inventory-detail"),
    path("live-objects/", LiveObjects.as_view(LIST), name="live-object-list"),
    path("live-objects/<number:number>/", LiveObjects.as_view(SHOW), name="live-object-detail"),
    path("readings/", Readings.as_view(LIST), name="reading-list"),
    path("audit-events/", AuditEvents.as_view(LIST), name="audit-event-list"),
    path("audit-events/<uuid:id>/", AuditEvents.as_view(SHOW), name="audit-event-detail"),
]
_documents = [
    path("openapi.json", OpenAPI.as_view({"get": "as_json"}), name="openapi-json"),
    path("openapi.yaml", OpenAPI.as_view({"get": "as_yaml"}), name="openapi-yaml"),
    re_path(r"", Nowhere.as_view(), name="nowhere"),
]

urlpatterns = [*_accounts, *_clusters, *_definitions, *_changes, *_delivery, *_documents]
