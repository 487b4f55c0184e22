"""Addresses of pages: plural, kebab-case; names for what people see, numbers for history."""

from django.urls import path
from django.views.generic import RedirectView

from inference.web import change_requests, search, sessions

app_name = "web"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="web:change-request-list"), name="home"),
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
]
