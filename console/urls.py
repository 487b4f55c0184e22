"""Where each door stands."""

from django.contrib import admin
from django.urls import include, path

from inference.api.documents import problem_type
from inference.api.operations import healthz, metrics

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("api/v1/", include("inference.api.urls")),
    path("problems/<slug:code>", problem_type, name="problem-type"),
    path("admin/", admin.site.urls),
]
