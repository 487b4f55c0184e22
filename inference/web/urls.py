"""Addresses of pages: plural, kebab-case; names for what people see, numbers for history."""

from django.urls import path

from inference.web import (
    allowances,
    audit_events,
    change_requests,
    clusters,
    hardware_pools,
    overview,
    people,
    revising,
    routes,
    search,
    served_models,
    sessions,
    teams,
    tokens,
    trying,
)

app_name = "web"
urlpatterns = [
    path("", overview.overview, name="home"),
    path("sign-in/", sessions.sign_in, name="sign-in"),
    path("sign-out/", sessions.sign_out, name="sign-out"),
    path("theme/", sessions.set_theme, name="theme"),
    path("search/", search.search, name="search"),
    path("change-requests/", change_requests.change_request_list, name="change-request-list"),
    path(
        "change-requests/<number:number>/",
        change_requests.change_request_detail,
        name="change-request-detail",
    ),
    path(
        "change-requests/<number:number>/steps/<number:ordinal>/",
        change_requests.change_request_step,
        name="change-request-step",
    ),
    path(
        "change-requests/<number:number>/edits/<number:ordinal>/",
        revising.change_request_edit,
        name="change-request-edit",
    ),
    path(
        "change-requests/<number:number>/submit/",
        change_requests.change_request_submit,
        name="change-request-submit",
    ),
    path(
        "change-requests/<number:number>/cancel/",
        change_requests.change_request_cancel,
        name="change-request-cancel",
    ),
    path(
        "change-requests/<number:number>/retry/",
        change_requests.change_request_retry,
        name="change-request-retry",
    ),
    path(
        "change-requests/<number:number>/<code:verdict>/",
        change_requests.change_request_decide,
        name="change-request-decide",
    ),
    path("served-models/", served_models.served_model_list, name="served-model-list"),
    path("served-models/new/", served_models.served_model_new, name="served-model-new"),
    path(
        "served-models/<name:team>/<name:name>/",
        served_models.served_model_detail,
        name="served-model-detail",
    ),
    path(
        "served-models/<name:team>/<name:name>/edit/",
        served_models.served_model_edit,
        name="served-model-edit",
    ),
    path(
        "served-models/<name:team>/<name:name>/delete/",
        served_models.served_model_delete,
        name="served-model-delete",
    ),
    path(
        "served-models/<name:team>/<name:name>/drift/",
        served_models.served_model_drift,
        name="served-model-drift",
    ),
    path("hardware-pools/", hardware_pools.hardware_pool_list, name="hardware-pool-list"),
    path("hardware-pools/new/", hardware_pools.hardware_pool_new, name="hardware-pool-new"),
    path(
        "hardware-pools/<name:team>/<name:name>/",
        hardware_pools.hardware_pool_detail,
        name="hardware-pool-detail",
    ),
    path(
        "hardware-pools/<name:team>/<name:name>/edit/",
        hardware_pools.hardware_pool_edit,
        name="hardware-pool-edit",
    ),
    path(
        "hardware-pools/<name:team>/<name:name>/delete/",
        hardware_pools.hardware_pool_delete,
        name="hardware-pool-delete",
    ),
    path("routes/", routes.route_list, name="route-list"),
    path("routes/new/", routes.route_new, name="route-new"),
    path(
        "routes/<name:team>/<name:name>/",
        routes.route_detail,
        name="route-detail",
    ),
    path(
        "routes/<name:team>/<name:name>/edit/",
        routes.route_edit,
        name="route-edit",
    ),
    path("routes/<name:team>/<name:name>/drift/", routes.route_drift, name="route-drift"),
    path("routes/<name:team>/<name:name>/try/", trying.route_try, name="route-try"),
    path("routes/<name:team>/<name:name>/call/", trying.route_call, name="route-call"),
    path(
        "routes/<name:team>/<name:name>/delete/",
        routes.route_delete,
        name="route-delete",
    ),
    path("clusters/", clusters.cluster_list, name="cluster-list"),
    path("connect/", clusters.cluster_new, name="cluster-new"),
    path("clusters/<name:cluster>/", clusters.cluster_detail, name="cluster-detail"),
    path("clusters/<name:cluster>/rbac/", clusters.cluster_rbac, name="cluster-rbac"),
    path("clusters/<name:cluster>/<code:deed>/", clusters.cluster_do, name="cluster-do"),
    path("audit-events/", audit_events.audit_event_list, name="audit-event-list"),
    path("settings/tokens/", tokens.token_list, name="token-list"),
    path("settings/tokens/<uuid:token>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("settings/people/", people.person_list, name="person-list"),
    path("settings/people/<username:username>/", people.person_change, name="person-change"),
    path("settings/teams/", teams.team_list, name="team-list"),
    path("settings/teams/<name:team>/", teams.team_detail, name="team-detail"),
    path(
        "settings/teams/<name:team>/roles/<number:number>/remove/",
        teams.role_remove,
        name="role-remove",
    ),
    path("settings/allowances/", allowances.allowance_list, name="allowance-list"),
    path(
        "settings/allowances/<code:what>/<str:key>/remove/",
        allowances.allowance_remove,
        name="allowance-remove",
    ),
]
